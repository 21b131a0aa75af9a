"""What a dialect exchanges with the server: HTTP requests and responses, and the two sides of what is streamed."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

if TYPE_CHECKING:
    from connectors.emulator.http_stream import HttpStream

JSON_LINES = "application/x-ndjson"
"""A message is a line."""
EVENT_STREAM = "text/event-stream"
"""A message is a Server-Sent Event."""


@dataclass(frozen=True, slots=True)
class Request:
    """`query` and `body` are exactly as sent: a signature is checked over them. Header names are lower case."""

    method: str
    path: str
    query: str
    body: bytes
    headers: Mapping[str, str]
    peer: str


@dataclass(slots=True)
class Response:
    """An answer of the venue."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict[str, str])
    content_type: str = "application/json;charset=UTF-8"


@dataclass(frozen=True, slots=True)
class Streaming:
    """A response without an end. `open` makes the dialect's side of it; the content type chooses what a message is on
    the wire: a line, or a Server-Sent Event where it is `EVENT_STREAM`."""

    open: "Callable[[HttpStream], StreamSession]"
    content_type: str = JSON_LINES
    status: int = 200


def json_response(content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """An answer whose body is `content`, made of JSON's types."""
    return Response(status, msgspec.json.encode(content), headers or {})


class StreamSession(Protocol):
    """A dialect's side of one connection that it streams to."""

    @property
    def subscriptions(self) -> Collection[str]:
        """The streams that the client has joined, by the venue's names."""
        ...

    def begin(self) -> None:
        """The handshake, or the head of the answer, is sent: data may be sent from now on."""
        ...

    def on_closed(self) -> None: ...

    def announce_shutdown(self) -> None:
        """Send the venue's notice that this connection is about to be closed."""
        ...


class SocketSession(StreamSession, Protocol):
    """A dialect's side of one WebSocket."""

    def on_text(self, text: str) -> None: ...

    def on_control_frame(self) -> None:
        """A ping or pong arrived (the pong to a ping is sent already)."""
        ...
