"""What a WebSocket and an HTTP stream of the server have in common: market data goes out, and goes wrong, alike."""

import asyncio
from abc import ABC, abstractmethod
from typing import Generic, TypeVar

from connectors.emulator.faults import Faults
from connectors.emulator.messages import StreamSession
from connectors.emulator.outbox import Outbox
from connectors.emulator.wire import reset

S = TypeVar("S", bound=StreamSession)

_BACKLOG_LIMIT = 32 * 1024 * 1024
"""Bytes a client may leave unread before it is cut off."""


class Connection(ABC, Generic[S]):
    """One client that is streamed to."""

    def __init__(
        self, writer: asyncio.StreamWriter, task: "asyncio.Task[None]", faults: Faults, opened: float
    ) -> None:
        self.task = task
        """What serves it."""
        self.opened = opened
        self.session: S | None = None
        self.sent = 0
        self.last_pong = opened
        self.last_ping = opened
        self.mute = False
        """Half-open: nothing is written or answered."""
        self._writer = writer
        self._outbox = Outbox(self, faults)
        self._faults = faults

    def begin(self) -> None:
        if self.session is not None:
            self.session.begin()

    # --- sending ---------------------------------------------------------------------------------------------------

    @property
    @abstractmethod
    def is_open(self) -> bool: ...

    @abstractmethod
    def encode(self, payload: bytes) -> bytes:
        """The wire form of a message."""

    def send(self, payload: bytes) -> None:
        """A message that no fault touches: an answer, an error, a sign of life."""
        self.write(self.encode(payload))

    def deliver(self, stream: str, payload: bytes, frame: bytes | None = None) -> None:
        """Market data. `frame` is the wire form of `payload`, where it was made once for all subscribers."""
        if frame is None:
            frame = self.encode(payload)
        if self._faults.frame_rules or self._outbox.busy or self.mute:
            self._outbox.deliver(stream, payload, frame)
        else:
            self.write(frame)

    def write(self, data: bytes) -> None:
        if self.mute or not self.is_open:
            return
        if self._writer.transport.get_write_buffer_size() > _BACKLOG_LIMIT:
            self.abort()
            return
        self.sent += 1
        self._writer.write(data)

    @abstractmethod
    def ping(self, payload: bytes, now: float) -> None:
        """See whether the client is there still."""

    # --- ending ----------------------------------------------------------------------------------------------------

    @abstractmethod
    def close(self, code: int = 1001, reason: str = "") -> None:
        """End it in order; `code` and `reason` where the protocol has them."""

    def half_open(self) -> None:
        self.mute = True

    def stall(self, pattern: str, milliseconds: int | None) -> None:
        self._outbox.stall(pattern, milliseconds)

    def abort(self) -> None:
        """Reset the TCP connection: what is unsent is lost and the peer sees no orderly end."""
        reset(self._writer)

    def abort_when_sent(self) -> None:
        """Reset once the kernel has what was written, so that the peer sees the broken frame first."""
        self.mute = True
        asyncio.get_running_loop().call_later(0.01, self.abort)

    def _ended(self) -> None:
        """It is over, however that came."""
        self._outbox.close()
        if self.session is not None:
            self.session.on_closed()
