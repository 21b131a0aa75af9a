"""What the health screen shows, read from everything that is active. No Textual here."""

import time
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from catalog.model import MarketType
from catalog.text import MESSAGE_LIMIT, clean
from connectors.contracts import (
    ClientHealth,
    ConnectionHealth,
    ExchangeConnectorBundle,
    ReportsHealth,
    RequestBudget,
    SubscriptionHealth,
)
from connectors.contracts.errors import BarfinexError
from tui.market_store import LOST_STATES

_RATE_POLLS = 6
"""A rate is taken over so many polls, so that a candle every two seconds does not flicker."""

Key = tuple[str, ...]


class RunningInstance(Protocol):
    @property
    def connector_type(self) -> str: ...
    @property
    def market_type(self) -> MarketType: ...
    @property
    def environment(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def error(self) -> str | None: ...


class HealthSource(Protocol):
    """The part of the exchange manager this screen needs."""

    def instances(self) -> Sequence[RunningInstance]: ...

    def bundle(self, connector_type: str, market_type: MarketType, /) -> ExchangeConnectorBundle: ...


@dataclass(frozen=True, slots=True)
class ConnectionView:
    """A connection; `health` is `None` where an instance has none, and `state` is then the instance's own."""

    connector_type: str
    market_type: MarketType
    environment: str
    name: str
    state: str
    cause: str = ""
    health: ConnectionHealth | None = None
    rate: float | None = None

    @property
    def place(self) -> str:
        return f"{self.connector_type}:{self.market_type.value}"

    @property
    def key(self) -> Key:
        return (self.place, self.name)

    @property
    def lost(self) -> bool:
        return self.state in LOST_STATES or self.state == "ERROR"


@dataclass(frozen=True, slots=True)
class SubscriptionView:
    place: str
    connection: str
    connected: bool
    health: SubscriptionHealth
    rate: float | None = None

    @property
    def key(self) -> Key:
        return (self.place, self.connection, self.health.channel)


@dataclass(frozen=True, slots=True)
class ClockView:
    """`skew_ms` is how far this machine's date is behind the venue's; `None` where it is unknown."""

    place: str
    skew_ms: float | None

    @property
    def key(self) -> Key:
        return (self.place, "clock")


@dataclass(frozen=True, slots=True)
class HealthView:
    """Everything at one moment (`at`, monotonic seconds)."""

    at: float = 0.0
    instances: int = 0
    connections: tuple[ConnectionView, ...] = ()
    subscriptions: tuple[SubscriptionView, ...] = ()
    budgets: tuple[RequestBudget, ...] = ()
    clocks: tuple[ClockView, ...] = ()

    @property
    def blocked_for(self) -> float:
        return max((budget.blocked_for for budget in self.budgets), default=0.0)


class Rates:
    """Messages a second from counters that only grow."""

    def __init__(self) -> None:
        self._seen: dict[Hashable, deque[tuple[float, int]]] = {}

    def rate(self, key: Hashable, now: float, count: int) -> float | None:
        """`None` at the first look, and after the counter began anew."""
        seen = self._seen.setdefault(key, deque(maxlen=_RATE_POLLS))
        if seen and count < seen[-1][1]:
            seen.clear()
        seen.append((now, count))
        (first, before), (last, after) = seen[0], seen[-1]
        return (after - before) / (last - first) if last > first else None

    def keep(self, keys: Iterable[Hashable]) -> None:
        """Forget all others."""
        wanted = set(keys)
        for key in [key for key in self._seen if key not in wanted]:
            del self._seen[key]


@dataclass
class HealthModel:
    """`poll` reads everything anew and counts `version` up."""

    source: HealthSource
    clock: Callable[[], float] = time.monotonic
    view: HealthView = field(default_factory=HealthView)
    version: int = 0
    _rates: Rates = field(default_factory=Rates)

    def poll(self) -> None:
        now = self.clock()
        connections: list[ConnectionView] = []
        subscriptions: list[SubscriptionView] = []
        budgets: dict[tuple[str, str], RequestBudget] = {}
        clocks: list[ClockView] = []
        instances = self.source.instances()
        for instance in instances:
            found, client = self._look(instance, now)
            connections += found
            for one in found:
                subscriptions += self._subscriptions(one, now)
            if client is not None:
                # Two instances may spend from one scope.
                budgets |= {(one.scope, one.meter): one for one in client.budgets}
                place = f"{instance.connector_type}:{instance.market_type.value}"
                clocks.append(ClockView(place, client.clock_skew_ms))
        self._rates.keep([*(one.key for one in connections), *(one.key for one in subscriptions)])
        self.view = HealthView(
            now,
            len(instances),
            tuple(connections),
            tuple(subscriptions),
            tuple(budgets.values()),
            tuple(clocks),
        )
        self.version += 1

    def _look(
        self, instance: RunningInstance, now: float
    ) -> tuple[list[ConnectionView], ClientHealth | None]:
        def view(name: str, state: str, cause: str | None, health: ConnectionHealth | None) -> ConnectionView:
            made = ConnectionView(
                instance.connector_type,
                instance.market_type,
                instance.environment,
                clean(name, 40),
                clean(state, 20),
                clean(cause or "", MESSAGE_LIMIT),
                health,
            )
            if health is None:
                return made
            rate = self._rates.rate(made.key, now, health.messages)
            return ConnectionView(
                made.connector_type,
                made.market_type,
                made.environment,
                made.name,
                made.state,
                made.cause,
                health,
                rate,
            )

        try:
            bundle = self.source.bundle(instance.connector_type, instance.market_type)
            found = [view(one.name, one.state, one.last_error, one) for one in bundle.ws.health()]
            client = bundle.client.client_health() if isinstance(bundle.client, ReportsHealth) else None
        except BarfinexError:
            return [view("", str(instance.status), instance.error, None)], None
        except Exception as error:  # noqa: BLE001 - a connector that cannot tell its health must not hide the others'
            return [view("", "ERROR", f"{type(error).__name__}: {error}", None)], None
        return found or [view("", str(instance.status), None, None)], client

    def _subscriptions(self, connection: ConnectionView, now: float) -> Iterable[SubscriptionView]:
        if connection.health is None:
            return
        for health in connection.health.subscriptions:
            key = (connection.place, connection.name, health.channel)
            yield SubscriptionView(
                connection.place,
                connection.name,
                connection.state == "CONNECTED",
                health,
                self._rates.rate(key, now, health.messages),
            )
