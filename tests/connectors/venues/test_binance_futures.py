"""USD-M futures on the emulator, over real sockets, with the emulator's own books as the oracle."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import pytest

from catalog.model import MarketType
from connectors.contracts import (
    AccountUpdate,
    BookState,
    Candle,
    CandleOptions,
    ConnectorContext,
    Credentials,
    ExchangeConnectorBundle,
    LiveBook,
    OrderBookOptions,
    Price,
    PriceOptions,
    StreamOptions,
    StreamStatus,
    TimeFrame,
    Trade,
    TradeOptions,
)
from connectors.contracts.errors import (
    AuthenticationFailed,
    MissingCredentials,
    NotYetImplemented,
    UnsupportedMarket,
    UnsupportedTimeFrame,
)
from connectors.emulator.accounts import READ_ONLY_KEY, READ_ONLY_SECRET, TRADE_KEY, TRADE_SECRET
from connectors.emulator.binance.usdm.prices import FUNDING_MS
from connectors.emulator.clock import Clock, ManualClock
from connectors.emulator.emulator import Emulator
from connectors.emulator.faults import Rule
from connectors.emulator.testing import pass_time, running_emulator
from connectors.runtime.market_endpoints import of_market
from connectors.venues.binance import create_connector
from connectors.venues.binance.client import BinanceClientService
from connectors.venues.binance.listen_key import ListenKey
from connectors.venues.binance.ws import BinanceWsManager
from tests.connectors.streaming.scripted import until
from tests.connectors.venues.binance_rig import QUICK, QUICK_BOOKS, truth

FUTURES = MarketType.FUTURES
DATED = "BTCUSDT_"


class Setting:
    def __init__(self, emulator: Emulator, bundle: ExchangeConnectorBundle) -> None:
        self.emulator = emulator
        self.bundle = bundle
        assert isinstance(bundle.client, BinanceClientService)
        self.client = bundle.client
        self.ws = BinanceWsManager(
            self.client,
            bundle.market_api,
            settings=QUICK,
            book_settings=QUICK_BOOKS,  # type: ignore[arg-type]  # ours
        )

    @property
    def dated(self) -> str:
        return next(
            symbol for symbol in self.client.instruments if symbol not in ("BTCUSDT",) and "BTCUSDT" in symbol
        )

    def instruments(self, *symbols: str):
        return [self.client.instrument(symbol) for symbol in symbols]


@asynccontextmanager
async def connected(
    key: str | None = TRADE_KEY, secret: str = TRADE_SECRET, *, clock: Clock | None = None, **options: Any
) -> AsyncIterator[Setting]:
    async with running_emulator(clock=clock, **options) as emulator:
        bundle = create_connector(
            ConnectorContext(
                connector_type="binance",
                market_type=FUTURES,
                environment="local",
                endpoints=of_market(emulator.endpoints, FUTURES),
            )
        )
        setting = Setting(emulator, bundle)
        if key is not None:
            bundle.client.set_credentials(Credentials({"apiKey": key, "apiSecret": secret}))
        try:
            await bundle.client.ensure_ready()
            yield setting
        finally:
            await setting.ws.destroy()
            await bundle.ws.destroy()
            await bundle.client.close()
            left = [task.get_name() for task in asyncio.all_tasks() if "binance" in task.get_name()]
            assert left == []


class FuturesTruth:
    """The emulator's futures in the place of its spot market, for `truth`."""

    def __init__(self, emulator: Emulator) -> None:
        self.market = emulator.dialect.futures


async def test_rest_reads_the_futures() -> None:
    async with connected() as setting:
        client, market = setting.client, setting.bundle.market_api
        perpetual, dated = setting.instruments("btc/usdt", setting.dated)
        assert perpetual.venue_symbol == "BTCUSDT"
        assert dated.venue_symbol.startswith(DATED)
        assert client.instrument(dated.venue_symbol) is dated
        assert (perpetual.tick_size, perpetual.lot_size) == (Decimal("0.10"), Decimal("0.001"))
        assert perpetual.min_notional == 5
        prices = await market.get_prices()
        assert set(prices) == set(client.instruments)
        assert prices[dated.symbol].price > prices["BTCUSDT"].price
        assert prices["BTCUSDT"].bid is None
        candles = await market.get_candles(perpetual, TimeFrame.M1, limit=1_700)
        assert len(candles) == 1_700
        with pytest.raises(UnsupportedTimeFrame):
            await market.get_candles(perpetual, TimeFrame.S1)
        budget = {budget.meter: budget.limit for budget in client.client_health().budgets}
        assert budget == {"REQUEST_WEIGHT": 2_400}
        with pytest.raises(NotYetImplemented):
            await setting.bundle.order_api.get_open_orders()


