"""Rotation: the new connection is live before the old one closes, and the oracle of numbers is exact."""

import asyncio
import dataclasses
import json

import pytest

from tests.connectors.streaming.scripted import (
    QUICK,
    Probe,
    ScriptedVenue,
    channel,
    scripted_venue,
    session_on,
    until,
)

SHUTDOWN = '{"shutdown":true}'


class Ticker:
    """Sends growing numbers on channels to every connection that has them, each connection at its own delay."""

    def __init__(self, venue: ScriptedVenue, *channels: str) -> None:
        self.venue = venue
        self.channels = channels
        self.sent = 0

    async def tick(self, count: int = 1, *, lagging: bool = False) -> None:
        for _ in range(count):
            self.sent += 1
            live = self.venue.live
            for name in self.channels:
                for connection in reversed(live) if lagging else live:
                    if self.venue.subscribed.get(connection, {}).get(name):
                        await self.venue.send(name, self.sent, connection)


@pytest.mark.parametrize("lagging", [False, True])
async def test_rotation_on_shutdown_loses_and_repeats_nothing(lagging):
    async with scripted_venue() as venue, session_on(venue) as session:
        probes = {name: Probe() for name in ("a", "b")}
        for name, probe in probes.items():
            await session.subscribe(channel(name), probe)
        ticker = Ticker(venue, "a", "b")
        await ticker.tick(5)
        for _ in range(4):
            rotations = probes["a"].kinds.count("rotated")
            await until(lambda: len(venue.live) == 1)
            await venue.live[0].send(SHUTDOWN)
            async with asyncio.timeout(5):
                while probes["a"].kinds.count("rotated") == rotations:
                    await ticker.tick(lagging=lagging)
                    await asyncio.sleep(0)
            await ticker.tick(3)
        await until(lambda: all(probe.numbers[-1] == ticker.sent for probe in probes.values()))
        for probe in probes.values():
            assert probe.numbers == list(range(1, ticker.sent + 1))
            assert probe.kinds == ["connected", *["rotated"] * 4]
            assert probe.log.count("opened") == 1
        await until(lambda: len(venue.live) == 1)
        assert len(venue.connections) == 5
        assert venue.on(venue.live[0]) == {"a": 1, "b": 1}
        assert session.health().reconnects == 0


async def test_rotation_before_the_lifetime_ends():
    settings = dataclasses.replace(QUICK, overlap=0.05)
    async with scripted_venue() as venue, session_on(venue, settings, lifetime=0.3) as session:
        probe = Probe()
        await session.subscribe(channel("a"), probe)
        await until(lambda: probe.kinds.count("rotated") >= 2)
        assert "lost" not in probe.kinds
        await venue.send("a", 1)
        await until(lambda: 1 in probe.numbers)


async def test_events_that_reach_only_the_old_connection_before_it_ends_are_kept_in_order():
    async with scripted_venue() as venue, session_on(venue) as session:
        probe = Probe()
        await session.subscribe(channel("a"), probe)
        await venue.send("a", 1)
        await venue.live[0].send(SHUTDOWN)
        await until(lambda: len(venue.live) == 2 and venue.on(venue.live[1])["a"])
        old, new = venue.live
        await venue.send("a", 4, new)
        await venue.send("a", 5, new)
        await venue.send("a", 2, old)
        await venue.send("a", 3, old)
        await until(lambda: probe.numbers == [1, 2, 3])
        await venue.send("a", 4, old)
        await venue.send("a", 5, old)
        await until(lambda: "rotated" in probe.kinds)
        await venue.send("a", 6, new)
        await until(lambda: probe.numbers == [1, 2, 3, 4, 5, 6])


async def test_a_new_connection_that_stays_behind_repeats_nothing():
    async with scripted_venue() as venue, session_on(venue) as session:
        probe = Probe()
        await session.subscribe(channel("a"), probe)
        await venue.live[0].send(SHUTDOWN)
        await until(lambda: len(venue.live) == 2 and venue.on(venue.live[1])["a"])
        old, new = venue.live
        for number in (1, 2, 3):
            await venue.send("a", number, old)
        await until(lambda: probe.numbers == [1, 2, 3])
        for number in (1, 2, 3, 4):
            await venue.send("a", number, new)
        await until(lambda: probe.numbers == [1, 2, 3, 4])


