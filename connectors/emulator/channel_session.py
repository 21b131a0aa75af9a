"""What a client of a venue is subscribed to, on a WebSocket where it asks in JSON or on an HTTP answer that streams."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable
from typing import Any, TypeAlias, cast

import msgspec
from websockets.frames import CloseCode

from connectors.emulator.channels import Channels
from connectors.emulator.http_stream import HttpStream
from connectors.emulator.socket import Socket


class _Joined(ABC):
    """The channels that one connection has joined."""

    def __init__(self, channels: Channels, initial: Iterable[str]) -> None:
        self._channels = channels
        self._initial = tuple(initial)
        self._joined: dict[str, None] = {}

    @property
    def subscriptions(self) -> Collection[str]:
        return self._joined.keys()

    def begin(self) -> None:
        for name in self._initial:
            self.join(name)

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

    def on_closed(self) -> None:
        for name in tuple(self._joined):
            self.leave(name)

    @abstractmethod
    def deliver(self, stream: str, payload: bytes, frame: bytes, /) -> None:
        """Hears a channel, as its `Listener`."""


OnMessage: TypeAlias = Callable[["ChannelSession", dict[str, Any]], None]
"""Reads what a client asks for: it calls `join` and `leave`, and answers with `send`."""


class ChannelSession(_Joined):
    """Implements `SocketSession`.

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
        super().__init__(channels, initial)
        self._socket = socket
        self._on_message = on_message
        self._farewell = farewell

    def send(self, event: Any) -> None:
        """An answer or a notice: no fault touches it."""
        self._socket.send(msgspec.json.encode(event))

    def deliver(self, stream: str, payload: bytes, frame: bytes, /) -> None:
        self._socket.deliver(stream, payload, frame)

    def on_text(self, text: str) -> None:
        try:
            message: Any = msgspec.json.decode(text)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            message = None
        if isinstance(message, dict):
            self._on_message(self, cast("dict[str, Any]", message))
        else:
            self._socket.close(CloseCode.INVALID_DATA, "not a JSON object")

    def on_control_frame(self) -> None:
        """Nobody counts them."""

    def announce_shutdown(self) -> None:
        if self._farewell is not None:
            self.send(self._farewell)


class HttpChannelSession(_Joined):
    """Implements `StreamSession`: an HTTP answer of the channels that its address names. `Streaming(open=...)` makes
    it."""

    def __init__(self, stream: HttpStream, channels: Channels, names: Iterable[str]) -> None:
        super().__init__(channels, names)
        self._stream = stream

    def deliver(self, stream: str, payload: bytes, frame: bytes, /) -> None:
        self._stream.deliver(stream, payload)

    def announce_shutdown(self) -> None:
        """HTTP has no notice: the answer ends."""
