"""Frames that mean harm and consumers that fail: counted, isolated, answered, and never a crash."""

import asyncio
import dataclasses
import json

import pytest

from connectors.contracts.errors import SubscriptionFailed
from connectors.runtime.redaction import add_secret
from connectors.streaming.session import Session
from tests.connectors.streaming.scripted import (
    QUICK,
    Probe,
    ScriptedDialect,
    channel,
    scripted_venue,
    session_on,
    until,
)


async def test_a_consumer_that_raises_is_counted_and_harms_no_other_channel():
    async with scripted_venue() as venue, session_on(venue) as session:
        failing, other = Probe(), Probe()
        await session.subscribe(channel("a"), failing)
        await session.subscribe(channel("b"), other)
        await venue.send("a", '"boom"')
        await venue.send("b", 1)
        await venue.send("a", 2)
        await until(lambda: other.numbers == [1] and failing.numbers == [2])
        assert session.health().dropped == 1
        assert session.health().quarantined == 0
        assert session.health().reconnects == 0


async def test_bad_frames_are_quarantined_and_many_in_a_row_subscribe_the_channel_anew():
    async with scripted_venue() as venue, session_on(venue) as session:
        bad, good = Probe(), Probe()
        await session.subscribe(channel("a"), bad)
        await session.subscribe(channel("b"), good)
        for _ in range(QUICK.bad_frames_resubscribe):
            await venue.send("a", '"nonsense"')
            await venue.send("b", 1)
        await until(lambda: bad.log.count("opened") == 2)
        assert session.health().quarantined == 3
        assert good.log.count("opened") == 1
        assert session.health().reconnects == 0
        await venue.send("a", 9)
        await until(lambda: bad.numbers == [9])


async def test_bad_frames_with_good_ones_between_do_not_count_as_in_a_row():
    async with scripted_venue() as venue, session_on(venue) as session:
        probe = Probe()
        await session.subscribe(channel("a"), probe)
        for number in range(6):
            await venue.send("a", '"nonsense"')
            await venue.send("a", number)
        await until(lambda: len(probe.numbers) == 6)
        assert session.health().quarantined == 6
        assert probe.log.count("opened") == 1


async def test_a_channel_that_sends_only_bad_frames_is_given_up_with_the_reason():
    async with scripted_venue() as venue, session_on(venue) as session:
        bad, good = Probe(), Probe()
        await session.subscribe(channel("a"), bad)
        await session.subscribe(channel("b"), good)
        for _ in range(QUICK.bad_frames_disable):
            await venue.send("a", '"nonsense"', venue.live[0])
        await until(lambda: "failed" in bad.kinds)
        assert "9 bad frames in a row" in bad.events[-1].reason
        await until(lambda: not venue.on(venue.live[0])["a"])
        states = {one.channel: one.state for one in session.health().subscriptions}
        assert states == {"a": "FAILED", "b": "ACTIVE"}
        await venue.send("b", 1)
        await until(lambda: good.numbers == [1])
        venue.kill()
        await until(lambda: good.log.count("opened") == 2)
        assert +venue.on(venue.live[0]) == {"b": 1}


HOSTILE = [
    b"not json",
    b'{"unfinished":',
    b"\xff\xfe\x00",
    b"",
    b"[" * 50_000,
    b'{"id":1e999}',
    b'{"a":' * 9_000 + b"1" + b"}" * 9_000,
]


@pytest.mark.parametrize("frame", HOSTILE, ids=range(len(HOSTILE)))
async def test_a_malformed_frame_is_quarantined_and_the_stream_goes_on(frame):
    async with scripted_venue() as venue, session_on(venue) as session:
        probe = Probe()
        await session.subscribe(channel("a"), probe)
        await venue.raw(frame)
        await venue.send("a", 1)
        await until(lambda: probe.numbers == [1])
        assert session.health().quarantined == 1
        assert session.health().reconnects == 0


