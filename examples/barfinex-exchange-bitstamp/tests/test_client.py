"""REST on the emulator: readiness, instruments, prices, candles, books, refusals."""

import json
from itertools import pairwise

import frames
import pytest
import venue
from barfinex_exchange_bitstamp import create_connector
from barfinex_exchange_bitstamp.client import BitstampClientService
from barfinex_exchange_bitstamp.emulator.pairs import Pairs
from barfinex_exchange_bitstamp.emulator.rest import Rest
from barfinex_exchange_bitstamp.history import decode_candles
from barfinex_exchange_bitstamp.market import BitstampMarketApi
from barfinex_exchange_bitstamp.truth import BitstampTruth

from catalog.model import MarketType
from connectors.contracts.credentials import Credentials
from connectors.contracts.errors import (
    BadRequest,
    NotSupported,
    NotYetImplemented,
    RateLimited,
    UnknownSymbol,
    UnsupportedMarket,
    UnsupportedTimeFrame,
    UsageError,
)
from connectors.contracts.timeframes import TimeFrame
from connectors.emulator.toolkit import ManualClock, Market, Request, Rule, pass_time

START = 1_790_000_123_456


async def test_the_instruments_are_the_emulators_and_any_spelling_finds_them():
    async with venue.connected() as (emulator, bundle):
        client = bundle.client
        assert set(client.instruments) == set(emulator.market.listings)
        for spelling in ("btcusdt", "BTC/USDT", "btc_usdt", "BTCUSDT"):
            assert client.instrument(spelling).venue_symbol == "btcusdt"
        with pytest.raises(UnknownSymbol):
            client.instrument("BTCUSD")
        listed = emulator.market.listings["ETHBTC"].instrument
        found = client.instrument("ETHBTC")
        assert (found.tick_size, found.lot_size) == (listed.tick, listed.lot)


async def test_prices_are_those_of_the_market():
    async with venue.connected(drive=False, clock=ManualClock(START)) as (emulator, bundle):
        prices = await bundle.market_api.get_prices()
        assert set(prices) == set(emulator.market.listings)
        listing, price = emulator.market.listings["BTCUSDT"], prices["BTCUSDT"]
        assert price.price == pytest.approx(float(listing.instrument.price(listing.last_price)))
        assert price.bid is not None
        assert price.ask is not None
        assert price.bid < price.ask


async def test_candles_are_paged_backwards_without_a_hole():
    async with venue.connected(drive=False, clock=ManualClock(START)) as (emulator, bundle):
        instrument = bundle.client.instrument("BTCUSDT")
        before = emulator.requests
        candles = await bundle.market_api.get_candles(instrument, TimeFrame.M1, limit=2_300)
        assert emulator.requests - before == 3
        assert len(candles) == 2_300
        assert {later.timestamp - earlier.timestamp for earlier, later in pairwise(candles)} == {60_000}
        assert candles[-1].timestamp <= START < candles[-1].timestamp + 60_000
        end = candles[-3].timestamp + 59_999
        ended = await bundle.market_api.get_candles(instrument, TimeFrame.M1, limit=10, end_time=end)
        assert list(ended) == list(candles[-12:-2])
        assert await bundle.market_api.get_candles(instrument, TimeFrame.M1, limit=0) == []
        with pytest.raises(UnsupportedTimeFrame):
            await bundle.market_api.get_candles(instrument, TimeFrame.W1)


def test_a_candle_is_open_until_its_time_is_over():
    for past, closed in (
        (None, [True, False]),
        (1593961559_998, [True, False]),
        (1593961559_999, [True, True]),
    ):
        candles = decode_candles(frames.OHLC, TimeFrame.M1, past)
        assert [candle.closed for candle in candles] == closed


async def test_the_last_trade_is_remembered_when_the_minute_is_over():
    async with venue.connected(drive=False, clock=ManualClock(START)) as (emulator, bundle):
        client, market_api = bundle.client, bundle.market_api
        assert isinstance(client, BitstampClientService)
        assert isinstance(market_api, BitstampMarketApi)
        truth = BitstampTruth(client, market_api)
        last = emulator.market.listings["BTCUSDT"].tape.trades[-1].id
        assert await truth.last_trade("BTCUSDT") == last
        emulator.market.rate = 0
        pass_time(emulator, 600_000)
        emulator.market.listings["BTCUSDT"].tape.trades.clear()
        assert await truth.last_trade("BTCUSDT") == last
        assert await BitstampTruth(client, market_api).last_trade("BTCUSDT") == -1


async def test_too_many_requests_are_told():
    async with venue.connected() as (emulator, bundle):
        emulator.inject(Rule("status", status=429, retry_after=60))
        with pytest.raises(RateLimited) as told:
            await bundle.market_api.get_prices()
        assert told.value.retry_after is not None
        assert 0 < told.value.retry_after <= 60


@pytest.mark.parametrize(
    ("path", "said"), [("/ohlc/btcusdt/", "valid choice"), ("/ohlc/no/", "no such market")]
)
async def test_a_call_that_the_venue_does_not_take_is_told_in_its_words(path: str, said: str):
    async with venue.connected() as (_, bundle):
        assert isinstance(bundle.client, BitstampClientService)
        with pytest.raises(BadRequest, match=said):
            await bundle.client.get(path, (("step", "61"), ("limit", "10")))


async def test_what_it_does_not_do_is_refused_by_name():
    async with venue.connected() as (emulator, bundle):
        before = emulator.requests
        with pytest.raises(NotSupported):
            bundle.client.set_credentials(Credentials({"apiKey": "k"}))
        with pytest.raises(NotYetImplemented):
            await bundle.account_api.get_assets_info()
        with pytest.raises(NotYetImplemented):
            await bundle.order_api.get_open_orders()
        assert emulator.requests == before
    with pytest.raises(UnsupportedMarket):
        create_connector(venue.context({}, MarketType.FUTURES))
    for endpoints in ({}, {"rest": "http://127.0.0.1:1"}, {"ws": "ws://127.0.0.1:1"}):
        with pytest.raises(UsageError):
            create_connector(venue.context(endpoints))


def test_a_book_says_the_moment_of_its_market_not_that_of_the_clock():
    market = Market(seed=7, start=START)
    rest = Rest(Pairs(market), ManualClock(START + 60_000))
    answer = rest.answer(Request("GET", "/api/v2/order_book/btcusdt/", "", b"", {}, "127.0.0.1"))
    assert json.loads(answer.body)["microtimestamp"] == str(START * 1_000)
