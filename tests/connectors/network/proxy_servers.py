"""Proxies on loopback that lead every name to one place: CONNECT (RFC 9110, 9.3.6) and SOCKS5 (RFC 1928, 1929)."""

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

USER, PASSWORD = "trader", "pr0xy-pa:ss@word"


class ProxyServer:
    def __init__(self, scheme: str, target: int, *, guarded: bool, refuse: bytes | None) -> None:
        self.scheme = scheme
        self.asked: list[str] = []
        """`host:port` of every connection that was asked for."""
        self.port = 0
        self._target = target
        self._guarded = guarded
        self._refuse = refuse

    def url(self, user_info: str = "") -> str:
        return f"{self.scheme}://{user_info}127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ask = self._connect if self.scheme == "http" else self._socks
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            if await ask(reader, writer):
                there, here = await asyncio.open_connection("127.0.0.1", self._target)
                async with asyncio.TaskGroup() as group:
                    group.create_task(_pass_on(reader, here))
                    group.create_task(_pass_on(there, writer))
        writer.close()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.asked.append(head.split(" ")[1])
        wanted = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if self._guarded and f"Basic {wanted}" not in head:
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            return False
        writer.write(self._refuse or b"HTTP/1.1 200 Connection established\r\n\r\n")
        return self._refuse is None

    async def _socks(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        _, methods = await reader.readexactly(2)
        await reader.readexactly(methods)
        writer.write(bytes([5, 2 if self._guarded else 0]))
        if self._guarded:
            await reader.readexactly(1)
            user = await reader.readexactly((await reader.readexactly(1))[0])
            password = await reader.readexactly((await reader.readexactly(1))[0])
            right = (user.decode(), password.decode()) == (USER, PASSWORD)
            writer.write(bytes([1, 0 if right else 1]))
            if not right:
                return False
        _, _, _, kind = await reader.readexactly(4)
        assert kind == 3, "names are for the proxy to resolve"
        host = await reader.readexactly((await reader.readexactly(1))[0])
        port = int.from_bytes(await reader.readexactly(2))
        self.asked.append(f"{host.decode()}:{port}")
        writer.write(bytes([5, 5 if self._refuse else 0, 0, 1, 0, 0, 0, 0, 0, 0]))
        return self._refuse is None


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while chunk := await reader.read(65_536):
            writer.write(chunk)
            await writer.drain()
    writer.close()


@asynccontextmanager
async def serving(
    serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[int]:
    """The port; every connection is over when the block is."""
    tasks: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        await serve(reader, writer)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tuple(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


@asynccontextmanager
async def proxy_server(
    scheme: str, target: int, *, guarded: bool = False, refuse: bytes | None = None
) -> AsyncIterator[ProxyServer]:
    """`scheme` is `http` or `socks5`; `refuse` is what it answers in place of connecting."""
    proxy = ProxyServer(scheme, target, guarded=guarded, refuse=refuse)
    async with serving(proxy.serve) as proxy.port:
        yield proxy
