"""A market that moves only when a test says so: the manager's and the connector's methods over scripted data."""

import math
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from textual.app import App
from textual.content import Content
from textual.screen import Screen

from catalog.model import MarketType
from connectors.contracts import (
    BookState,
    Candle,
    ConnectionHealth,
    ExchangeConnectorBundle,
    Instrument,
    Level,
    Price,
    StreamStatus,
    SubscriptionHealth,
    TimeFrame,
    Trade,
)
from connectors.contracts.errors import NotActive, UnknownSymbol
from connectors.streaming.book import Book
from tui.screens.market import MarketScreen
from tui.themes import THEMES, market_colours

START = 1_763_856_000_000
"""2025-11-23 00:00 UTC."""


def instrument(
    symbol: str = "BTCUSDT", tick: str = "0.01", lot: str = "0.00001", **changes: Any
) -> Instrument:
    base = symbol.removesuffix("USDT")
    return Instrument(symbol, base, "USDT", symbol, MarketType.SPOT, Decimal(tick), Decimal(lot), **changes)


def candles(
    count: int, frame: TimeFrame = TimeFrame.M1, *, end: int = START, base: float = 65_000.0, seed: int = 7
) -> list[Candle]:
    """A seeded walk, ending at the candle that holds `end`; the last one is open."""
    chance = random.Random(seed)
    step = frame.milliseconds
    last = end // step * step
    price, made = base, []
    for index in range(count):
        opened = price
        price = round(price * (1 + chance.gauss(0, 0.0006) + 0.0003 * math.sin(index / 9)), 2)
        high = round(max(opened, price) * (1 + abs(chance.gauss(0, 0.0003))), 2)
        low = round(min(opened, price) * (1 - abs(chance.gauss(0, 0.0003))), 2)
        made.append(
            Candle(
                "BTCUSDT",
                frame.value,
                last - (count - 1 - index) * step,
                opened,
                high,
                low,
                price,
                round(abs(chance.gauss(12, 8)), 3),
                index < count - 1,
            )
        )
    return made


def trades(count: int, *, symbol: str = "BTCUSDT", base: float = 65_000.0, seed: int = 3) -> list[Trade]:
    chance = random.Random(seed)
    made = []
    for index in range(count):
        side = chance.choice(("buy", "sell"))
        price = round(base + chance.gauss(0, 3), 2)
        quantity = round(math.exp(chance.gauss(-3, 1.4)), 5) + 0.00001
        made.append(Trade(symbol, price, quantity, START + index * 137, side, str(index)))
    return made


def levels(base: float, count: int, seed: int = 5) -> tuple[list[Level], list[Level]]:
    """Bids and asks, best first."""
    chance = random.Random(seed)
    bids, asks = [], []
    bid, ask = base - 0.01, base + 0.01
    for _ in range(count):
        bids.append((round(bid, 2), round(chance.uniform(0.001, 2.5), 5)))
        asks.append((round(ask, 2), round(chance.uniform(0.001, 2.5), 5)))
        bid -= round(chance.uniform(0.01, 0.9), 2)
        ask += round(chance.uniform(0.01, 0.9), 2)
    return bids, asks


@dataclass
class Subscription:
    channel: str
    options: Any
    handler: Callable[[Any], None]


@dataclass
class ScriptedStreams:
    """Keeps the handlers; `push` hands an event to those that asked for it."""

    open: list[Subscription] = field(default_factory=list)
    ended: list[Subscription] = field(default_factory=list)
    failures: dict[str, Exception] = field(default_factory=dict)
    connection: ConnectionHealth = field(
        default_factory=lambda: ConnectionHealth("spot", "CONNECTED", 1, 0.1, 24.0, 1_234, 0, 0, 0)
    )

    async def _subscribe(self, channel: str, options: Any, handler: Any) -> Callable[[], Awaitable[None]]:
        if channel in self.failures:
            raise self.failures[channel]
        made = Subscription(channel, options, handler)
        self.open.append(made)

        async def end() -> None:
            if made in self.open:
                self.open.remove(made)
                self.ended.append(made)

        return end

    async def subscribe_to_trade(self, options: Any, handler: Any) -> Any:
        return await self._subscribe("trade", options, handler)

    async def subscribe_to_order_book(self, options: Any, handler: Any) -> Any:
        return await self._subscribe("book", options, handler)

    async def subscribe_to_candles(self, options: Any, handler: Any) -> Any:
        return await self._subscribe("candle", options, handler)

    async def subscribe_to_instrument_prices(self, options: Any, handler: Any) -> Any:
        return await self._subscribe("price", options, handler)

    def of(self, channel: str) -> list[Subscription]:
        return [one for one in self.open if one.channel == channel]

    def push(self, channel: str, *items: Any) -> None:
        for one in self.of(channel):
            for item in items:
                one.handler(item)

    def status(self, kind: str, reason: str = "", *, retry_in_ms: int | None = None) -> None:
        for one in self.open:
            if (hear := getattr(one.options, "on_status", None)) is not None:
                hear(StreamStatus(kind, reason, START, retry_in_ms=retry_in_ms))

    def health(self) -> Sequence[ConnectionHealth]:
        self.connection.subscriptions = [
            SubscriptionHealth(one.channel, None, "ACTIVE", 0.2, 10) for one in self.open
        ]
        return [self.connection]


