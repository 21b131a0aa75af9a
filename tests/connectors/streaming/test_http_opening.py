"""Opening an HTTP stream: refusals, tokens, what is packed, and what never answers."""

import asyncio
import dataclasses
import gzip
import logging

import pytest

from connectors.contracts.errors import SubscriptionFailed
from connectors.emulator.emulator import Emulator
from connectors.emulator.faults import Rule
from connectors.streaming.dialect import Outgoing
from connectors.streaming.http_stream import http_stream
from tests.connectors.rest.server import Reply, loopback
from tests.connectors.streaming.http_clients import (
    LASTING,
    Heard,
    StreamDialect,
    market_channel,
    session_over,
)
from tests.connectors.streaming.http_venue import http_venue, news
from tests.connectors.streaming.scripted import until


def dialect(emulator: Emulator, path: str = "/stream/trades", **limits: float | None) -> StreamDialect:
    return StreamDialect(emulator.endpoints["rest"], path, **limits)


@pytest.mark.parametrize(("retry_after", "least"), [(1, 1_000), (None, 200)])
async def test_a_refusal_is_told_and_the_venues_wait_kept(retry_after: int | None, least: int):
    async with http_venue() as emulator, session_over(dialect(emulator), http_stream()) as session:
        emulator.inject(Rule("status", count=1, status=429, retry_after=retry_after))
        heard = Heard()
        await session.subscribe(heard.channel, heard.feed)
        assert session.health().history[0].kind == "reconnecting"
        assert session.health().history[0].reason.startswith("the venue refused the connection: HTTP 429")
        assert session.health().history[0].retry_in_ms > least * 0.75


async def test_a_redirect_is_not_followed():
    settings = dataclasses.replace(LASTING, subscribe_timeout=0.5)
    async with (
        http_venue() as emulator,
        session_over(dialect(emulator, "/elsewhere"), http_stream(), settings=settings) as session,
    ):
        heard = Heard()
        with pytest.raises(SubscriptionFailed, match=r"sends the stream to .+, which is not followed"):
            await session.subscribe(heard.channel, heard.feed)
        assert emulator.dialect.opened == 0


async def test_a_token_opens_what_needs_one_and_is_in_no_log_and_no_recording(caplog):
    caplog.set_level(logging.DEBUG)
    tokens = ["Bearer wrong-but-secret", "Bearer letmein"]
    events: list[tuple] = []
    async with (
        http_venue() as emulator,
        session_over(
            dialect(emulator, "/private/stream/trades"),
            http_stream(lambda: {"Authorization": tokens.pop(0)}),
            tap=lambda *event: events.append(event),
        ) as session,
    ):
        heard = Heard()
        with pytest.raises(SubscriptionFailed, match="HTTP 401"):
            await session.subscribe(heard.channel, heard.feed)
        await session.subscribe(heard.channel, heard.feed)
        made = news(emulator)
        await until(lambda: heard.numbers == made)
    assert [event[0] for event in events] == ["open", *["recv"] * len(made), "close"]
    assert events[0][2] == f"{emulator.endpoints['rest']}/private/stream/trades"
    assert events[-1] == ("close", f"{session.name}#2", None, "closed by us")
    for secret in ("letmein", "wrong-but-secret"):
        assert secret not in caplog.text
        assert secret not in repr(events)


async def test_a_header_that_cannot_be_sent_is_not_shown():
    settings = dataclasses.replace(LASTING, subscribe_timeout=0.3)
    async with http_venue() as emulator:
        for token in ("Bearer line\nbreak-secret", "Bearer ünsayable-secret"):
            async with session_over(
                dialect(emulator),
                http_stream(lambda token=token: {"Authorization": token}),
                settings=settings,
            ) as session:
                with pytest.raises(SubscriptionFailed, match="no connection to") as raised:
                    await session.subscribe(market_channel(), Heard().feed)
                assert "secret" not in str(raised.value)


