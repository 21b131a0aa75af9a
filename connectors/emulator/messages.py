"""What a dialect exchanges with the server: HTTP requests and responses, and the two sides of a WebSocket."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec


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


def json_response(content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """An answer whose body is `content`, made of JSON's types."""
    return Response(status, msgspec.json.encode(content), headers or {})


class SocketSession(Protocol):
    """A dialect's side of one WebSocket."""

    @property
    def subscriptions(self) -> Collection[str]:
        """The streams that the client has joined, by the venue's names."""
        ...

    def begin(self) -> None:
        """The handshake is answered: data may be sent from now on."""
        ...

    def on_text(self, text: str) -> None: ...

    def on_control_frame(self) -> None:
        """A ping or pong arrived (the pong to a ping is sent already)."""
        ...

    def on_closed(self) -> None: ...

    def announce_shutdown(self) -> None:
        """Send the venue's notice that this connection is about to be closed."""
        ...
