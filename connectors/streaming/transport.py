"""What carries a session's frames: the seam under the link.

A venue that speaks WebSocket is reached by `socket.open_socket`, the default; one that answers a request with an
endless body by `http_stream.http_stream()`; one that only answers questions by `polling.polling(...)`. To the session
above they are all one: something that is opened, gives frames, and ends.
"""

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeAlias

from connectors.streaming.settings import SessionSettings
from connectors.streaming.socket import Receiver


class TransportSocket(Protocol):
    """One open connection. It gives its frames to the receiver it was opened with, and says `disconnected` once."""

    @property
    def last_byte(self) -> float:
        """`time.monotonic()` of the last sign of life, whatever it was."""
        ...

    @property
    def latency(self) -> float | None:
        """Seconds of a round trip; `None` or 0 where none was measured."""
        ...

    @property
    def violated(self) -> bool:
        """Whether the peer broke the protocol, which ended the connection."""
        ...

    @property
    def heartbeat(self) -> float | None:
        """`None` where pings keep it honest. Otherwise it cannot be pinged, and this is how many seconds of silence
        are usual on it: 0 where it does not know, infinite where it watches itself."""
        ...

    async def send(self, message: str, /) -> None:
        """Send what the dialect gave. What cannot send ends the connection."""
        ...

    async def ping(self) -> object: ...

    async def close(self) -> None:
        """End it in order; returns when it has ended."""
        ...

    def abort(self, reason: str, /) -> None:
        """End it now, for this reason."""
        ...


Transport: TypeAlias = Callable[[str, Receiver, SessionSettings], Awaitable[TransportSocket]]
"""Opens a connection to a URL. Raises one of `handshake.CONNECT_ERRORS`. No frame is given before it has returned."""