async def test_account_reads() -> None:
    async with connected() as setting:
        assets = await setting.bundle.account_api.get_assets_info()
        assert {balance.currency: balance.total for balance in assets.assets} == {
            "USDT": Decimal("50000.00000000"),
            "BNB": Decimal("12.50000000"),
        }
        usdt = assets.assets[0]
        assert 0 < usdt.locked < usdt.free
        long, short = assets.positions
        assert (long.symbol, long.quantity) == ("BTCUSDT", Decimal("0.250"))
        assert (short.symbol, short.quantity) == ("ETHUSDT", Decimal("-3.000"))
        for held in (long, short):
            assert held.mark_price is not None
            expected = held.quantity * (held.mark_price - held.entry_price)
            assert held.unrealized_pnl == expected.quantize(Decimal("1e-8"))
        info = await setting.bundle.account_api.get_account_info()
        assert (info.can_read, info.can_trade, info.can_withdraw) == (True, True, False)


async def test_a_key_without_the_right_says_so() -> None:
    async with connected(READ_ONLY_KEY, READ_ONLY_SECRET) as setting:
        assert (await setting.bundle.account_api.get_account_info()).can_trade is False
    async with connected(TRADE_KEY, "wrong") as setting:
        with pytest.raises(AuthenticationFailed):
            await setting.bundle.account_api.get_assets_info()
    async with connected(None) as setting:
        with pytest.raises(MissingCredentials):
            await setting.bundle.account_api.get_assets_info()


async def test_every_stream_flows_over_the_address_that_serves_it() -> None:
    async with connected(rate=20.0) as setting:
        trades: list[Trade] = []
        candles: list[Candle] = []
        prices: list[Price] = []
        everything: set[str] = set()
        books: dict[str, LiveBook] = {}
        statuses: list[StreamStatus] = []
        instruments = setting.instruments("BTCUSDT", setting.dated)
        ws = setting.ws
        await ws.subscribe_to_trade(
            TradeOptions(market_type=FUTURES, instruments=instruments[:1], on_status=statuses.append),
            trades.append,
        )
        await ws.subscribe_to_order_book(
            OrderBookOptions(market_type=FUTURES, instruments=instruments, on_status=statuses.append),
            lambda book: books.update({book.symbol: book}),
        )
        await ws.subscribe_to_candles(
            CandleOptions(market_type=FUTURES, instruments=instruments, interval=TimeFrame.M1), candles.append
        )
        await ws.subscribe_to_instrument_prices(
            PriceOptions(market_type=FUTURES, symbols=["BTCUSDT"]), prices.append
        )
        await ws.subscribe_to_instrument_prices(
            PriceOptions(market_type=FUTURES), lambda price: everything.add(price.symbol)
        )
        await until(lambda: len(trades) > 20 and len(prices) > 0 and len(everything) > 3, 10)
        await until(lambda: {candle.symbol for candle in candles} == {"BTCUSDT", setting.dated}, 10)
        await until(lambda: len(books) == 2 and all(b.state is BookState.SYNCED for b in books.values()), 10)
        numbers = [int(trade.trade_id) for trade in trades]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        assert {event.kind for event in statuses} == {"connected"}
        served = {
            one.channel: health.name for health in ws.health() for one in health.subscriptions if one.messages
        }
        assert {name.split("@")[1] for name, link in served.items() if "-public-" in link} == {"depth"}
        assert {name.split("@")[1] for name, link in served.items() if "-market-" in link} == {
            "aggTrade",
            "kline_1m",
            "ticker",
            "arr",
        }


async def settle(setting: Setting, book: LiveBook) -> None:
    def caught_up() -> bool:
        view = book.view(20)
        at, bids, asks = truth(FuturesTruth(setting.emulator), book.symbol)  # type: ignore[arg-type]  # the half of it
        return view.state is BookState.SYNCED and (view.sequence, view.bids, view.asks) == (at, bids, asks)

    await until(caught_up, 10)


@pytest.mark.parametrize(
    "rule",
    [
        Rule("drop", target="*@depth*", probability=0.3),
        Rule("repeat", target="*@depth*", probability=0.3),
        Rule("reorder", target="*@depth*", probability=0.3),
        Rule("alter", target="*@depth*", probability=0.3, field="pu", value=1),
        Rule("abort", target="*@depth*", probability=0.05),
    ],
    ids=lambda rule: str(rule.kind),
)
async def test_a_book_that_lost_its_chain_is_never_read_as_synced(rule: Rule) -> None:
    async with connected(rate=4.0, drive=False, seed=5) as setting:
        emulator, books = setting.emulator, []
        futures = emulator.dialect.futures
        assert futures is not None
        right: dict[int, Any] = {}
        publish = futures.on_book

        def remember(listing: Any) -> None:
            if listing.instrument.symbol == "BTCUSDT":
                at, *sides = truth(FuturesTruth(emulator), "BTCUSDT", 5)  # type: ignore[arg-type]  # the half of it
                right[at] = sides
            publish(listing)

        futures.on_book = remember
        await setting.ws.subscribe_to_order_book(
            OrderBookOptions(market_type=FUTURES, instruments=setting.instruments("BTCUSDT")), books.append
        )
        await until(lambda: books and books[0].state is BookState.SYNCED, 10)
        armed = emulator.inject(rule)
        checked = 0
        for _ in range(40):
            emulator.advance(emulator._next_tick)
            await asyncio.sleep(0.002)
            view = books[0].view(5)
            if view.state is BookState.SYNCED and view.sequence in right:
                assert [view.bids, view.asks] == right[view.sequence]
                checked += 1
        emulator.faults.clear()
        assert armed.injected
        assert checked
        # What was lost last shows with the next update.
        for _ in range(20):
            emulator.advance(emulator._next_tick)
            await asyncio.sleep(0)
        await settle(setting, books[0])


