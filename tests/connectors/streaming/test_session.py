"""The session over real loopback sockets: subscribing, restoring, and telling what happens."""

import asyncio
import dataclasses
import json
import time

import pytest

from connectors.contracts.errors import SubscriptionFailed, VenueUnavailable
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


async def ignore_requests(venue, connection, request) -> bool:
    return True


async def test_subscribe_returns_after_the_acknowledgement_and_data_flows():
    async with scripted_venue() as venue, session_on(venue) as session:
        probe = Probe()
        await session.subscribe(channel("a"), probe)
        assert venue.requests == [{"method": "SUBSCRIBE", "params": ["a"], "id": 1}]
        await venue.send("a", 1)
        await venue.send("a", 2)
        await until(lambda: probe.numbers == [1, 2])
        assert probe.log == ["connected", "opened", "data 1", "data 2"]
        health = session.health()
        assert health.state == "CONNECTED"
        assert [(s.channel, s.state, s.messages) for s in health.subscriptions] == [("a", "ACTIVE", 2)]


async def test_no_acknowledgement_in_time_fails_the_subscription_and_leaves_it_unwanted():
    async with scripted_venue() as venue, session_on(venue) as session:
        venue.script = ignore_requests
        with pytest.raises(SubscriptionFailed, match="no acknowledgement in time"):
            await session.subscribe(channel("a"), Probe())
        assert session.health().subscriptions == []
        venue.script = None
        await session.subscribe(channel("b"), Probe())
        assert venue.on(venue.live[0]) == {"b": 1}


async def test_a_refusal_names_the_venues_reason_and_harms_no_other_channel_of_the_batch():
    async def refuse_bad(venue, connection, request) -> bool:
        if "bad" not in request["params"]:
            return False
        await connection.send(json.dumps({"error": "no such stream", "id": request["id"]}))
        return True

    async with scripted_venue() as venue, session_on(venue) as session:
        venue.script = refuse_bad
        results = await asyncio.gather(
            *(session.subscribe(channel(name), Probe()) for name in ("a", "bad", "b")), return_exceptions=True
        )
        assert results[0] is None
        assert results[2] is None
        assert isinstance(results[1], SubscriptionFailed)
        assert "no such stream" in str(results[1])
        assert venue.on(venue.live[0]) == {"a": 1, "b": 1}


async def test_a_venue_that_cannot_be_reached_fails_in_time_with_the_cause():
    settings = dataclasses.replace(QUICK, subscribe_timeout=0.3)
    async with scripted_venue() as venue:
        url = venue.url
    session = Session(ScriptedDialect(url), name="scripted", settings=settings)
    with pytest.raises(SubscriptionFailed, match=r"no acknowledgement in time \(.+refuses connections"):
        await session.subscribe(channel("a"), Probe())
    await session.close()


async def test_a_channel_is_wanted_once():
    async with scripted_venue() as venue, session_on(venue) as session:
        await session.subscribe(channel("a"), Probe())
        with pytest.raises(ValueError, match="subscribed already"):
            await session.subscribe(channel("a"), Probe())


async def test_after_a_break_exactly_the_wanted_set_is_restored_once_each():
    async with scripted_venue() as venue, session_on(venue) as session:
        probes = {name: Probe() for name in ("a", "b", "c", "d")}
        for name, probe in probes.items():
            await session.subscribe(channel(name), probe)
        await session.unsubscribe("b")
        assert venue.on(venue.live[0])["b"] == 0
        await venue.send("a", 4)
        await until(lambda: probes["a"].numbers == [4])
        venue.requests.clear()
        venue.kill()
        await until(lambda: len(venue.connections) == 2 and probes["d"].log[-1] == "opened")
        assert [sorted(request["params"]) for request in venue.requests] == [["a", "c", "d"]]
        assert venue.on(venue.live[0]) == {"a": 1, "c": 1, "d": 1}
        await venue.send("b", 1, venue.live[0])
        await venue.send("a", 5)
        await until(lambda: probes["a"].numbers == [4, 5])
        assert probes["b"].numbers == []
        assert probes["a"].kinds == ["connected", "lost", "reconnecting", "connected"]
        assert probes["a"].events[2].retry_in_ms == 0
        assert session.health().reconnects == 1


async def test_what_is_unsubscribed_while_the_connection_is_down_stays_so():
    async with scripted_venue() as venue, session_on(venue) as session:
        await session.subscribe(channel("a"), Probe())
        await session.subscribe(channel("b"), Probe())
        venue.refuse = [(503, {})] * 3
        venue.kill()
        await until(lambda: session.state == "RECONNECTING")
        await session.unsubscribe("a")
        await until(lambda: venue.live and venue.on(venue.live[0])["b"])
        assert venue.on(venue.live[0]) == {"b": 1}


