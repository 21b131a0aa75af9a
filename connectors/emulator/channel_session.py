"""One WebSocket of a venue whose clients ask for channels with JSON messages."""

from collections.abc import Callable, Collection, Iterable
from typing import Any, TypeAlias, cast

import msgspec
from websockets.frames import CloseCode

from connectors.emulator.channels import Channels
from connectors.emulator.socket import Socket

OnMessage: TypeAlias = Callable[["ChannelSession", dict[str, Any]], None]


class ChannelSession:
    """Implements `SocketSession`. `on_message` reads what the client asks for and answers it with `send`.

    `initial` are the channels that the address itself names; `farewell` is the venue's notice before it closes a
    connection, where it has one.
    """

    def __init__(
        self,
        socket: Socket,
        channels: Channels,
        on_message: OnMessage,
        *,
        initial: Iterable[str] = (),
        farewell: Any = None,
    ) -> None:
        self._socket, self._channels = socket, channels
        self._on_message = on_message
        self._initial = tuple(initial)
        self._farewell = farewell
        self._joined: dict[str, None] = {}

    @property
    def subscriptions(self) -> Collection[str]:
        return self._joined.keys()

    def join(self, name: str) -> bool:
        """Whether there is such a channel; joining twice is joining once."""
        if name in self._joined:
            return True
        known = self._channels.join(name, self)
        if known:
            self._joined[name] = None
        return known

    def leave(self, name: str) -> bool:
        """Whether it was joined."""
        if name not in self._joined:
            return False
        del self._joined[name]
        self._channels.leave(name, self)
        return True

    def send(self, event: Any) -> None:
        """An answer or a notice: no fault touches it."""
        self._socket.send(msgspec.json.encode(event))

    def deliver(self, stream: str, payload: bytes, frame: bytes) -> None:
        self._socket.deliver(stream, payload, frame)

    def begin(self) -> None:
        for name in self._initial:
            self.join(name)

    def on_text(self, text: str) -> None:
        try:
            message: Any = msgspec.json.decode(text)
        except msgspec.MsgspecError:
            message = None
        if isinstance(message, dict):
            self._on_message(self, cast("dict[str, Any]", message))
        else:
            self._socket.close(CloseCode.INVALID_DATA, "not a JSON object")

    def on_control_frame(self) -> None:
        """Nobody counts them."""

    def on_closed(self) -> None:
        for name in tuple(self._joined):
            self.leave(name)

    def announce_shutdown(self) -> None:
        if self._farewell is not None:
            self.send(self._farewell)
