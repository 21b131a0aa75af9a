"""The HTTP client against a real server on loopback."""

import asyncio
import gzip
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

import pytest

from connectors.contracts.errors import (
    AuthenticationFailed,
    BadRequest,
    BadResponse,
    ConnectionFailed,
    RateLimited,
    RequestTimeout,
    TimestampRejected,
    UsageError,
    VenueError,
    VenueUnavailable,
)
from connectors.rest.client import ATTEMPTS, RestClient
from connectors.rest.clock import ServerClock
from connectors.rest.failures import failure_for_status, retry_after_seconds, venue_error
from connectors.rest.limits import LimitScope
from connectors.rest.requests import Prepared, RestAnswer, RestRequest
from tests.connectors.rest.server import Handler, LoopbackVenue, Reply, loopback


class Venue:
    """The plainest venue: used weight in one header, errors by status, a refused timestamp as status 421."""

    name = "Venue"

    def prepare(self, request: RestRequest) -> Prepared:
        query = "&".join(f"{name}={value}" for name, value in request.params)
        if not request.signed:
            return Prepared(query, {}, query)
        return Prepared(f"{query}&signature=abc", {"X-Key": "the-key"}, query)

    def usage(self, headers: Mapping[str, str]) -> Mapping[str, int]:
        return {"WEIGHT": int(headers["x-used"])} if "x-used" in headers else {}

    def error(self, answer: RestAnswer) -> VenueError:
        if answer.status == 421:
            return TimestampRejected("the time is wrong")
        wait = retry_after_seconds(answer.headers.get("retry-after"))
        return venue_error("Venue", failure_for_status(answer.status), status=answer.status, retry_after=wait)


@asynccontextmanager
async def connected(handler: Handler, **options: object) -> AsyncIterator[tuple[LoopbackVenue, RestClient]]:
    scope = LimitScope()
    scope.set_limit("WEIGHT", 100, 60)
    async with loopback(handler) as venue, RestClient(venue.url, Venue(), scope, **options) as client:  # type: ignore[arg-type]  # the keywords of RestClient
        yield venue, client


def failing(times: int, reply: Reply, then: Reply | None = None) -> Callable[[object], Reply]:
    """A handler that answers so many times with `reply`."""
    left = times

    def answer(_: object) -> Reply:
        nonlocal left
        left -= 1
        return reply if left >= 0 else then or Reply(b"good")

    return answer


async def test_a_good_answer_is_its_body() -> None:
    async with connected(lambda request: Reply(request.query.encode())) as (venue, client):
        body = await client.call(RestRequest(path="/a", params=(("x", "1"), ("y", "%41"))))
        assert body == b"x=1&y=%41"
        assert venue.requests[0].headers["user-agent"] == "barfinex"


async def test_a_packed_answer_is_unpacked() -> None:
    packed = Reply(gzip.compress(b"hello"), headers={"content-encoding": "gzip"})
    async with connected(lambda _: packed) as (_, client):
        assert await client.call(RestRequest(path="/")) == b"hello"


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_reading_is_repeated_after_a_fault_of_the_venue(status: int) -> None:
    async with connected(failing(ATTEMPTS - 1, Reply(status=status))) as (venue, client):
        assert await client.call(RestRequest(path="/")) == b"good"
        assert len(venue.requests) == ATTEMPTS


async def test_repeats_are_bounded() -> None:
    async with connected(lambda _: Reply(status=503)) as (venue, client):
        with pytest.raises(VenueUnavailable):
            await client.call(RestRequest(path="/"))
        assert len(venue.requests) == ATTEMPTS


async def test_reading_is_repeated_after_a_broken_connection() -> None:
    async with connected(failing(1, Reply(cut=True))) as (venue, client):
        assert await client.call(RestRequest(path="/")) == b"good"
        assert len(venue.requests) == 2


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize("reply", [Reply(status=503), Reply(status=429), Reply(cut=True)])
async def test_what_changes_something_is_sent_once(method: str, reply: Reply) -> None:
    async with connected(lambda _: reply) as (venue, client):
        with pytest.raises((VenueUnavailable, ConnectionFailed, RateLimited)):
            await client.call(RestRequest(path="/", method=method))
        assert len(venue.requests) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 451])
async def test_a_refusal_is_not_repeated(status: int) -> None:
    async with connected(lambda _: Reply(status=status)) as (venue, client):
        with pytest.raises(VenueError) as refused:
            await client.call(RestRequest(path="/"))
        assert not refused.value.retryable
        assert len(venue.requests) == 1


async def test_retry_after_is_waited_for_where_it_fits() -> None:
    limited = Reply(status=429, headers={"Retry-After": "1"})
    async with connected(failing(1, limited)) as (venue, client):
        started = time.monotonic()
        assert await client.call(RestRequest(path="/")) == b"good"
        assert time.monotonic() - started >= 1
        assert len(venue.requests) == 2


async def test_a_long_retry_after_fails_fast_and_holds_every_call_of_the_scope() -> None:
    async with connected(lambda _: Reply(status=429, headers={"Retry-After": "60"})) as (venue, client):
        with pytest.raises(RateLimited) as refused:
            await client.call(RestRequest(path="/"))
        assert refused.value.retry_after == 60
        with pytest.raises(RateLimited) as held:
            await client.call(RestRequest(path="/other", method="POST"))
        assert held.value.retry_after == pytest.approx(60, abs=1)
        assert len(venue.requests) == 1


