"""Instances, connections and budgets as a test wants them, and an app with the health screen over them."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from textual.app import App
from textual.content import Content
from textual.screen import Screen

from catalog.model import MarketType
from connectors.contracts import (
    ClientHealth,
    ConnectionHealth,
    ExchangeConnectorBundle,
    LagPercentiles,
    RequestBudget,
    StreamStatus,
    SubscriptionHealth,
)
from connectors.contracts.errors import NotActive
from tests.tui.market.scripted import START
from tui.log_ring import LogRing
from tui.screens.health import HealthScreen
from tui.themes import THEMES, market_colours


@dataclass
class Running:
    """An instance, with what its connector tells."""

    connector_type: str = "binance"
    market_type: MarketType = MarketType.SPOT
    environment: str = "local"
    status: str = "ACTIVE"
    error: str | None = None
    connections: list[ConnectionHealth] = field(default_factory=list)
    client: ClientHealth | None = None
    fault: Exception | None = None
    rotated: list[str] = field(default_factory=list)
    rotates: bool = True

    # --- the connector's streams and client -----------------------------------------------------------------------

    def health(self) -> Sequence[ConnectionHealth]:
        if self.fault is not None:
            raise self.fault
        return self.connections

    def bundle(self) -> ExchangeConnectorBundle:
        if self.status != "ACTIVE":
            raise NotActive(self.connector_type, self.market_type.value)
        streams: Any = Rotating(self) if self.rotates else self
        client: Any = Client(self.client) if self.client is not None else object()
        nothing: Any = None
        return ExchangeConnectorBundle(client, streams, nothing, nothing, nothing, nothing)


@dataclass
class Rotating:
    running: Running

    def health(self) -> Sequence[ConnectionHealth]:
        return self.running.health()

    def rotate(self, connection: str) -> bool:
        self.running.rotated.append(connection)
        return next(one for one in self.running.connections if one.name == connection).state == "CONNECTED"


@dataclass
class Client:
    told: ClientHealth

    def client_health(self) -> ClientHealth:
        return self.told


@dataclass
class Source:
    running: list[Running] = field(default_factory=list)

    def instances(self) -> Sequence[Running]:
        return self.running

    def bundle(self, connector_type: str, market_type: MarketType) -> ExchangeConnectorBundle:
        wanted = (connector_type, market_type)
        return next(one for one in self.running if (one.connector_type, one.market_type) == wanted).bundle()


def subscription(
    channel: str, symbol: str | None = "BTCUSDT", state: str = "ACTIVE", **more: Any
) -> SubscriptionHealth:
    values: dict[str, Any] = {"data_age": 0.2, "messages": 1_200, "lag_ms": 12.0, **more}
    return SubscriptionHealth(channel, symbol, state, **values)


def connection(name: str = "binance-spot-1", state: str = "CONNECTED", **more: Any) -> ConnectionHealth:
    values: dict[str, Any] = {
        "generation": 1,
        "byte_age": 0.1,
        "latency_ms": 24.0,
        "messages": 12_345,
        "reconnects": 0,
        "dropped": 0,
        "quarantined": 0,
        "connected_for": 754.0,
        "lag": LagPercentiles(11.0, 38.0, 92.0, 240),
        "history": (StreamStatus("connected", "binance-spot-1#1", START),),
        "subscriptions": [
            subscription("btcusdt@trade"),
            subscription("btcusdt@depth@100ms", book_state="SYNCED"),
            subscription("btcusdt@kline_1m", data_age=1.4),
            subscription("btcusdt@ticker", data_age=0.7, lag_ms=None),
        ],
        **more,
    }
    return ConnectionHealth(name, state, **values)


def budgets(used: int = 431, **more: Any) -> ClientHealth:
    scope = "api.binance.com spot"
    return ClientHealth(
        (
            RequestBudget(scope, "REQUEST_WEIGHT", used, 6_000, 60.0, **more),
            RequestBudget(scope, "RAW_REQUESTS", 37, 61_000, 300.0, **more),
        ),
        clock_skew_ms=14.0,
    )


def healthy() -> Source:
    account = connection(
        "binance-spot-account-1",
        messages=3,
        lag=None,
        subscriptions=[subscription("userData", None, data_age=None, messages=0, lag_ms=None)],
    )
    return Source([Running(connections=[connection(), account], client=budgets())])


_LOGGED = (
    (
        logging.INFO,
        "connectors.runtime.manager",
        "connector=binance market=spot environment=local state=ACTIVE",
    ),
    (
        logging.INFO,
        "connectors.venues.binance.client",
        "instruments loaded: venue=binance market=spot count=9",
    ),
    (
        logging.INFO,
        "connectors.streaming.upkeep",
        "connection lost conn=binance-spot-1#1 reason=the connection broke",
    ),
    (
        logging.WARNING,
        "connectors.streaming.faults",
        "bad frame channel=btcusdt@trade in_a_row=1 error=not a number",
    ),
    (logging.ERROR, "connectors.streaming.faults", "handler failed channel=btcusdt@depth@100ms"),
    (logging.DEBUG, "connectors.streaming.book_sync", "book synced symbol=BTCUSDT sequence=8123 kept=3"),
)


def logged(ring: LogRing, *records: tuple[int, str, str]) -> None:
    for place, (level, name, text) in enumerate(records or _LOGGED):
        record = logging.LogRecord(name, level, __file__, 1, text, None, None)
        record.created = START / 1000 + place * 1.25
        ring.emit(record)


class HealthApp(App[None]):
    """The health screen alone, with the product's themes. Its log has a few records; its clock stands still."""

    def __init__(self, source: Source, *, theme: str = "barfinex-dark", log: bool = True) -> None:
        super().__init__()
        for made in THEMES:
            self.register_theme(made)
        self.theme = theme
        self.now = 1_000.0
        self.source = source
        self.ring = LogRing()
        if log:
            logged(self.ring)
        self.health = HealthScreen(source, self.ring, clock=lambda: self.now)

    def get_default_screen(self) -> Screen[None]:
        return Screen()

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return market_colours(self.current_theme)

    def on_mount(self) -> None:
        self.push_screen(self.health)

    def toast_texts(self) -> list[str]:
        return [Content(one.message).plain for one in self._notifications]
