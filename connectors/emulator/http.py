"""HTTP/1.1 over asyncio streams, by h11: enough of a server for a venue's REST interface."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import cast

import h11

from connectors.emulator.messages import Request, Response, Streaming
from connectors.emulator.wire import reset

_BODY_LIMIT = 1024 * 1024
_LOOK_SECONDS = 0.25
"""How often it is seen whether the client still waits for a late answer."""

Answer = Callable[[Request], Awaitable[Response | Streaming | None]]
"""Gives the response, or `None` to reset the connection instead."""


class _TooLarge(Exception):
    """The request's body is over the limit."""


class HttpConnection:
    """One connection. The caller reads each request's head, so that an upgrade to WebSocket can follow requests."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: Answer) -> None:
        self._reader, self._writer, self._answer = reader, writer, answer
        self._peer = cast("tuple[str, int]", writer.get_extra_info("peername"))[0]
        self._connection = h11.Connection(h11.SERVER)
        self.streaming: Streaming | None = None
        """The last answer, where it has no end: it takes the rest of the connection."""

    async def serve(self, head: bytes) -> bool:
        """Answer the request that begins with `head`; whether another may follow."""
        connection, writer = self._connection, self._writer
        connection.receive_data(head)
        try:
            request = await _next_request(connection, self._reader, self._peer)
        except (h11.RemoteProtocolError, _TooLarge):
            if connection.our_state in (h11.IDLE, h11.SEND_RESPONSE):
                refusal = Response(400, b'{"code":-1000,"msg":"Bad request."}')
                writer.write(_encode(connection, refusal, close=True))
                await writer.drain()
            return False
        if request is None:
            return False
        response = await self._answered(request)
        if response is None:
            reset(writer)
            return False
        if isinstance(response, Streaming):
            self.streaming = response
            return False
        writer.write(_encode(connection, response, head_only=request.method == "HEAD"))
        await writer.drain()
        if connection.our_state is not h11.DONE or connection.their_state is not h11.DONE:
            return False
        connection.start_next_cycle()
        return not connection.trailing_data[0]

    async def _answered(self, request: Request) -> Response | Streaming | None:
        """The answer, however late; none where the client hangs up while it waits for a late one."""
        answer = asyncio.ensure_future(self._answer(request))
        try:
            while not (await asyncio.wait([answer], timeout=_LOOK_SECONDS))[0]:
                if self._reader.at_eof():
                    return None
            return answer.result()
        finally:
            answer.cancel()


async def _next_request(
    connection: h11.Connection, reader: asyncio.StreamReader, peer: str
) -> Request | None:
    head: h11.Request | None = None
    body = bytearray()
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(65_536))
        elif isinstance(event, h11.Request):
            head = event
        elif isinstance(event, h11.Data):
            body += event.data
            if len(body) > _BODY_LIMIT:
                raise _TooLarge
        elif isinstance(event, h11.EndOfMessage) and head is not None:
            path, _, query = head.target.decode("latin-1").partition("?")
            headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in head.headers}
            return Request(head.method.decode(), path, query, bytes(body), headers, peer)
        else:
            return None


def _encode(
    connection: h11.Connection, response: Response, *, head_only: bool = False, close: bool = False
) -> bytes:
    # These have none, whatever a fault was given.
    body = b"" if response.status in (204, 304) else response.body
    headers = [
        ("Content-Type", response.content_type),
        ("Content-Length", str(len(body))),
        *response.headers.items(),
    ]
    if close:
        headers.append(("Connection", "close"))
    start = h11.Response(status_code=response.status, headers=headers)
    data = connection.send(start) or b""
    if not head_only:
        data += connection.send(h11.Data(data=body)) or b""
    return data + (connection.send(h11.EndOfMessage()) or b"")
