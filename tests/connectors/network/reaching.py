"""One call and one stream of each transport, as connectors make them."""

import traceback
from collections.abc import Awaitable, Callable

from connectors.contracts.errors import BarfinexError
from connectors.rest.client import RestClient
from connectors.rest.limits import LimitScope
from connectors.rest.requests import RestRequest
from connectors.streaming.http_stream import http_stream
from connectors.streaming.settings import SessionSettings
from connectors.streaming.socket import open_socket
from connectors.venues.binance.rest import BinanceRest

SECRET = "hid" + "den"
"""In pieces, because a traceback shows the lines of the source."""
Reach = Callable[[str], Awaitable[object]]
_SETTINGS = SessionSettings(open_timeout=5.0, close_timeout=0.2)


class Deaf:
    def received(self, frame: bytes, now: float) -> None: ...

    def pinged(self) -> None: ...

    def disconnected(self, reason: str) -> None: ...


async def by_rest(authority: str) -> None:
    async with RestClient(f"https://{authority}", BinanceRest(lambda: 0), LimitScope()) as client:
        await client.call(RestRequest(path="/api/v3/time", timeout=5, repeatable=False))


async def by_websocket(authority: str) -> None:
    await (await open_socket(f"wss://{authority}/stream?listenKey={SECRET}", Deaf(), _SETTINGS)).close()


async def by_http_stream(authority: str) -> None:
    await (await http_stream()(f"https://{authority}/api/stream?token={SECRET}", Deaf(), _SETTINGS)).close()


WAYS: list[Reach] = [by_rest, by_websocket, by_http_stream]


async def told(reach: Reach, authority: str) -> str:
    """What a person reads where it fails; nothing secret is in what a traceback would print."""
    try:
        await reach(authority)
    except BarfinexError as error:
        printed = "".join(traceback.format_exception(error)) + repr(error) + repr(error.__cause__)
        assert SECRET not in printed
        assert "pr0xy" not in printed
        return str(error)
    raise AssertionError("it was reached")