class ScriptedConnector:
    """The client, market API and adapters of the bundle."""

    def __init__(self, *listed: Instrument) -> None:
        self.instruments: Mapping[str, Instrument] = {one.symbol: one for one in listed}
        self.history: dict[TimeFrame, list[Candle]] = {}
        self.history_error: Exception | None = None
        self.asked: list[tuple[str, TimeFrame, int | None]] = []
        self.prices: dict[str, Price] = {}

    def instrument(self, symbol: str) -> Instrument:
        try:
            return self.instruments[symbol]
        except KeyError:
            raise UnknownSymbol(symbol, "scripted:spot") from None

    async def get_candles(
        self, wanted: Instrument, interval: TimeFrame, *, limit: int = 500, end_time: int | None = None
    ) -> Sequence[Candle]:
        self.asked.append((wanted.symbol, interval, end_time))
        if self.history_error is not None:
            raise self.history_error
        known = [
            one for one in self.history.get(interval, []) if end_time is None or one.timestamp <= end_time
        ]
        return known[-limit:]

    async def get_prices(self) -> Mapping[str, Price]:
        return self.prices

    def convert_time_frame(self, frame: TimeFrame) -> str:
        return frame.value


@dataclass
class _Instance:
    environment: str


class ScriptedManager:
    """Has the manager's `bundle` and `instance`; `active` switches it off."""

    def __init__(self, *listed: Instrument, environment: str = "local") -> None:
        self.streams = ScriptedStreams()
        self.connector = ScriptedConnector(
            *(listed or (instrument(), instrument("ETHUSDT", "0.01", "0.0001")))
        )
        self.book = Book("BTCUSDT")
        self.active = True
        self.environment = environment
        for frame in (TimeFrame.M1, TimeFrame.M5, TimeFrame.H1):
            self.connector.history[frame] = candles(900, frame)

    def bundle(self, connector_type: str, market_type: MarketType) -> ExchangeConnectorBundle:
        if not self.active:
            raise NotActive(connector_type, str(market_type))
        connector: Any = self.connector
        streams: Any = self.streams
        return ExchangeConnectorBundle(connector, streams, connector, connector, connector, connector)

    def instance(self, connector_type: str, market_type: MarketType) -> _Instance:
        return _Instance(self.environment)

    # --- the pump ------------------------------------------------------------------------------------------------

    def fill(
        self, *, base: float | None = None, trade_count: int = 60, state: BookState = BookState.SYNCED
    ) -> None:
        """A whole market in one go."""
        base = self.last_close if base is None else base
        self.fill_book(base=base, state=state)
        self.streams.push("trade", *trades(trade_count, base=base))
        last = self.connector.history[TimeFrame.M1][-1]
        self.streams.push(
            "price",
            Price(
                "BTCUSDT",
                base,
                START,
                open_24h=base * 0.98,
                high_24h=base * 1.01,
                low_24h=base * 0.97,
                volume_24h=18_734.2,
            ),
        )
        self.streams.push("candle", last)

    @property
    def last_close(self) -> float:
        return self.connector.history[TimeFrame.M1][-1].close

    def fill_book(
        self, *, base: float | None = None, state: BookState = BookState.SYNCED, count: int = 400
    ) -> None:
        self.book.replace(*levels(self.last_close if base is None else base, count))
        self.book.set_state(state)
        self.streams.push("book", self.book)


class MarketApp(App[None]):
    """The market screen alone, over an empty one, with the product's themes."""

    def __init__(
        self, manager: ScriptedManager, symbol: str | None = "BTCUSDT", *, theme: str = "barfinex-dark"
    ) -> None:
        super().__init__()
        for made in THEMES:
            self.register_theme(made)
        self.theme = theme
        self.now = 1_000.0
        self.manager = manager
        self.market = MarketScreen(manager, "scripted", MarketType.SPOT, symbol, clock=lambda: self.now)

    def get_default_screen(self) -> Screen[None]:
        return Screen()

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return market_colours(self.current_theme)

    def on_mount(self) -> None:
        self.push_screen(self.market)

    def toast_texts(self) -> list[str]:
        return [Content(one.message).plain for one in self._notifications]
