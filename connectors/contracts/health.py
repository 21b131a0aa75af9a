"""How a connector tells of its own health: connections, subscriptions, request budgets. What is unknown is `None`."""

from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from connectors.contracts.events import StreamStatus


@dataclass(frozen=True, slots=True)
class LagPercentiles:
    """How long after the venue stamped an event it was handled here, in milliseconds by the venue's clock.

    Of `samples` frames of the last minute, taken at even intervals.
    """

    p50: float
    p95: float
    p99: float
    samples: int


@dataclass(slots=True)
class SubscriptionHealth:
    """One subscription as the health screen shows it. Ages are in seconds; `None`: nothing arrived yet."""

    channel: str
    symbol: str | None
    state: str
    """PENDING, ACTIVE, FAILED or STALE."""
    data_age: float | None
    messages: int
    gaps: int = 0
    resyncs: int = 0
    dropped: int = 0
    """Updates that a full buffer lost."""
    book_state: str | None = None
    """Of an order book: EMPTY, BUFFERING, SYNCED, STALE or RESYNCING."""
    lag_ms: float | None = None
    """Of the frame sampled last; `None` where frames carry no time."""
    history: tuple[StreamStatus, ...] = ()
    """What happened to this subscription alone, oldest first; the last few."""


@dataclass(slots=True)
class ConnectionHealth:
    """One connection. `latency_ms` is the last ping's round trip; `byte_age` is in seconds."""

    name: str
    state: str
    generation: int
    byte_age: float | None
    latency_ms: float | None
    messages: int
    reconnects: int
    dropped: int
    quarantined: int
    last_error: str | None = None
    retry_at: float | None = None
    """`time.monotonic()` of the next attempt, while reconnecting."""
    subscriptions: list[SubscriptionHealth] = field(default_factory=list[SubscriptionHealth])
    rotations: int = 0
    """How often it was replaced as planned, without a loss."""
    connected_for: float | None = None
    """Seconds since the current socket was opened."""
    lag: LagPercentiles | None = None
    history: tuple[StreamStatus, ...] = ()
    """What happened to the connection as a whole, oldest first; the last few."""


@dataclass(frozen=True, slots=True)
class RequestBudget:
    """One meter of one scope: `used` of `limit` in the last `window` seconds.

    A scope is what the venue meters together (an address on one host, an account), whoever calls; while it is
    blocked, for `blocked_for` seconds more, nothing is sent. `banned`: the venue shut the address out.
    """

    scope: str
    meter: str
    used: int
    limit: int
    window: float
    blocked_for: float = 0.0
    banned: bool = False


@dataclass(frozen=True, slots=True)
class ClientHealth:
    """`clock_skew_ms` is how far this machine's date is behind the venue's; `None` before it was measured."""

    budgets: tuple[RequestBudget, ...]
    clock_skew_ms: float | None = None


@runtime_checkable
class ReportsHealth(Protocol):
    """What an `ExchangeClientService` may have besides: its request budgets and the venue's clock."""

    def client_health(self) -> ClientHealth: ...


@runtime_checkable
class RotatesConnections(Protocol):
    """What an `ExchangeWsManager` may have besides: replacing a connection on request."""

    def rotate(self, connection: str) -> bool:
        """Replace the connection of that name: the new one is made and subscribed before the old one is left, so no
        event is lost. Returns whether that is begun; `False` where it is not connected or is replaced already."""
        ...