async def test_no_data_is_delivered_once_unsubscribe_was_called():
    async def never_acknowledge_unsubscribe(venue, connection, request) -> bool:
        return request["method"] == "UNSUBSCRIBE"

    async with scripted_venue() as venue, session_on(venue) as session:
        probe, other = Probe(), Probe()
        await session.subscribe(channel("a"), probe)
        await session.subscribe(channel("b"), other)
        venue.script = never_acknowledge_unsubscribe
        ending = asyncio.create_task(session.unsubscribe("a"))
        await until(lambda: venue.requests[-1]["method"] == "UNSUBSCRIBE")
        await venue.send("a", 1)
        await venue.send("b", 1)
        await until(lambda: other.numbers == [1])
        assert probe.numbers == []
        await ending


async def test_subscribing_again_at_once_ends_subscribed():
    async with scripted_venue() as venue, session_on(venue) as session:
        await session.subscribe(channel("a"), Probe())
        ending = asyncio.create_task(session.unsubscribe("a"))
        await asyncio.sleep(0)
        probe = Probe()
        await session.subscribe(channel("a"), probe)
        await ending
        assert venue.on(venue.live[0])["a"] == 1
        await venue.send("a", 3)
        await until(lambda: probe.numbers == [3])


async def test_a_dead_connection_is_noticed_by_unanswered_pings():
    async with scripted_venue() as venue, session_on(venue) as session:
        probe = Probe()
        await session.subscribe(channel("a"), probe)
        venue.live[0].transport.pause_reading()
        began = time.monotonic()
        await until(lambda: "lost" in probe.kinds)
        assert time.monotonic() - began < 1.0
        assert "no sign of life" in probe.events[probe.kinds.index("lost")].reason


async def test_a_stall_with_pongs_answered_is_stale_and_not_lost():
    async with scripted_venue() as venue, session_on(venue) as session:
        stalled, quiet = Probe(), Probe()
        await session.subscribe(channel("a", first_data_timeout=0.2, stale_after=0.15), stalled)
        await session.subscribe(channel("b"), quiet)
        await venue.send("a", 1)
        await until(lambda: "stale" in stalled.kinds)
        assert session.health().state == "CONNECTED"
        assert session.health().subscriptions[0].state == "STALE"
        assert stalled.events[-1].channel == "a"
        await until(lambda: venue.requests[-1] == {"method": "SUBSCRIBE", "params": ["a"], "id": 4})
        await until(lambda: venue.on(venue.live[0])["a"] == 1)
        await venue.send("a", 2)
        await until(lambda: "live" in stalled.kinds)
        assert session.health().subscriptions[0].state == "ACTIVE"
        assert stalled.log.index("live") < stalled.log.index("data 2")
        assert quiet.kinds == ["connected"]
        assert session.health().reconnects == 0


async def test_silence_before_the_first_data_is_stale_too():
    async with scripted_venue() as venue, session_on(venue) as session:
        probe = Probe()
        await session.subscribe(channel("a", first_data_timeout=0.1), probe)
        await until(lambda: "stale" in probe.kinds)


async def test_silence_that_the_venue_confirms_is_no_alarm_and_one_it_denies_is():
    answers = [True, True, False]
    async with scripted_venue() as venue, session_on(venue) as session:
        probe = Probe()

        async def confirm() -> bool:
            return answers.pop(0)

        probe.confirm = confirm
        await session.subscribe(channel("a", first_data_timeout=0.03, stale_after=0.03), probe)
        await until(lambda: len(answers) == 1)
        assert probe.kinds == ["connected"]
        assert session.health().subscriptions[0].state == "ACTIVE"
        await until(lambda: "stale" in probe.kinds)
        assert not answers


async def test_silence_that_the_venue_is_asked_about_in_vain_is_told_the_second_time():
    asked: list[None] = []
    answers = asyncio.Semaphore(1)
    async with scripted_venue() as venue, session_on(venue) as session:
        probe = Probe()

        async def confirm() -> bool:
            asked.append(None)
            await answers.acquire()
            raise VenueUnavailable("503 maintenance")

        probe.confirm = confirm
        await session.subscribe(channel("a", first_data_timeout=0.03, stale_after=0.03), probe)
        await until(lambda: len(asked) == 2)
        assert "stale" not in probe.kinds
        answers.release()
        await until(lambda: "stale" in probe.kinds)


async def test_data_that_comes_while_silence_is_being_confirmed_settles_it():
    asked, release = asyncio.Event(), asyncio.Event()
    async with scripted_venue() as venue, session_on(venue) as session:
        probe = Probe()

        async def confirm() -> bool:
            asked.set()
            await release.wait()
            return False

        probe.confirm = confirm
        await session.subscribe(channel("a", first_data_timeout=0.03, stale_after=5.0), probe)
        await asked.wait()
        await venue.send("a", 1)
        await until(lambda: probe.numbers == [1])
        release.set()
        await until(lambda: not session._upkeep._silence._tasks)
        assert probe.kinds == ["connected"]


