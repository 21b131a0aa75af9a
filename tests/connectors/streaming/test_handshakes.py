"""Where a WebSocket may be opened to, and what is told of one that is not."""

import asyncio
import dataclasses
import email.utils
import time
from datetime import UTC, datetime, timedelta

import pytest

from connectors.contracts.errors import SubscriptionFailed, TransportError, UsageError
from connectors.streaming.settings import SessionSettings
from connectors.streaming.socket import open_socket
from tests.connectors.network.proxy_servers import serving
from tests.connectors.rest.server import Reply, loopback
from tests.connectors.streaming.scripted import QUICK, Probe, channel, scripted_venue, session_on, until

PATIENT = dataclasses.replace(QUICK, subscribe_timeout=60.0)


class Nobody:
    def received(self, frame: bytes, now: float) -> None: ...

    def pinged(self) -> None: ...

    def disconnected(self, reason: str) -> None: ...


@pytest.mark.parametrize(
    "url",
    ["ws://192.0.2.1/ws", "ws://127.0.0.1.evil.example/ws", "ws://localhost@evil.example/ws", "ws://[::1/ws"],
)
async def test_a_stream_never_crosses_a_network_in_the_clear(url: str):
    with pytest.raises(UsageError, match="the stream address"):
        await open_socket(url, Nobody(), SessionSettings(open_timeout=0.2))


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308])
async def test_a_handshake_follows_no_redirect(status: int):
    async with scripted_venue() as elsewhere, scripted_venue() as venue:
        venue.refuse = [(status, {"Location": f"{elsewhere.url}/?token=stolen"})]
        with pytest.raises(
            TransportError, match=r"sends the stream to 127.0.0.1, which is not followed"
        ) as told:
            await open_socket(f"{venue.url}/?apiKey=secret", Nobody(), QUICK)
        assert elsewhere.handshakes == 0
        assert venue.handshakes == 1
        assert "stolen" not in str(told.value)
        assert "secret" not in str(told.value)


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (401, "does not accept the key"),
        (403, "firewall refuses this address"),
        (404, "no such call here"),
        (451, "no service where this machine is"),
        (302, "sends the stream to portal.example"),
    ],
)
async def test_a_refusal_is_told_at_once_and_tried_again_slowly(status: int, told: str):
    async with asyncio.timeout(10), scripted_venue() as venue, session_on(venue, PATIENT) as session:
        venue.refuse = [(status, {"Location": "https://portal.example/login?u=1"})]
        with pytest.raises(SubscriptionFailed, match=told) as failed:
            await session.subscribe(channel("a"), Probe())
        assert not failed.value.retryable
        # Whoever wants something anew need not wait for the slow retry.
        await session.subscribe(channel("a"), Probe())
        assert venue.handshakes == 2


async def test_who_listens_already_is_told_and_goes_on_waiting():
    async with scripted_venue() as venue, session_on(venue) as session:
        probe = Probe()
        await session.subscribe(channel("a"), probe)
        venue.refuse = [(451, {}), (451, {})]
        venue.kill()
        await until(lambda: probe.log[-1] == "opened" and venue.handshakes == 4)
        told = [event for event in probe.events if event.kind == "reconnecting" and "451" in event.reason]
        assert all(event.retry_in_ms >= QUICK.backoff_cap * 1000 for event in told)
        assert len(told) == 2


@pytest.mark.parametrize("status", [418, 429, 503])
async def test_a_wait_that_outlasts_the_caller_is_told_at_once(status: int):
    date = email.utils.format_datetime(datetime.now(UTC) + timedelta(seconds=600), usegmt=True)
    async with asyncio.timeout(10), scripted_venue() as venue, session_on(venue, PATIENT) as session:
        venue.refuse = [(status, {"Retry-After": date})]
        with pytest.raises(SubscriptionFailed, match=f"HTTP {status}") as failed:
            await session.subscribe(channel("a"), Probe())
        assert failed.value.retryable
        assert session.health().retry_at - time.monotonic() > 500
        assert venue.handshakes == 1


async def test_a_date_to_come_back_at_is_kept():
    async with scripted_venue() as venue, session_on(venue, PATIENT) as session:
        date = datetime.now(UTC) + timedelta(seconds=2)
        venue.refuse = [(503, {"Retry-After": email.utils.format_datetime(date, usegmt=True)})]
        await session.subscribe(channel("a"), Probe())
        assert datetime.now(UTC) >= date.replace(microsecond=0)
        assert venue.handshakes == 2


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (
            Reply(b"<title>Hotel WiFi</title><p>Please sign in", 200, {"content-type": "text/html"}),
            "a web page came in place of a stream .* sign-in page does: 'Hotel WiFi Please sign in'",
        ),
        (
            Reply(b'{"msg":"Back at 10:00 UTC"}', 503),
            r"HTTP 503 \(down for maintenance or overloaded\): 'Back at 10:00 UTC'",
        ),
        (Reply(b"<h1>Access denied</h1>", 403), "HTTP 403 .*: 'Access denied'"),
    ],
)
async def test_the_words_of_a_refusal_are_kept(reply: Reply, told: str):
    async with loopback(lambda _request: reply) as venue:
        with pytest.raises(TransportError, match=told):
            await open_socket(venue.url.replace("http", "ws"), Nobody(), QUICK)


async def test_what_does_not_speak_the_protocol_is_told_so():
    async with loopback(lambda _request: Reply(cut=True)) as venue:
        with pytest.raises(TransportError, match="does not speak the protocol"):
            await open_socket(venue.url.replace("http", "ws"), Nobody(), QUICK)


@pytest.mark.parametrize(
    "header", ["Sec-WebSocket-Accept: wrong", "Sec-WebSocket-Accept: wrong\r\nSec-WebSocket-Extensions: ;"]
)
async def test_nor_does_what_only_seems_to_agree(header: str):
    async def seem(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n{header}\r\n\r\n"
        writer.write(head.encode())
        await reader.read()
        writer.close()

    async with serving(seem) as port:
        with pytest.raises(TransportError, match="does not speak the protocol"):
            await open_socket(f"ws://127.0.0.1:{port}", Nobody(), QUICK)