def just_before_funding() -> ManualClock:
    return ManualClock(1_790_000_000_000 // FUNDING_MS * FUNDING_MS + FUNDING_MS - 500)


async def test_the_account_streams_balances_and_positions() -> None:
    async with connected(clock=just_before_funding(), drive=False) as setting:
        updates: list[AccountUpdate] = []
        before = await setting.bundle.account_api.get_assets_info()
        end = await setting.ws.subscribe_to_account(StreamOptions(market_type=FUTURES), updates.append)
        assert [health.name for health in setting.ws.health()] == ["binance-futures-account-1"]
        pass_time(setting.emulator, 1_000)
        await until(lambda: len(updates) == 2)
        after = await setting.bundle.account_api.get_assets_info()
        assert updates[-1].assets[0].total == after.assets[0].total != before.assets[0].total
        assert [position.symbol for update in updates for position in update.positions] == ["ETHUSDT"]
        await end()
        await end()
        await until(lambda: not any(health.subscriptions for health in setting.ws.health()))


async def test_an_expired_listen_key_is_replaced_and_the_stream_goes_on() -> None:
    async with connected(clock=just_before_funding(), drive=False) as setting:
        emulator = setting.emulator
        updates: list[AccountUpdate] = []
        statuses: list[StreamStatus] = []
        options = StreamOptions(market_type=FUTURES, on_status=statuses.append)
        await setting.bundle.account_api.get_assets_info()
        await setting.ws.subscribe_to_account(options, updates.append)
        emulator.inject(Rule("clock", milliseconds=3_600_001))
        emulator.dialect.tick(emulator.market.now)
        await until(lambda: [event.kind for event in statuses].count("connected") == 2, 10)
        assert setting.ws.health()[0].reconnects == 1
        pass_time(emulator, 1_000)
        await until(lambda: len(updates) == 2)


async def test_a_listen_key_is_kept_alive_and_its_loss_is_told() -> None:
    async with connected() as setting:
        lost = asyncio.Event()
        key = ListenKey(setting.client, lost.set, every=0.02, again=0.02)
        before = setting.emulator.requests
        await key.obtain()
        assert key.value not in repr(key)
        await until(lambda: setting.emulator.requests >= before + 4)
        assert not lost.is_set()
        await setting.client.listen_key("DELETE")
        await asyncio.wait_for(lost.wait(), 5)
        first = key.value
        await key.obtain()
        assert key.value != first
        await key.release()


async def test_what_the_account_stream_refuses() -> None:
    async with connected(None) as setting:
        with pytest.raises(MissingCredentials):
            await setting.ws.subscribe_to_account(StreamOptions(market_type=FUTURES), lambda _: None)
        with pytest.raises(UnsupportedMarket):
            await setting.ws.subscribe_to_account(StreamOptions(market_type=MarketType.SPOT), lambda _: None)
        setting.client.set_credentials(Credentials({"apiKey": "unknown", "apiSecret": "wrong"}))
        with pytest.raises(AuthenticationFailed):
            await setting.ws.subscribe_to_account(StreamOptions(market_type=FUTURES), lambda _: None)


async def test_no_listen_key_is_given_to_a_recorder() -> None:
    heard: list[str] = []

    class Tap:
        def stream(self, kind: str, conn: str, url: str | None, data: bytes | str | None, /) -> None:
            heard.append(f"{kind} {url} {data!r}")

        def http(self, method: str, url: str, status: int, body: bytes, /) -> None:
            heard.append(f"{method} {url} {body!r}")

    async with running_emulator() as emulator:
        bundle = create_connector(
            ConnectorContext(
                connector_type="binance",
                market_type=FUTURES,
                environment="local",
                endpoints=of_market(emulator.endpoints, FUTURES),
                tap=Tap(),
            )
        )
        bundle.client.set_credentials(Credentials({"apiKey": TRADE_KEY, "apiSecret": TRADE_SECRET}))
        await bundle.client.ensure_ready()
        await bundle.ws.subscribe_to_account(StreamOptions(market_type=FUTURES), lambda _: None)
        assert isinstance(bundle.client, BinanceClientService)
        body = await bundle.client.listen_key("POST")
        await bundle.ws.destroy()
        await bundle.client.close()
    key = body.decode().split('"')[3]
    assert any(line.startswith("open ") and line.split()[1].endswith("/private/ws") for line in heard)
    assert not any(key in line for line in heard)
