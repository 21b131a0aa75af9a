"""One WebSocket connection of the server, on the sans-I/O protocol of `websockets`.

Owning the bytes is what makes the misbehaviour possible that a server library would prevent: half a frame, an
unanswered ping, bytes that are no frame.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus

from websockets.exceptions import InvalidHandshake
from websockets.frames import CloseCode, Frame, Opcode
from websockets.http11 import Request as UpgradeRequest
from websockets.protocol import State
from websockets.server import ServerProtocol

from connectors.emulator.connection import Connection
from connectors.emulator.faults import Faults
from connectors.emulator.messages import SocketSession
from connectors.emulator.wire import text_frame

log = logging.getLogger(__name__)

_MESSAGE_LIMIT = 1024 * 1024
_CLOSING_SECONDS = 2.0


class Socket(Connection[SocketSession]):
    """`path` and `query` are those of the handshake."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        task: "asyncio.Task[None]",
        faults: Faults,
        opened: float,
    ) -> None:
        super().__init__(writer, task, faults, opened)
        self.path = ""
        self.query = ""
        self._protocol = ServerProtocol(max_size=_MESSAGE_LIMIT)
        self._reader = reader
        self._parts: list[bytes] = []

    # --- life ------------------------------------------------------------------------------------------------------

    def shake_hands(
        self,
        head: bytes,
        admits: Callable[[str | None, str | None], bool],
        accept: Callable[["Socket"], SocketSession | None],
    ) -> bool:
        """Answer the upgrade request in `head`. `admits` judges its Host and Origin; `accept` gives the dialect's side,
        or `None` for a wrong path."""
        protocol = self._protocol
        protocol.receive_data(head)
        for event in protocol.events_received():
            if not isinstance(event, UpgradeRequest):
                continue
            self.path, _, self.query = event.path.partition("?")
            response = protocol.accept(event)
            if not admits(_only(event, "Host"), _only(event, "Origin")):
                response = protocol.reject(
                    HTTPStatus.FORBIDDEN, "this port is for programs on this machine\n"
                )
            if response.status_code == HTTPStatus.SWITCHING_PROTOCOLS:
                session = accept(self)
                if session is None:
                    response = protocol.reject(HTTPStatus.NOT_FOUND, "no such path\n")
                self.session = session
            protocol.send_response(response)
            self._flush()
        if isinstance(protocol.handshake_exc, InvalidHandshake):
            self._flush()
        return self.session is not None

    async def run(self, now: Callable[[], float]) -> None:
        """Serve until the connection ends, however it does."""
        try:
            while data := await self._reader.read(65_536):
                if self.mute:
                    continue
                self._protocol.receive_data(data)
                self._take_events(now())
                self._flush()
                if self._protocol.close_expected():
                    break
        except ConnectionError:
            pass
        finally:
            self._ended()

    def _take_events(self, now: float) -> None:
        session = self.session
        if session is None:
            return
        for event in self._protocol.events_received():
            if not isinstance(event, Frame):
                continue
            if event.opcode in (Opcode.PING, Opcode.PONG):
                if event.opcode is Opcode.PONG:
                    self.last_pong = now
                session.on_control_frame()
            elif event.opcode in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
                self._parts.append(bytes(event.data))
                if event.fin:
                    message = b"".join(self._parts)
                    self._parts.clear()
                    if self._faults.deaf:
                        continue
                    self._heard(session, message)

    def _heard(self, session: SocketSession, message: bytes) -> None:
        try:
            session.on_text(message.decode("utf-8", "replace"))
        except Exception:  # whatever a message makes of a dialect, the others are served
            log.exception("the dialect failed")
            self.close(CloseCode.INTERNAL_ERROR)

    # --- sending ---------------------------------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        return self._protocol.state is State.OPEN and not self._writer.is_closing()

    def encode(self, payload: bytes) -> bytes:
        return text_frame(payload)

    def ping(self, payload: bytes, now: float) -> None:
        self.last_ping = now
        if self.is_open and not self.mute:
            self._protocol.send_ping(payload)
            self._flush()

    def close(self, code: int = CloseCode.GOING_AWAY, reason: str = "") -> None:
        """Begin the closing handshake; the peer has two seconds to answer."""
        if not self.is_open:
            return
        self._protocol.send_close(code, reason)
        self._flush()
        asyncio.get_running_loop().call_later(_CLOSING_SECONDS, self.abort)

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            if self._writer.is_closing() or self.mute:
                return
            if data:
                self._writer.write(data)
            elif self._writer.can_write_eof():
                # The peer may have reset the connection, unseen yet: then there is nobody left to tell.
                with suppress(OSError):
                    self._writer.write_eof()


def _only(request: UpgradeRequest, name: str) -> str | None:
    """A header that may come once. Twice, it is two answers to one question, and neither counts."""
    values = request.headers.get_all(name)
    return values[0] if len(values) == 1 else "" if values else None