async def test_a_ban_is_never_argued_with() -> None:
    async with connected(lambda _: Reply(status=418, headers={"Retry-After": "1"})) as (venue, client):
        with pytest.raises(RateLimited) as refused:
            await client.call(RestRequest(path="/"))
        assert refused.value.banned
        assert len(venue.requests) == 1


async def test_the_venues_count_corrects_the_budget() -> None:
    async with connected(lambda _: Reply(headers={"X-Used": "90"})) as (venue, client):
        await client.call(RestRequest(path="/", costs={"WEIGHT": 1}))
        with pytest.raises(RateLimited):
            await client.call(RestRequest(path="/", costs={"WEIGHT": 1}, timeout=1))
        assert len(venue.requests) == 1
        assert client.scope.usage()[0].used == 90


async def test_the_count_of_a_refusal_corrects_it_too() -> None:
    async with connected(lambda _: Reply(status=400, headers={"X-Used": "70"})) as (_, client):
        with pytest.raises(BadRequest):
            await client.call(RestRequest(path="/", costs={"WEIGHT": 1}))
        assert client.scope.usage()[0].used == 70


async def test_a_silent_venue_is_given_up_in_time() -> None:
    async with connected(lambda _: Reply(hang=True)) as (_, client):
        started = time.monotonic()
        with pytest.raises(RequestTimeout):
            await client.call(RestRequest(path="/", timeout=0.2))
        assert time.monotonic() - started < 2


async def test_cancelling_passes_and_leaves_a_usable_client() -> None:
    hang = True
    asked = asyncio.Event()

    def handler(_: object) -> Reply:
        asked.set()
        return Reply(b"good", hang=hang)

    async with connected(handler) as (_, client):
        call = asyncio.create_task(client.call(RestRequest(path="/")))
        await asked.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        hang = False
        assert await client.call(RestRequest(path="/")) == b"good"


async def test_an_oversized_answer_is_not_read_to_its_end() -> None:
    async with connected(lambda _: Reply(b"x" * 10_000)) as (venue, client):
        with pytest.raises(BadResponse, match="longer than"):
            await client.call(RestRequest(path="/", max_bytes=1_000))
        assert len(venue.requests) == 1


async def test_no_redirect_is_followed() -> None:
    moved = Reply(status=302, headers={"Location": "http://127.0.0.1:1/elsewhere"})
    async with connected(lambda _: moved) as (venue, client):
        with pytest.raises(BadResponse, match="not followed"):
            await client.call(RestRequest(path="/", signed=True))
        assert len(venue.requests) == 1


async def test_nobody_listening_is_said_plainly() -> None:
    async with loopback(lambda _: Reply()) as venue:
        url = venue.url
    async with RestClient(url, Venue(), LimitScope()) as client:
        with pytest.raises(ConnectionFailed, match=r"no connection to Venue at 127\.0\.0\.1:\d+"):
            await client.call(RestRequest(path="/"))


async def test_the_environments_proxy_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    async with connected(lambda _: Reply(b"direct")) as (_, client):
        assert await client.call(RestRequest(path="/")) == b"direct"


async def test_a_refused_time_is_measured_anew_and_the_call_sent_once_more() -> None:
    measured = 0

    async def fetch() -> int:
        nonlocal measured
        measured += 1
        return 1_700_000_000_000

    clock = ServerClock(fetch)
    async with connected(failing(1, Reply(status=421)), clock=clock) as (venue, client):
        await clock.measure()
        first = measured
        assert await client.call(RestRequest(path="/", method="POST", signed=True)) == b"good"
        assert measured == 2 * first
        assert len(venue.requests) == 2


async def test_a_time_refused_twice_is_reported() -> None:
    async def fetch() -> int:
        return 1_700_000_000_000

    async with connected(lambda _: Reply(status=421), clock=ServerClock(fetch)) as (venue, client):
        with pytest.raises(TimestampRejected):
            await client.call(RestRequest(path="/", signed=True))
        assert len(venue.requests) == 2


async def test_the_tap_sees_calls_without_their_secrets() -> None:
    seen: list[tuple[str, str, int, bytes]] = []
    async with connected(failing(1, Reply(b"no", status=401)), tap=lambda *call: seen.append(call)) as (
        venue,
        client,
    ):
        with pytest.raises(AuthenticationFailed):
            await client.call(RestRequest(path="/a", params=(("x", "1"),), signed=True))
        await client.call(RestRequest(path="/b"))
        assert seen == [
            ("GET", f"{venue.url}/a?x=1", 401, b"no"),
            ("GET", f"{venue.url}/b", 200, b"good"),
        ]


@pytest.mark.parametrize(
    "url",
    [
        "http://api.example.com",
        "http://127.0.0.1.example.com",
        "ftp://x",
        "",
        "https://",
        "https://user:pw@host",
    ],
)
def test_a_key_never_crosses_a_network_in_the_clear(url: str) -> None:
    with pytest.raises(UsageError) as refused:
        RestClient(url, Venue(), LimitScope())
    assert "pw" not in str(refused.value)


@pytest.mark.parametrize(
    "url", ["https://api.example.com", "http://127.0.0.1:80/", "http://localhost:1", "http://[::1]:2"]
)
def test_https_and_this_machine_are_fine(url: str) -> None:
    assert RestClient(url, Venue(), LimitScope()).base_url == url.rstrip("/")
