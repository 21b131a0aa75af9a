"""The HTTP client all venues share: limits, repeats, clock, bounds, and no secret in any log or error."""

import asyncio
import logging
import random
from collections.abc import Callable
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import httpx

from connectors.contracts.errors import (
    BadResponse,
    ConnectionFailed,
    RateLimited,
    RequestTimeout,
    TimestampRejected,
    VenueError,
    VenueUnavailable,
)
from connectors.network.causes import connection_failed
from connectors.network.pages import is_page, page_error, says_it_is_down, words_of
from connectors.network.proxies import Proxy, proxy_for
from connectors.rest.bodies import ACCEPTED_ENCODINGS, mended, read_bounded
from connectors.rest.clock import ServerClock
from connectors.rest.dated_clock import DatedClock
from connectors.rest.failures import is_transient
from connectors.rest.library import checked_url, elsewhere, new_client
from connectors.rest.limits import LimitScope
from connectors.rest.requests import HttpTap, RestAnswer, RestRequest, RestVenue

logger = logging.getLogger(__name__)

ATTEMPTS = 3
ATTEMPT_TIMEOUT = 10.0
BACKOFF = 0.25
BACKOFF_LIMIT = 2.0
CONNECTIONS = 10


class RestClient:
    """Calls to one base URL. `clock` is measured anew when a call finds it old or the venue refuses its time."""

    def __init__(
        self,
        base_url: str,
        venue: RestVenue,
        scope: LimitScope,
        *,
        clock: ServerClock | None = None,
        tap: HttpTap | None = None,
    ) -> None:
        self.base_url = checked_url(base_url)
        self.scope = scope
        self.clock = clock
        self.dated = DatedClock()
        """What the answers' own dates tell of the venue's time."""
        self.on_refusal: Callable[[VenueError], None] = lambda _: None
        """Told of every refusal by the venue."""
        self.tap = tap
        self._venue = venue
        self._http: httpx.AsyncClient | None = None
        self._proxy: Proxy | None = None
        self._failed: VenueError | ConnectionFailed | None = None
        """What is tried again, until a call has its answer."""
        self._slots = asyncio.Semaphore(CONNECTIONS)
        self._exchanges: set[asyncio.Task[RestAnswer]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        exchanges = tuple(self._exchanges)
        for exchange in exchanges:
            exchange.cancel()
        await asyncio.gather(*exchanges, return_exceptions=True)
        if self._http is not None:
            await self._http.aclose()
            self._http = None

    async def call(self, request: RestRequest) -> bytes:
        """The body of a good answer.

        Raises the typed error of the venue's refusal, `RateLimited` where the budget does not allow the call within
        its time, `ConnectionFailed`, `RequestTimeout` or `BadResponse`.
        """
        give_up = asyncio.get_running_loop().time() + request.timeout
        try:
            async with asyncio.timeout_at(give_up):
                return await self._call(request, give_up)
        except TimeoutError:
            raise RequestTimeout(self._no_answer(request.timeout) + self.cause) from None

    async def _call(self, request: RestRequest, give_up: float) -> bytes:
        loop = asyncio.get_running_loop()
        clock = self.clock
        if clock is not None:
            await clock.before_call(signed=request.signed)
        corrected = clock is None
        attempt = 0
        while True:
            await self.scope.acquire(request.costs, max_wait=give_up - loop.time())
            try:
                body = await self._attempt(request)
                self._failed = None
                return body
            except TimestampRejected:
                # The venue refused to look at the request, so sending it again cannot double it.
                if corrected or clock is None:
                    raise
                corrected = True
                await clock.measure()
            except (VenueError, ConnectionFailed, RequestTimeout) as error:
                attempt += 1
                if attempt >= ATTEMPTS or not request.may_repeat or not is_transient(error):
                    raise
                if not isinstance(error, RequestTimeout):
                    self._failed = error
                if isinstance(error, RateLimited):
                    if error.banned or loop.time() + self.scope.blocked_for > give_up:
                        raise
                    continue
                delay = random.uniform(0, min(BACKOFF_LIMIT, BACKOFF * 2**attempt))
                if loop.time() + delay > give_up:
                    raise
                logger.info(
                    "request repeated: venue=%s path=%s reason=%s", self._venue.name, request.path, error
                )
                await asyncio.sleep(delay)

    async def _attempt(self, request: RestRequest) -> bytes:
        answer = await self._send(request)
        for meter, used in self._venue.usage(answer.headers).items():
            self.scope.observe(meter, used)
        if 200 <= answer.status < 300:
            if is_page(answer.body):
                raise page_error(self._venue.name, answer.body)
            if words := says_it_is_down(answer.body):
                raise VenueUnavailable(
                    f"{self._venue.name} is down for maintenance or overloaded: '{words}'",
                    status=answer.status,
                )
            return answer.body
        if 300 <= answer.status < 400:
            raise BadResponse(
                f"{self._venue.name} sends to {elsewhere(answer.headers.get('location'))}, which is not followed; "
                "a network's sign-in page does so too"
            )
        error = self._venue.error(answer)
        if not answer.body.lstrip().startswith((b"{", b"[")) and (words := words_of(answer.body)):
            # What is not the venue's usual refusal has words of its own: its firewall's, or a proxy's.
            error.args = (f"{error}: '{words}'",)
        if isinstance(error, RateLimited):
            self.scope.block(error.retry_after or 0.0, banned=error.banned)
        self.on_refusal(error)
        raise error

    async def _send(self, request: RestRequest) -> RestAnswer:
        # The library loses a connection of its pool for good where an exchange is cancelled half-way: once begun it
        # goes on to its end, which its own timeout bounds, whether or not somebody still waits for it.
        await self._slots.acquire()
        exchange = asyncio.create_task(self._exchange(request), name=f"{self._venue.name} exchange")
        self._exchanges.add(exchange)
        exchange.add_done_callback(self._exchanged)
        return await asyncio.shield(exchange)

    def _exchanged(self, exchange: asyncio.Task[RestAnswer]) -> None:
        self._exchanges.discard(exchange)
        self._slots.release()
        if not exchange.cancelled():
            # Taken, so that an error nobody waits for any more is no noise.
            exchange.exception()

    async def _exchange(self, request: RestRequest) -> RestAnswer:
        http = await self._ready()
        prepared = self._venue.prepare(request)
        url = f"{self.base_url}{request.path}" + (f"?{prepared.query}" if prepared.query else "")
        # Errors of the library name URL and headers, and so signature and key: none is kept as a cause.
        sent = self.dated.moment()
        try:
            async with asyncio.timeout(ATTEMPT_TIMEOUT):
                async with http.stream(request.method, url, headers=prepared.headers) as response:
                    encoding = response.headers.get("content-encoding", "").strip().lower()
                    body = await read_bounded(response.aiter_raw(), encoding, request.max_bytes)
                    answer = RestAnswer(response.status_code, dict(response.headers), mended(body))
        except (httpx.TimeoutException, TimeoutError):
            raise RequestTimeout(self._no_answer(ATTEMPT_TIMEOUT)) from None
        except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL) as error:
            raise connection_failed(
                error, self._venue.name, urlsplit(self.base_url).netloc, self._proxy
            ) from None
        self.dated.observe(answer.headers, sent)
        # The answer of a call that a key alone opens is itself a key.
        if self.tap is not None and not request.keyed:
            recorded = f"?{prepared.recorded_query}" if prepared.recorded_query else ""
            url = f"{self.base_url}{request.path}{recorded}"
            self.tap(request.method, url, answer.status, answer.body)
        return answer

    async def _ready(self) -> httpx.AsyncClient:
        if self._http is None:
            self._proxy = proxy_for(self.base_url)
            made = await new_client(
                proxy=self._proxy,
                timeout=ATTEMPT_TIMEOUT,
                accept_encoding=ACCEPTED_ENCODINGS,
                limits=httpx.Limits(
                    max_connections=CONNECTIONS, max_keepalive_connections=4, keepalive_expiry=30
                ),
            )
            # Another call may have made one meanwhile; an unused client holds nothing open.
            if self._http is None:
                self._http = made
        return self._http

    @property
    def cause(self) -> str:
        """Why there is no answer, as far as it is known, as the end of a message."""
        if self._failed is not None:
            return f": {self._failed}"
        return f" through the proxy {self._proxy.address}" if self._proxy is not None else ""

    def _no_answer(self, seconds: float) -> str:
        return f"no answer from {self._venue.name} within {seconds:g} s"
