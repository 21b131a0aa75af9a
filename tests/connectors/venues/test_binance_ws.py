"""Binance's streams against the emulator, over real sockets, with the emulator's own books as the oracle."""

import asyncio
from collections import deque

import pytest

from catalog.model import MarketType
from connectors.contracts import (
    BookState,
    CandleOptions,
    Credentials,
    PriceOptions,
    StreamOptions,
    TimeFrame,
    Trade,
    TradeOptions,
)
from connectors.contracts.errors import (
    MissingCredentials,
    SubscriptionFailed,
    UnknownSymbol,
    UnsupportedMarket,
)
from connectors.emulator.accounts import TRADE_KEY, TRADE_SECRET
from connectors.emulator.faults import Rule
from connectors.emulator.testing import running_emulator
from connectors.streaming.settings import SessionSettings
from tests.connectors.emulator.support import rest_client, signed
from tests.connectors.streaming.scripted import until
from tests.connectors.venues.binance_rig import SPOT, advance, connector_on, is_true, truth


async def test_every_stream_flows():
    async with running_emulator(rate=10.0) as emulator, connector_on(emulator) as connector:
        trades, candles, prices, lists, all_prices = [], [], [], [], set()
        instruments = connector.instruments("BTCUSDT", "ETHUSDT")
        await connector.watch_books("BTCUSDT", "ETHUSDT")
        ends = [
            await connector.ws.subscribe_to_trade(
                TradeOptions(market_type=SPOT, instruments=instruments), trades.append
            ),
            await connector.ws.subscribe_to_candles(
                CandleOptions(market_type=SPOT, instruments=instruments, interval=TimeFrame.S1),
                candles.append,
            ),
            await connector.ws.subscribe_to_instrument_prices(
                PriceOptions(market_type=SPOT, symbols=["btc/usdt"]), prices.append
            ),
            await connector.ws.subscribe_to_instrument_prices(
                PriceOptions(market_type=SPOT), lambda price: all_prices.add(price.symbol)
            ),
            await connector.ws.subscribe_to_instruments(StreamOptions(market_type=SPOT), lists.append),
        ]
        await connector.synced("BTCUSDT", "ETHUSDT")
        await until(lambda: trades and candles and prices and len(all_prices) > 1)
        assert len(lists) == 1
        assert prices[0].symbol == "BTCUSDT"
        assert {candle.interval for candle in candles} == {"1s"}
        assert len(connector.ws.health()) == 1
        for end in ends:
            await end()
            await end()
        seen = len(trades)
        version = connector.books["BTCUSDT"].version
        await until(lambda: connector.books["BTCUSDT"].version > version + 2)
        assert len(trades) == seen
        wanted = {one.channel for one in connector.ws.health()[0].subscriptions}
        assert wanted == {"btcusdt@depth@100ms", "ethusdt@depth@100ms"}


async def test_two_consumers_share_one_stream_and_one_that_raises_does_not_rob_the_other():
    async with running_emulator(rate=10.0) as emulator, connector_on(emulator) as connector:
        options = TradeOptions(market_type=SPOT, instruments=connector.instruments("BTCUSDT"))
        seen: list[Trade] = []

        def fails(trade: Trade) -> None:
            raise RuntimeError("a consumer's fault")

        first = await connector.ws.subscribe_to_trade(options, fails)
        second = await connector.ws.subscribe_to_trade(options, seen.append)
        await until(lambda: len(seen) > 2)
        health = connector.ws.health()[0]
        assert len(health.subscriptions) == 1
        assert health.dropped >= 2
        await first()
        count = len(seen)
        await until(lambda: len(seen) > count)
        await second()
        assert connector.ws.health()[0].subscriptions == []


async def test_what_cannot_be_subscribed_to_is_refused_with_its_name():
    async with running_emulator() as emulator, connector_on(emulator) as connector:
        with pytest.raises(UnknownSymbol, match="NOSUCH"):
            await connector.ws.subscribe_to_instrument_prices(
                PriceOptions(market_type=SPOT, symbols=["NOSUCH"]), lambda price: None
            )
        with pytest.raises(UnsupportedMarket):
            await connector.ws.subscribe_to_trade(
                TradeOptions(market_type=MarketType.FUTURES, instruments=[]), lambda trade: None
            )
        with pytest.raises(MissingCredentials):
            await connector.ws.subscribe_to_account(StreamOptions(market_type=SPOT), lambda update: None)
        assert connector.ws.health() == []