async def test_a_quiet_channel_raises_no_alarm_over_many_pings():
    async with scripted_venue() as venue, session_on(venue) as session:
        probe = Probe()
        await session.subscribe(channel("a"), probe)
        link = session._upkeep.link
        await until(lambda: (link.latency or 0) > 0)
        first = link.last_byte
        await until(lambda: link.last_byte > first + 0.3)
        assert probe.kinds == ["connected"]
        assert session.health().latency_ms > 0


@pytest.mark.parametrize(
    ("status", "headers", "at_least"),
    [(429, {"Retry-After": "0.4"}, 0.4), (429, {}, QUICK.too_many), (418, {}, QUICK.ban)],
)
async def test_the_wait_a_venue_asks_for_is_kept(status, headers, at_least):
    async with scripted_venue() as venue, session_on(venue) as session:
        probe = Probe()
        await session.subscribe(channel("a"), probe)
        venue.refuse = [(status, headers)]
        venue.kill()
        await until(lambda: venue.handshakes == 2)
        began = time.monotonic()
        await until(lambda: venue.handshakes == 3)
        assert time.monotonic() - began > at_least * 0.9
        told = [event for event in probe.events if event.kind == "reconnecting"][-1]
        assert f"HTTP {status}" in told.reason
        assert told.retry_in_ms >= at_least * 900
        await until(lambda: probe.log[-1] == "opened")


async def test_a_venue_that_accepts_and_kicks_is_not_hammered():
    settings = dataclasses.replace(QUICK, backoff_base=0.2, backoff_cap=2.0, subscribe_timeout=0.8)

    async def kick(venue, connection, request) -> bool:
        connection.transport.abort()
        return True

    async with scripted_venue() as venue, session_on(venue, settings) as session:
        venue.script = kick
        with pytest.raises(SubscriptionFailed):
            await session.subscribe(channel("a"), Probe())
        assert 2 <= venue.handshakes <= 12


async def test_closing_is_bounded_when_the_peer_never_answers():
    async with scripted_venue() as venue, session_on(venue) as session:
        await session.subscribe(channel("a"), Probe())
        venue.live[0].transport.pause_reading()
        began = time.monotonic()
        await session.close()
        assert time.monotonic() - began < QUICK.close_timeout + 0.5
        assert session.state == "CLOSED"
        with pytest.raises(SubscriptionFailed, match="closed"):
            await session.subscribe(channel("b"), Probe())


async def test_closing_while_reconnecting_cancels_the_wait_and_answers_the_waiting():
    async with scripted_venue() as venue, session_on(venue) as session:
        venue.refuse = [(418, {"Retry-After": "2"})]
        waiting = asyncio.create_task(session.subscribe(channel("a"), Probe()))
        await until(lambda: session.health().retry_at is not None)
        await session.close()
        with pytest.raises(SubscriptionFailed, match="closed"):
            await waiting


async def test_a_connection_nobody_wants_is_closed_and_reopened_on_demand():
    settings = dataclasses.replace(QUICK, idle_timeout=0.05)
    async with scripted_venue() as venue, session_on(venue, settings) as session:
        await session.subscribe(channel("a"), Probe())
        await session.unsubscribe("a")
        await until(lambda: not venue.live and session.state == "IDLE")
        probe = Probe()
        await session.subscribe(channel("a"), probe)
        assert len(venue.connections) == 2


async def test_requests_are_batched_and_paced_to_the_venues_limit():
    settings = dataclasses.replace(QUICK, ping_interval=5.0)
    async with (
        scripted_venue() as venue,
        session_on(venue, settings, messages_per_second=5, batch=10) as session,
    ):
        began = time.monotonic()
        await asyncio.gather(*(session.subscribe(channel(f"c{i}"), Probe()) for i in range(60)))
        assert [len(request["params"]) for request in venue.requests] == [10] * 6
        assert time.monotonic() - began > 0.95


async def test_the_tap_hears_every_frame_in_order():
    heard = []
    async with scripted_venue() as venue:
        session = Session(
            ScriptedDialect(venue.url),
            name="scripted",
            settings=QUICK,
            tap=lambda *event: heard.append(event),
        )
        probe = Probe()
        await session.subscribe(channel("a"), probe)
        await venue.send("a", 1)
        await until(lambda: probe.numbers == [1])
        await session.close()
    assert [(kind, conn) for kind, conn, _, _ in heard] == [
        (kind, "scripted#1") for kind in ("open", "sent", "recv", "recv", "close")
    ]
    assert heard[0][2] == f"{venue.url}/"
    assert heard[3][3] == b'{"stream":"a","data":{"q":1}}'