async def test_a_dialect_that_wants_to_send_is_told_that_it_cannot():
    class Talker(StreamDialect):
        def subscribe(self, channels, request_id) -> Outgoing:
            return Outgoing("subscribe")

    settings = dataclasses.replace(LASTING, subscribe_timeout=0.3)
    async with (
        http_venue() as emulator,
        session_over(Talker(emulator.endpoints["rest"]), http_stream(), settings=settings) as session,
    ):
        # Which of the two ends it first is a matter of the machine's load.
        with pytest.raises(SubscriptionFailed, match=r"no acknowledgement in time|nothing can be sent"):
            await session.subscribe(market_channel(), Heard().feed)
        assert "nothing can be sent on this kind of connection" in {
            status.reason for status in session.health().history
        }


async def test_a_packed_stream_is_unpacked_and_a_bomb_stopped():
    line = b'{"s":"BTCUSDT","t":%d,"T":1}\n'
    bodies = [
        gzip.compress(b"".join(line % number for number in range(1, 4))),
        gzip.compress(bytes(50_000_000)),
        gzip.compress(b"\n" * 50_000_000),
    ]
    settings = dataclasses.replace(LASTING, idle_timeout=60.0)

    def answer(_request) -> Reply:
        if bodies:
            return Reply(bodies.pop(0), headers={"content-encoding": "gzip"})
        return Reply(hang=True)

    async with (
        loopback(answer) as venue,
        session_over(StreamDialect(venue.url), http_stream(), settings=settings) as session,
    ):
        heard = Heard()
        await session.subscribe(heard.channel, heard.feed)
        await until(lambda: heard.kinds.count("lost") == 3)
        assert heard.numbers == [1, 2, 3]
        reasons = [status.reason for status in heard.statuses if status.kind == "lost"]
        assert reasons == [
            "the venue ended the stream",
            *["the venue broke the protocol: the answer is longer than 64 KiB"] * 2,
        ]
        assert venue.requests[0].headers["accept-encoding"] == "gzip"


async def test_an_answer_packed_otherwise_is_no_connection():
    settings = dataclasses.replace(LASTING, subscribe_timeout=0.3)
    async with (
        loopback(lambda _request: Reply(b"x", headers={"content-encoding": "br"})) as venue,
        session_over(StreamDialect(venue.url), http_stream(), settings=settings) as session,
    ):
        with pytest.raises(SubscriptionFailed, match="packed in a way that was not asked for"):
            await session.subscribe(market_channel(), Heard().feed)


async def test_a_venue_that_never_answers_is_given_up_in_time():
    settings = dataclasses.replace(LASTING, open_timeout=0.1, subscribe_timeout=0.5)
    async with (
        loopback(lambda _request: Reply(hang=True)) as venue,
        session_over(StreamDialect(venue.url), http_stream(), settings=settings) as session,
    ):
        with pytest.raises(SubscriptionFailed, match="no answer in time"):
            await session.subscribe(market_channel(), Heard().feed)


async def test_a_token_never_crosses_a_network_in_the_clear():
    asked: list[str] = []
    transport = http_stream(lambda: asked.append("headers") or {})
    settings = dataclasses.replace(LASTING, subscribe_timeout=0.2)
    async with session_over(StreamDialect("http://192.0.2.1"), transport, settings=settings) as session:
        with pytest.raises(SubscriptionFailed, match="must be https"):
            await session.subscribe(market_channel(), Heard().feed)
    assert asked == []


async def test_closing_while_a_connection_is_being_made_leaves_nothing():
    async with loopback(lambda _request: Reply(hang=True)) as venue:
        async with session_over(StreamDialect(venue.url), http_stream()) as session:
            subscribing = asyncio.create_task(session.subscribe(market_channel(), Heard().feed))
            await until(lambda: venue.requests)
        with pytest.raises(SubscriptionFailed):
            await subscribing
