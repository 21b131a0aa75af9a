"""A transport for venues that stream over HTTP: a GET whose answer does not end.

Each line of the answer is a frame, or each event where it is `text/event-stream`; empty lines and comments count as
signs of life only. Subscribing is connecting: the dialect's `subscribe` and `unsubscribe` give `None`, and the address
of a category names its channels.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from urllib.parse import urlsplit

import httpx

from connectors.contracts.errors import BadFrame, BadResponse
from connectors.network.causes import connection_failed
from connectors.network.proxies import Proxy, proxy_for
from connectors.rest.bodies import Unpacker, read_bounded
from connectors.rest.library import checked_url, new_client
from connectors.streaming.lines import Lines, ServerSentEvents
from connectors.streaming.reading import Label, ReadingSocket
from connectors.streaming.refusals import StreamRefused
from connectors.streaming.settings import SessionSettings
from connectors.streaming.socket import Receiver
from connectors.streaming.transport import Transport

Headers = Callable[[], Mapping[str, str]]
"""Asked at every connection, so that a token may change; what they hold is neither recorded nor logged."""

_REFUSAL_LIMIT = 64 * 1024
_REFUSAL_SECONDS = 1.0
_ONE = httpx.Limits(max_connections=1, max_keepalive_connections=0)


def http_stream(headers: Headers | None = None, *, label: Label | None = None) -> Transport:
    """The transport. `headers` go with every request, such as an `Authorization`; `label` names each frame.

    Opening raises `StreamRefused` at another status than 200 (a redirect too), `ConnectionFailed`, `BadResponse` where
    the answer is packed otherwise than asked for, or `TimeoutError`.
    """

    async def open_http_stream(url: str, receiver: Receiver, settings: SessionSettings) -> HttpStream:
        address = checked_url(url)
        proxy = proxy_for(address)
        client = await new_client(
            proxy=proxy,
            timeout=httpx.Timeout(settings.open_timeout, read=None),
            accept_encoding="gzip",
            limits=_ONE,
        )
        try:
            async with asyncio.timeout(settings.open_timeout):
                response = await _get(client, address, headers() if headers is not None else {}, proxy)
            named = label(url) if label is not None else b""
            stream = HttpStream(client, response, receiver, settings, named)
        except BaseException:
            await _close(client, settings)
            raise
        stream.start(f"{urlsplit(url).hostname} stream")
        return stream

    return open_http_stream


async def _get(
    client: httpx.AsyncClient, url: str, headers: Mapping[str, str], proxy: Proxy | None
) -> httpx.Response:
    # Errors of the library may name URL and headers, and so a token: none is kept as a cause.
    try:
        request = client.build_request("GET", url, headers=dict(headers))
        response = await client.send(request, stream=True)
    except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, ValueError) as error:
        netloc = urlsplit(url).netloc
        raise connection_failed(error, netloc, netloc, proxy) from None
    media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if response.status_code != HTTPStatus.OK or media_type == "text/html":
        raise StreamRefused(response.status_code, dict(response.headers), await _beginning(response))
    return response


async def _beginning(response: httpx.Response) -> bytes:
    """The first words of a refusal, as far as they come."""
    encoding = response.headers.get("content-encoding", "").strip().lower()
    with contextlib.suppress(BadResponse, httpx.HTTPError, httpx.StreamError, TimeoutError):
        async with asyncio.timeout(_REFUSAL_SECONDS):
            return await read_bounded(response.aiter_raw(), encoding, _REFUSAL_LIMIT)
    return b""


async def _close(client: httpx.AsyncClient, settings: SessionSettings) -> None:
    with contextlib.suppress(TimeoutError, httpx.HTTPError):
        async with asyncio.timeout(settings.close_timeout):
            await client.aclose()


class HttpStream(ReadingSocket):
    """An answer that does not end. Any byte of it is a sign of life."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        response: httpx.Response,
        receiver: Receiver,
        settings: SessionSettings,
        label: bytes,
    ) -> None:
        super().__init__(receiver, label)
        self._client = client
        self._response = response
        self._settings = settings
        encoding = response.headers.get("content-encoding", "").strip().lower()
        self._unpacker = Unpacker(encoding, settings.max_frame)
        media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        self._frames = (ServerSentEvents if media_type == "text/event-stream" else Lines)(settings.max_frame)

    async def _read(self) -> str:
        give, unpack, frames_of = self._give, self._unpacker.unpack, self._frames.feed
        try:
            async for chunk in self._response.aiter_raw():
                self.last_byte = time.monotonic()
                for frame in frames_of(unpack(chunk)):
                    give(frame)
        except (BadFrame, BadResponse) as error:
            self.violated = True
            return f"the venue broke the protocol: {error}"
        except (httpx.HTTPError, httpx.StreamError) as error:
            return f"the connection broke ({type(error).__name__})"
        return "the venue ended the stream"

    async def _release(self) -> None:
        await _close(self._client, self._settings)
