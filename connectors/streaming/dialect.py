"""What a venue tells the streaming layer: where to connect, what to send, and how to tell one frame from another."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Channel:
    """One stream of the venue.

    `name` is the venue's own stream name, unique on a connection; `category` chooses the URL where a venue splits its
    streams over several. The two timeouts, in seconds, say when silence is a fault: `None` for a stream that may
    rightly be quiet.
    """

    name: str
    symbol: str | None = None
    category: str = ""
    first_data_timeout: float | None = None
    stale_after: float | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """The venue's limits for one connection; `connects` and `connects_period` are for the whole address."""

    streams: int = 1024
    messages_per_second: int = 5
    """Outgoing messages, pings and pongs included."""
    batch: int = 200
    """Streams named in one subscribe message."""
    lifetime: float | None = 86_400.0
    """Seconds after which the venue ends a connection."""
    connects: int = 300
    connects_period: float = 300.0
    heartbeat: float = 0.0
    """Seconds between the venue's signs of life where it streams over HTTP, so that it cannot be pinged. Needed only
    where they are further apart than `SessionSettings.ping_interval`."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A frame to send. `redacted` replaces it in recordings where it holds a secret."""

    data: str
    redacted: str | None = None


class ControlKind(Enum):
    """What a frame says that is not plain data."""

    ACK = "ack"
    """The request with this id was carried out or, where answers name channels instead, the subscribe of these."""
    LEFT = "left"
    """The unsubscribe of the named channels was carried out, where answers name channels instead of requests."""
    ERROR = "error"
    """One was refused."""
    DATA = "data"
    """Data after all, of the channel with this key: `route` did not recognise the frame's form."""
    HEARTBEAT = "heartbeat"
    SHUTDOWN = "shutdown"
    """The venue is about to end this connection."""
    ENDED = "ended"
    """The venue ended the named channels; they are to be subscribed anew."""
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class Control:
    """What a frame that is not plain data says."""

    kind: ControlKind
    request_id: int | None = None
    channels: tuple[str, ...] = ()
    key: bytes | None = None
    reason: str = ""
    clock: bool = False
    """Of a refusal: the time that was signed is outside the venue's window, so its clock is to be measured anew."""


class Dialect(Protocol):
    """A venue's streaming protocol. Everything is pure; `route` is on the hot path."""

    @property
    def name(self) -> str: ...

    @property
    def limits(self) -> Limits: ...

    def url(self, category: str) -> str:
        """Where a category's channels are. Where the address itself subscribes, it names every channel of the category:
        then a category is one channel, or a set that does not change."""
        ...

    def key(self, channel: str) -> bytes:
        """What `route` will give for this channel's frames."""
        ...

    def subscribe(self, channels: Sequence[str], request_id: int) -> Outgoing | None:
        """The request; `None` where the address itself subscribes, so that being connected is the answer."""
        ...

    def unsubscribe(self, channels: Sequence[str], request_id: int) -> Outgoing | None:
        """The request; `None` where only leaving the connection ends a subscription.

        It is left when the last of its channels is; until then, what comes of the others that are no longer wanted is
        not delivered.
        """
        ...

    def ping(self) -> Outgoing | None:
        """The venue's own ping message; `None` for WebSocket ping frames."""
        ...

    @property
    def key_end(self) -> bytes | None:
        """What follows the key in a data frame, where the key is all that stands before: then the link finds it itself,
        without a call to `route`. `None` where keys are found otherwise."""
        ...

    def route(self, frame: bytes) -> bytes | None:
        """The key of a data frame, found without decoding it; `None` where it needs a look. Never raises."""
        ...

    def control(self, frame: bytes) -> Control:
        """What any other frame says. Raises `BadFrame`."""
        ...

    def sequence(self, channel: str, frame: bytes) -> int | None:
        """A number that grows from event to event of this channel and is the same on every connection.

        It joins two connections without loss or repeat; asked only during a rotation. `None` where there is none.
        """
        ...


@runtime_checkable
class TimedDialect(Protocol):
    """What a dialect may have besides, where its frames say when their event happened."""

    def event_time(self, frame: bytes) -> int | None:
        """The venue's time of a data frame's event, in milliseconds since the epoch. Asked of a few frames a second;
        never raises."""
        ...
