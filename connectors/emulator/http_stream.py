"""One HTTP answer of the server that does not end: a chunk a message, a line each or a Server-Sent Event each."""

import asyncio
import contextlib

from connectors.emulator.connection import Connection
from connectors.emulator.faults import Faults
from connectors.emulator.messages import EVENT_STREAM, Streaming, StreamSession

_LAST_CHUNK = b"0\r\n\r\n"
_CLOSING_SECONDS = 2.0


class HttpStream(Connection[StreamSession]):
    """What a `Streaming` answer is sent on. The client says nothing on it but that it has gone."""

    def __init__(
        self,
        writer: asyncio.StreamWriter,
        task: "asyncio.Task[None]",
        faults: Faults,
        opened: float,
        answer: Streaming,
    ) -> None:
        super().__init__(writer, task, faults, opened)
        self._answer = answer
        self._as_events = answer.content_type == EVENT_STREAM
        self._closed = False
        self.session = answer.open(self)

    async def run(self, reader: asyncio.StreamReader) -> None:
        """Send the head and what the session gives, until the connection ends."""
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {self._answer.content_type}\r\nTransfer-Encoding: chunked\r\n\r\n"
        self._writer.write(head.encode())
        try:
            self.begin()
            with contextlib.suppress(ConnectionError):
                while await reader.read(65_536):
                    pass
        finally:
            self._closed = True
            self._ended()

    @property
    def is_open(self) -> bool:
        return not self._closed and not self._writer.is_closing()

    def encode(self, payload: bytes) -> bytes:
        if self._as_events:
            return _chunk(b"".join(b"data: " + line + b"\n" for line in payload.split(b"\n")) + b"\n")
        return _chunk(payload + b"\n")

    def beat(self) -> None:
        """A sign of life that is no message: an empty line, or a comment."""
        self.write(_chunk(b":\n\n" if self._as_events else b"\n"))

    def ping(self, payload: bytes, now: float) -> None:
        """HTTP has no pings: a client that reads no more is noticed by its backlog."""
        self.last_ping = self.last_pong = now

    def close(self, code: int = 1001, reason: str = "") -> None:
        """End the answer, and then the connection."""
        if not self.is_open:
            return
        if not self.mute:
            self._writer.write(_LAST_CHUNK)
        self._closed = True
        self._writer.close()
        # A client that reads no more would keep what is unsent, and with it the connection, for ever.
        asyncio.get_running_loop().call_later(_CLOSING_SECONDS, self.abort)


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)
