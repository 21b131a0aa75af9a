"""The REST side of the connector on the local exchange, well-behaved and not."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from catalog.model import MarketType
from connectors.contracts import ConnectorContext, Credentials, TimeFrame
from connectors.contracts.errors import AuthenticationFailed, RateLimited, VenueUnavailable
from connectors.emulator.accounts import (
    READ_ONLY_KEY,
    READ_ONLY_SECRET,
    TRADE_KEY,
    TRADE_SECRET,
    WITHDRAW_KEY,
    WITHDRAW_SECRET,
)
from connectors.emulator.faults import Rule
from connectors.emulator.server import Emulator, EmulatorOptions
from connectors.venues.binance.account import BinanceAccountApi
from connectors.venues.binance.client import BinanceClientService
from connectors.venues.binance.market import BinanceMarketApi


@asynccontextmanager
async def connected(
    key: str = TRADE_KEY, secret: str = TRADE_SECRET
) -> AsyncIterator[tuple[BinanceClientService, Emulator]]:
    async with Emulator("binance", EmulatorOptions(seed=7)) as emulator:
        client = BinanceClientService(
            ConnectorContext(
                connector_type="binance",
                market_type=MarketType.SPOT,
                environment="local",
                endpoints=emulator.endpoints,
            )
        )
        client.set_credentials(Credentials({"apiKey": key, "apiSecret": secret}))
        try:
            yield client, emulator
        finally:
            await client.close()


async def test_market_data_agrees_with_itself() -> None:
    async with connected() as (client, _):
        await client.ensure_ready()
        market = BinanceMarketApi(client)
        instrument = client.instrument("btc/usdt")
        assert instrument.tick_size is not None
        prices = await market.get_prices()
        assert set(prices) <= set(client.instruments)
        book = await market.get_depth(instrument, 100)
        assert book.bids == sorted(book.bids, reverse=True)
        assert book.asks == sorted(book.asks)
        assert book.bids[0][0] < book.asks[0][0]
        candles = await market.get_candles(instrument, TimeFrame.M1, limit=1_200)
        times = [candle.timestamp for candle in candles]
        assert times == list(range(times[0], times[0] + 1_200 * 60_000, 60_000))
        assert [candle.closed for candle in candles] == [True] * 1_199 + [False]
        assert abs(candles[-1].close / prices["BTCUSDT"].price - 1) < 0.05


@pytest.mark.parametrize(
    ("key", "secret", "trade", "withdraw"),
    [
        (TRADE_KEY, TRADE_SECRET, True, False),
        (READ_ONLY_KEY, READ_ONLY_SECRET, False, False),
        (WITHDRAW_KEY, WITHDRAW_SECRET, True, True),
    ],
)
async def test_what_each_key_may_do(key: str, secret: str, trade: bool, withdraw: bool) -> None:
    async with connected(key, secret) as (client, _):
        account = BinanceAccountApi(client)
        info = await account.get_account_info()
        assert (info.can_read, info.can_trade, info.can_withdraw) == (True, trade, withdraw)
        assert info.ip_restricted is not None
        assert {balance.currency for balance in (await account.get_assets_info()).assets} >= {"USDT", "BTC"}


@pytest.mark.parametrize(
    ("key", "secret", "said"),
    [
        (TRADE_KEY, "wrong", "secret does not belong"),
        ("nobody", TRADE_SECRET, "live and testnet keys differ"),
        ("not/a/key", TRADE_SECRET, "malformed"),
    ],
)
async def test_a_refused_key_says_what_may_be_wrong(key: str, secret: str, said: str) -> None:
    async with connected(key, secret) as (client, _):
        with pytest.raises(AuthenticationFailed, match=said):
            await BinanceAccountApi(client).get_account_info()


async def test_a_clock_that_steps_is_followed() -> None:
    async with connected() as (client, emulator):
        account = BinanceAccountApi(client)
        await account.get_account_info()
        for step in (3_600_000, -3_600_000):
            emulator.inject(Rule(kind="clock", milliseconds=step))
            await account.get_account_info()
            assert abs(client.now_ms() - emulator.clock.now() - step) < 1_000


async def test_a_short_fault_is_ridden_out_and_a_long_one_reported() -> None:
    async with connected() as (client, emulator):
        await client.ensure_ready()
        market = BinanceMarketApi(client)
        emulator.inject(Rule(kind="status", target="/api/v3/ticker/24hr", status=503, count=1))
        emulator.inject(Rule(kind="reset", target="/api/v3/depth", count=1))
        assert await market.get_prices()
        assert (await market.get_depth(client.instrument("BTCUSDT"))).bids
        emulator.inject(Rule(kind="status", target="/api/v3/ticker/24hr", status=502))
        with pytest.raises(VenueUnavailable):
            await market.get_prices()


@pytest.mark.parametrize(("status", "banned"), [(429, False), (418, True)])
async def test_a_limit_stops_every_call_until_it_is_over(status: int, banned: bool) -> None:
    async with connected() as (client, emulator):
        await client.ensure_ready()
        market = BinanceMarketApi(client)
        emulator.inject(Rule(kind="status", target="/api/v3/depth", status=status, retry_after=60))
        with pytest.raises(RateLimited):
            await market.get_depth(client.instrument("BTCUSDT"))
        answered = emulator.requests
        with pytest.raises(RateLimited) as refused:
            await market.get_prices()
        assert refused.value.banned is banned
        assert refused.value.retry_after == pytest.approx(60, abs=2)
        assert emulator.requests == answered


async def test_the_budget_counts_as_the_venue_does() -> None:
    async with connected() as (client, _):
        await client.ensure_ready()
        market = BinanceMarketApi(client)
        before = client.client_health().budgets[0].used
        await market.get_prices()
        await market.get_depth(client.instrument("BTCUSDT"), 5_000)
        assert client.client_health().budgets[0].used - before == 80 + 250