async def test_the_old_connection_dying_during_the_rotation_costs_nothing_that_the_new_one_has():
    async with scripted_venue() as venue, session_on(venue) as session:
        probe = Probe()
        await session.subscribe(channel("a"), probe)
        await venue.live[0].send(SHUTDOWN)
        await until(lambda: len(venue.live) == 2 and venue.on(venue.live[1])["a"])
        old, new = venue.live
        await venue.send("a", 1, old)
        await until(lambda: probe.numbers == [1])
        await venue.send("a", 2, new)
        old.transport.abort()
        await until(lambda: probe.numbers == [1, 2])
        assert "lost" not in probe.kinds
        assert probe.kinds[-1] == "rotated"
        assert session.state == "CONNECTED"


async def test_a_rotation_that_cannot_connect_leaves_the_old_connection_working():
    async with scripted_venue() as venue, session_on(venue) as session:
        probe = Probe()
        await session.subscribe(channel("a"), probe)
        venue.refuse = [(503, {})]
        await venue.live[0].send(SHUTDOWN)
        await until(lambda: venue.handshakes == 2)
        await venue.send("a", 1)
        await until(lambda: probe.numbers == [1])
        await until(lambda: "rotated" in probe.kinds)
        assert "lost" not in probe.kinds


async def test_a_rotation_without_acknowledgement_is_abandoned_and_tried_again():
    async def silent_once(venue, connection, request) -> bool:
        return len(venue.connections) == 2

    async with scripted_venue() as venue, session_on(venue) as session:
        probe = Probe()
        await session.subscribe(channel("a"), probe)
        venue.script = silent_once
        await venue.live[0].send(SHUTDOWN)
        await until(lambda: len(venue.connections) == 2)
        await venue.send("a", 1)
        await until(lambda: probe.numbers == [1])
        await until(lambda: "rotated" in probe.kinds)
        assert len(venue.connections) == 3
        assert "lost" not in probe.kinds


async def test_subscribing_and_unsubscribing_during_a_rotation():
    held = asyncio.Event()

    async def hold_second(venue, connection, request) -> bool:
        if connection is venue.connections[-1] and len(venue.connections) == 2 and not held.is_set():
            await held.wait()
        return False

    async with (
        scripted_venue() as venue,
        session_on(venue, dataclasses.replace(QUICK, ack_timeout=2.0)) as session,
    ):
        a, b, c = Probe(), Probe(), Probe()
        await session.subscribe(channel("a"), a)
        await session.subscribe(channel("b"), b)
        venue.script = hold_second
        await venue.live[0].send(SHUTDOWN)
        await until(lambda: len(venue.connections) == 2 and venue.requests[-1]["params"] == ["a", "b"])
        subscribing = asyncio.create_task(session.subscribe(channel("c"), c))
        ending = asyncio.create_task(session.unsubscribe("b"))
        await asyncio.sleep(0)
        held.set()
        await subscribing
        await ending
        await until(lambda: "rotated" in a.kinds and len(venue.live) == 1)
        assert +venue.on(venue.live[0]) == {"a": 1, "c": 1}
        for name in ("a", "b", "c"):
            await venue.send(name, 7, venue.live[0])
        await until(lambda: a.numbers == c.numbers == [7])
        assert b.numbers == []


async def test_a_channel_refused_on_the_new_connection_fails_alone():
    async def refuse_b(venue, connection, request) -> bool:
        if len(venue.connections) < 2 or "b" not in request["params"] or request["method"] != "SUBSCRIBE":
            return False
        await connection.send(json.dumps({"error": "delisted", "id": request["id"]}))
        return True

    async with scripted_venue() as venue, session_on(venue) as session:
        a, b = Probe(), Probe()
        await session.subscribe(channel("a"), a)
        await session.subscribe(channel("b"), b)
        venue.script = refuse_b
        await venue.live[0].send(SHUTDOWN)
        await until(lambda: "failed" in b.kinds)
        assert b.events[-1].reason == "delisted"
        assert "failed" not in a.kinds
        states = {one.channel: one.state for one in session.health().subscriptions}
        assert states == {"a": "ACTIVE", "b": "FAILED"}