async def test_a_flood_of_malformed_frames_reconnects_then_gives_the_session_up_with_the_reason():
    async with scripted_venue() as venue, session_on(venue) as session:
        probe = Probe()
        await session.subscribe(channel("a"), probe)

        async def garbage(venue, connection, request) -> bool:
            for _ in range(3):
                await connection.send("garbage")
            return True

        venue.script = garbage
        for _ in range(3):
            await venue.raw("garbage")
        await until(lambda: session.state == "FAILED")
        assert "bad frames in a row" in session.health().last_error
        assert session.health().subscriptions[0].state == "FAILED"
        assert probe.kinds[-1] == "failed"
        assert 2 <= len(venue.connections) <= 4
        with pytest.raises(SubscriptionFailed, match="failed"):
            await session.subscribe(channel("b"), Probe())


async def test_an_oversized_frame_is_refused_counted_and_reconnected_from_at_once():
    async with scripted_venue() as venue, session_on(venue) as session:
        probe = Probe()
        await session.subscribe(channel("a"), probe)
        await venue.send("a", 1)
        await venue.raw("x" * (QUICK.max_frame + 1))
        await until(lambda: probe.log[-1] == "opened" and len(venue.connections) == 2)
        assert session.health().quarantined == 1
        assert "too big" in probe.events[probe.kinds.index("lost")].reason
        await venue.send("a", 2)
        await until(lambda: probe.numbers == [1, 2])


async def test_fragments_are_joined_and_endless_ones_end_the_connection():
    async def pieces(count):
        for _ in range(count):
            yield ""

    async with scripted_venue() as venue, session_on(venue) as session:
        probe = Probe()
        await session.subscribe(channel("a"), probe)
        await venue.live[0].send(['{"stream":"a",', '"data":', '{"q":7}}'])
        await until(lambda: probe.numbers == [7])
        flood = asyncio.create_task(venue.live[0].send(pieces(10_000)))
        await until(lambda: "lost" in probe.kinds)
        assert "fragments" in probe.events[probe.kinds.index("lost")].reason
        flood.cancel()
        await asyncio.gather(flood, return_exceptions=True)


async def test_a_peer_that_floods_pings_and_reads_nothing_is_dropped():
    settings = dataclasses.replace(QUICK, max_unsent=20_000, ping_interval=5.0, ping_timeout=5.0)
    async with scripted_venue(write_limit=2**26) as venue, session_on(venue, settings) as session:
        probe = Probe()
        await session.subscribe(channel("a"), probe)
        connection = venue.live[0]
        connection.transport.pause_reading()

        async def flood() -> None:
            number = 0
            while True:
                for _ in range(2_000):
                    number += 1
                    connection.protocol.send_ping(b"%0100d" % number)
                connection.send_data()
                await asyncio.sleep(0)

        flooding = asyncio.create_task(flood())
        await until(lambda: "lost" in probe.kinds, timeout=20)
        flooding.cancel()
        await asyncio.gather(flooding, return_exceptions=True)
        assert "does not read" in probe.events[probe.kinds.index("lost")].reason


async def test_what_a_venue_says_of_an_end_is_cleaned_and_holds_no_secret():
    secret = "echoed-stream-key-7421"
    add_secret(secret)
    said = f"bad key {secret} \x1b[31m\u202e"

    async def refuse(venue, connection, request) -> bool:
        await connection.send(json.dumps({"error": said, "id": request["id"]}))
        return True

    recorded: list[str] = []

    def tap(kind: str, _conn: str, _url: str | None, data: bytes | str | None) -> None:
        if kind == "close":
            recorded.append(str(data))

    async with scripted_venue() as venue:
        session = Session(ScriptedDialect(venue.url), name="scripted", settings=QUICK, tap=tap)
        probe = Probe()
        await session.subscribe(channel("a"), probe)
        venue.script = refuse
        await venue.live[0].close(4001, said)
        await until(lambda: "failed" in probe.kinds)
        told = [event.reason for event in probe.events if event.kind in ("lost", "failed")]
        told += [session.health().last_error or "", *recorded]
        await session.close()
    assert recorded
    assert any("4001" in reason and "bad key ***" in reason for reason in told)
    assert all(secret not in reason and reason.isprintable() for reason in told), told