async def test_a_venue_that_is_gone_fails_the_subscription_in_time():
    async with running_emulator() as emulator:
        settings = SessionSettings(subscribe_timeout=0.3, backoff_base=0.02)
        async with connector_on(emulator, settings=settings) as connector:
            await emulator.stop()
            with pytest.raises(SubscriptionFailed, match="no acknowledgement in time"):
                await connector.watch_trades("BTCUSDT", [])


async def test_the_account_streams_its_changes():
    async with running_emulator() as emulator, connector_on(emulator) as connector:
        connector.client.set_credentials(Credentials({"apiKey": TRADE_KEY, "apiSecret": TRADE_SECRET}))
        updates = []
        end = await connector.ws.subscribe_to_account(StreamOptions(market_type=SPOT), updates.append)
        names = [health.name for health in connector.ws.health()]
        assert names == ["binance-spot-account-1"]
        query, headers = signed(emulator, symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.01")
        async with rest_client(emulator) as rest:
            placed = await rest.post(f"/api/v3/order?{query}", headers=headers)
        assert placed.json()["status"] == "FILLED"
        await until(lambda: updates)
        account = emulator.market.accounts.key(TRADE_KEY).account
        balances = {balance.currency: balance.free for balance in updates[-1].assets}
        assert balances == {asset: account.holding(asset).free for asset in ("BTC", "USDT")}
        await end()


async def test_streams_come_back_by_themselves_when_the_venue_returns_on_the_same_port():
    async with running_emulator(rate=10.0) as first, connector_on(first) as connector:
        trades: list[Trade] = []
        await connector.watch_books("BTCUSDT")
        await connector.watch_trades("BTCUSDT", trades)
        await connector.synced("BTCUSDT")
        await until(lambda: trades)
        await first.stop()
        await until(lambda: connector.books["BTCUSDT"].state is BookState.STALE)
        assert connector.ws.health()[0].state == "RECONNECTING"
        assert "reconnecting" in connector.kinds
        # The same market, whose trades have the numbers of the one before.
        async with running_emulator(rate=10.0, port=first.port) as second:
            connector.emulator = second
            seen = len(trades)
            await connector.synced("BTCUSDT")
            await until(lambda: len(trades) > seen)
            assert connector.ws.health()[0].state == "CONNECTED"
            assert connector.ws.health()[0].reconnects >= 1


async def test_a_shutdown_notice_rotates_without_losing_or_repeating_a_trade():
    async with running_emulator(rate=20.0, drive=False) as emulator, connector_on(emulator) as connector:
        trades: list[Trade] = []
        await connector.watch_trades("BTCUSDT", trades)
        await connector.watch_books("BTCUSDT")
        await connector.synced("BTCUSDT")
        for turn in range(1, 4):
            emulator.inject(Rule("shutdown", milliseconds=3_000))
            async with asyncio.timeout(5):
                while connector.kinds.count("rotated") < 2 * turn:
                    await advance(emulator, 1)
            await advance(emulator, 10)
        await is_true(connector, "BTCUSDT")
        numbers = [int(trade.trade_id) for trade in trades]
        assert len(numbers) > 30
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        assert set(connector.kinds) == {"connected", "rotated"}


async def test_a_gap_resyncs_that_symbol_alone():
    async with (
        running_emulator(rate=10.0, drive=False) as emulator,
        connector_on(emulator) as connector,
    ):
        await connector.watch_books("BTCUSDT", "ETHUSDT")
        await connector.synced("BTCUSDT", "ETHUSDT")
        await advance(emulator, 5)
        emulator.inject(Rule("drop", target="btcusdt@depth*", count=1))
        await advance(emulator, 20)
        await until(lambda: "resynced" in connector.kinds)
        await is_true(connector, "BTCUSDT")
        await is_true(connector, "ETHUSDT")
        assert {event.symbol for event in connector.statuses if event.kind in ("gap", "resynced")} == {
            "BTCUSDT"
        }


async def test_a_stalled_book_is_stale_until_data_flows_and_a_quiet_one_is_not():
    async with (
        running_emulator(rate=10.0, drive=False) as emulator,
        connector_on(emulator, silence=0.1) as connector,
    ):
        await connector.watch_books("BTCUSDT", "ETHUSDT")
        await connector.synced("BTCUSDT", "ETHUSDT")
        await advance(emulator, 5)
        requests = emulator.requests
        await until(lambda: emulator.requests >= requests + 4)
        assert "stale" not in connector.kinds
        stall = emulator.inject(Rule("drop", target="btcusdt@depth*"))
        async with asyncio.timeout(10):
            while "stale" not in connector.kinds:
                await advance(emulator, 1)
                await asyncio.sleep(0.01)
        assert {event.symbol for event in connector.statuses if event.kind == "stale"} == {"BTCUSDT"}
        assert stall.injected
        assert connector.books["BTCUSDT"].state is BookState.STALE
        assert connector.ws.health()[0].state == "CONNECTED"
        emulator.faults.clear()
        async with asyncio.timeout(10):
            while "live" not in connector.kinds:
                await advance(emulator, 1)
                await asyncio.sleep(0.01)
        await connector.synced("BTCUSDT")
        await advance(emulator, 1)
        await is_true(connector, "BTCUSDT")


FAULTS = [
    Rule("drop", target="*@depth*", probability=0.2),
    Rule("repeat", target="*@depth*", probability=0.3),
    Rule("reorder", target="*@depth*", probability=0.2),
    Rule("alter", target="*@depth*", probability=0.2, field="u", value=1),
    Rule("alter", target="*@depth*", probability=0.2, field="b", value=[["nan", "1"]]),
    Rule("malformed", target="*@depth*", probability=0.1, payload='{"stream":"btcusdt@depth@100ms","data":{'),
    Rule("oversized", target="*@depth*", probability=0.02, size=300_000),
    Rule("garbage", target="*@depth*", probability=0.03),
    Rule("abort", target="*@depth*", probability=0.03),
    Rule("close", target="*@depth*", probability=0.03),
    Rule("status", target="/api/v3/depth", probability=0.5, status=503),
    Rule("status", target="/api/v3/depth", probability=0.5, status=429, retry_after=0),
    Rule("late", target="/api/v3/depth", probability=0.5, milliseconds=50),
    Rule("reset", target="/api/v3/depth", probability=0.5),
]


@pytest.mark.parametrize("rule", FAULTS, ids=lambda rule: f"{rule.kind}-{rule.field or rule.status}")
async def test_whatever_goes_wrong_no_wrong_book_is_read_as_synced(rule):
    async with (
        running_emulator(rate=10.0, drive=False, seed=7) as emulator,
        connector_on(emulator) as connector,
    ):
        right: dict[int, tuple] = {}
        publish = emulator.market.on_book

        def remember(listing) -> None:
            if listing.instrument.symbol == "BTCUSDT":
                at, *sides = truth(emulator, "BTCUSDT", 5)
                right[at] = tuple(sides)
            publish(listing)

        emulator.market.on_book = remember
        await connector.watch_books("BTCUSDT")
        await connector.synced("BTCUSDT")
        checked: deque[int] = deque()

        def check() -> None:
            view = connector.books["BTCUSDT"].view(5)
            if view.state is BookState.SYNCED and view.sequence in right:
                assert (view.bids, view.asks) == right[view.sequence]
                checked.append(view.sequence)

        armed = emulator.inject(rule)
        for step in range(60):
            await advance(emulator, 1)
            check()
            if rule.target.startswith("/") and step % 15 == 0:
                emulator.inject(Rule("drop", target="*@depth*", count=1))
            await asyncio.sleep(0.005)
        emulator.faults.clear()
        assert armed.injected
        await connector.synced("BTCUSDT")
        await advance(emulator, 3)
        await connector.synced("BTCUSDT")
        await is_true(connector, "BTCUSDT")
        check()
        assert checked
