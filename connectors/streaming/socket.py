"""The socket under a session: one WebSocket whose frames are handled where they are read.

Frames go straight from the transport's callback to the receiver, without a queue and a task switch between: the
reader cannot fall behind a consumer, pongs are seen in time under any load, and a message costs least.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Any, Protocol, cast
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.client import ClientProtocol
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI
from websockets.frames import CloseCode, Frame, Opcode
from websockets.protocol import Event, State

from catalog.addresses import address_problem
from connectors.contracts.errors import UsageError
from connectors.network.causes import connection_failed
from connectors.network.proxies import Proxy, proxy_for
from connectors.network.trust import tls_context
from connectors.streaming.refusals import StreamRefused
from connectors.streaming.settings import SessionSettings

_MAX_FRAGMENTS = 4096
_VIOLATIONS = (CloseCode.PROTOCOL_ERROR, CloseCode.INVALID_DATA, CloseCode.MESSAGE_TOO_BIG)
_TEXT, _BINARY, _CONT, _PONG, _PING = Opcode.TEXT, Opcode.BINARY, Opcode.CONT, Opcode.PONG, Opcode.PING


class Receiver(Protocol):
    """Who hears a socket. All three are called from the event loop and must not raise."""

    @property
    def received(self) -> Callable[[bytes, float], None]:
        """Takes a whole message and the time it was read."""
        ...

    def pinged(self) -> None:
        """The peer pinged, and was answered."""
        ...

    def disconnected(self, reason: str) -> None: ...


class StreamSocket(ClientConnection):
    """A client connection that gives whole messages to a receiver as they are read."""

    heartbeat: float | None = None
    """Pings tell whether it is alive; see `TransportSocket`."""

    def __init__(self, protocol: ClientProtocol, receiver: Receiver, max_unsent: int, **options: Any) -> None:
        super().__init__(protocol, **options)
        self.last_byte = time.monotonic()
        self._receiver = receiver
        self._receive = receiver.received
        self._max_unsent = max_unsent
        self._fragments: list[bytes] = []
        self._abort_reason: str | None = None
        self._last_resort: asyncio.TimerHandle | None = None
        self.violated = False
        """Whether a frame that breaks the protocol (too large, not UTF-8, malformed) ended the connection."""

    def data_received(self, data: bytes) -> None:
        self.last_byte = time.monotonic()
        super().data_received(data)
        if self.protocol.state is not State.OPEN:
            self._closing()
        elif self.transport.get_write_buffer_size() > self._max_unsent:
            self.abort("the peer sends but does not read")

    def _closing(self) -> None:
        # The library leaves the end of the TCP connection to the peer, who may never come to it.
        sent, received = self.protocol.close_sent, self.protocol.close_rcvd
        if sent is not None and received is None and sent.code in _VIOLATIONS:
            self.violated = True
            self.abort(f"the venue broke the protocol: {sent}")
        elif self._last_resort is None and self.response is not None:
            self._last_resort = self.loop.call_later(self.close_timeout or 0, self.transport.abort)

    def process_event(self, event: Event) -> None:
        if self.response is None or not isinstance(event, Frame):
            super().process_event(event)
            return
        opcode = event.opcode
        if opcode is _TEXT or opcode is _BINARY:
            if event.fin:
                self._receive(bytes(event.data), self.last_byte)
            else:
                self._fragments = [bytes(event.data)]
        elif opcode is _CONT:
            self._continue(event)
        elif opcode is _PONG:
            self.acknowledge_pings(bytes(event.data))
        elif opcode is _PING:
            self._receiver.pinged()

    def _continue(self, event: Frame) -> None:
        self._fragments.append(bytes(event.data))
        if event.fin:
            fragments, self._fragments = self._fragments, []
            self._receive(b"".join(fragments), self.last_byte)
        elif len(self._fragments) > _MAX_FRAGMENTS:
            self.abort("a message in too many fragments")

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self._last_resort is not None:
            self._last_resort.cancel()
        self._receiver.disconnected(self._reason())

    def abort(self, reason: str) -> None:
        """Drop the connection now, without a closing handshake."""
        if self._abort_reason is None:
            self._abort_reason = reason
        self.transport.abort()

    def _reason(self) -> str:
        if self._abort_reason is not None:
            return self._abort_reason
        error: ConnectionClosed = self.close_exc
        if error.rcvd is not None:
            return f"the venue closed it: {error.rcvd}"
        if error.sent is not None:
            return f"closed: {error.sent}"
        return (
            f"the connection broke ({self.connection_exc})" if self.connection_exc else "the connection broke"
        )


async def open_socket(url: str, receiver: Receiver, settings: SessionSettings) -> StreamSocket:
    """Connect. Raises `StreamRefused`, `ConnectionFailed` or `TimeoutError`; `UsageError` where it would cross a
    network in the clear, or where what the user says about proxies or certificates cannot be used."""
    problem = address_problem(url, ("ws",))
    if problem is not None:
        raise UsageError(f"the stream address {problem}")

    def create(protocol: ClientProtocol, **options: Any) -> StreamSocket:
        return StreamSocket(protocol, receiver, settings.max_unsent, **options)

    proxy = proxy_for(url)
    # What the library raises may name the address with its query, and so a key: none is kept as a cause.
    try:
        socket = await _Connect(
            url,
            compression=None,
            proxy=proxy.secret_url if proxy is not None else None,
            **await _tls_options(url, proxy),
            open_timeout=settings.open_timeout,
            ping_interval=None,
            close_timeout=settings.close_timeout,
            max_size=settings.max_frame,
            create_connection=cast("type[ClientConnection]", cast("Callable[..., ClientConnection]", create)),
        )
    except InvalidStatus as error:
        answer = error.response
        headers = {name.lower(): value for name, value in answer.headers.raw_items()}
        raise StreamRefused(answer.status_code, headers, bytes(answer.body or b"")) from None
    except TimeoutError:
        raise
    except (OSError, InvalidHandshake, InvalidURI, EOFError) as error:
        netloc = urlsplit(url).netloc
        raise connection_failed(error, netloc, netloc, proxy) from None
    return cast("StreamSocket", socket)


class _Connect(connect):
    """The library's way to connect, but that it follows no redirect: what signs in would be sent along."""

    def process_redirect(self, exc: Exception) -> Exception:
        return exc


async def _tls_options(url: str, proxy: Proxy | None) -> dict[str, Any]:
    if not url.startswith("wss:"):
        return {}
    tls = await tls_context()
    return {"ssl": tls, "proxy_ssl": tls} if proxy is not None and proxy.scheme == "https" else {"ssl": tls}
