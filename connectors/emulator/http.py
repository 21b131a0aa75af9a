"""HTTP/1.1 over asyncio streams, by h11: enough of a server for a venue's REST interface."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import cast

import h11

from connectors.emulator.messages import Request, Response

_BODY_LIMIT = 1024 * 1024

Answer = Callable[[Request], Awaitable[Response | None]]
"""Gives the response, or `None` to reset the connection instead."""


class _TooLarge(Exception):
    """The request's body is over the limit."""


async def serve_requests(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes, answer: Answer
) -> None:
    """Answer requests on one connection until either side ends it. `head` is what was read of it already."""
    connection = h11.Connection(h11.SERVER)
    connection.receive_data(head)
    peer = cast("tuple[str, int]", writer.get_extra_info("peername"))[0]
    while True:
        try:
            request = await _next_request(connection, reader, peer)
        except (h11.RemoteProtocolError, _TooLarge):
            if connection.our_state in (h11.IDLE, h11.SEND_RESPONSE):
                writer.write(
                    _encode(connection, Response(400, b'{"code":-1000,"msg":"Bad request."}'), close=True)
                )
                await writer.drain()
            return
        if request is None:
            return
        response = await answer(request)
        if response is None:
            writer.transport.abort()
            return
        writer.write(_encode(connection, response, head_only=request.method == "HEAD"))
        await writer.drain()
        if connection.our_state is not h11.DONE or connection.their_state is not h11.DONE:
            return
        connection.start_next_cycle()


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
    headers = [
        ("Content-Type", response.content_type),
        ("Content-Length", str(len(response.body))),
        *response.headers.items(),
    ]
    if close:
        headers.append(("Connection", "close"))
    start = h11.Response(status_code=response.status, headers=headers)
    data = connection.send(start) or b""
    if not head_only:
        data += connection.send(h11.Data(data=response.body)) or b""
    return data + (connection.send(h11.EndOfMessage()) or b"")
