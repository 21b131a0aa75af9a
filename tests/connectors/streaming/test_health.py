"""What a session tells of itself: lag, counts, what happened, and the replacing of a connection on request."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from connectors.contracts.errors import BadFrame
from connectors.contracts.events import BookState, OrderBookUpdate, StreamStatus, Trade
from connectors.contracts.health import SubscriptionHealth
from connectors.streaming.book_feed import BookFeed
from connectors.streaming.dialect import Channel
from connectors.streaming.feeds import Feed, Listener, TradeFeed
from connectors.streaming.lag import LagSampler
from connectors.streaming.sequencing import PlainSequencing
from connectors.streaming.session import Session
from connectors.streaming.subscription import Subscription
from connectors.streaming.wanted import WantedSet
from tests.connectors.streaming.scripted import (
    QUICK,
    Probe,
    ScriptedDialect,
    ScriptedVenue,
    channel,
    scripted_venue,
    session_on,
    until,
)
from tests.connectors.streaming.test_rotation import Ticker


class TimedDialect(ScriptedDialect):
    """Its events happened at the time they carry as their number."""

    def event_time(self, frame: bytes) -> int | None:
        return json.loads(frame)["data"].get("q")


@asynccontextmanager
async def timed_session(venue: ScriptedVenue, now: float) -> AsyncIterator[Session]:
    session = Session(TimedDialect(venue.url), name="timed", settings=QUICK, now_ms=lambda: now)
    try:
        yield session
    finally:
        await session.close()


async def test_lag_is_the_venues_time_when_handled_less_the_events_own():
    async with scripted_venue() as venue, timed_session(venue, now=10_000.0) as session:
        probe = Probe()
        await session.subscribe(channel("a"), probe)
        assert session.health().lag is None
        sent = 9_900

        async def next_sample() -> None:
            nonlocal sent
            sent += 10
            await venue.send("a", sent)
            await until(lambda: probe.numbers and probe.numbers[-1] == sent)

        while session.health().lag is None:
            await next_sample()
        lag = session.health().lag
        assert lag is not None
        assert lag.samples == 1
        assert lag.p50 == lag.p99 == 10_000 - sent
        assert session.health().subscriptions[0].lag_ms == 10_000 - sent


async def test_lag_is_unknown_where_frames_carry_no_time():
    async with scripted_venue() as venue, session_on(venue) as session:
        probe = Probe()
        await session.subscribe(channel("a"), probe)
        for number in range(20):
            await venue.send("a", number)
        await until(lambda: len(probe.numbers) == 20)
        health = session.health()
        assert health.lag is None
        assert health.subscriptions[0].lag_ms is None


def sampled(lags: list[int], *, clock=lambda: 0.0) -> LagSampler:
    """A sampler that measured these lags, one frame each, on one channel."""
    wanted = WantedSet(ScriptedDialect("ws://nowhere"))
    subscription = Subscription(channel("a"), Probe(), Troubles())
    wanted.add(subscription)
    sampler = LagSampler(wanted, lambda frame: -json.loads(frame)["data"]["q"], lambda: 0.0, clock=clock)
    for lag in lags:
        sampler.arm()
        sampler.arm()
        for number in (lag, 999_999):
            subscription.deliver(json.dumps({"data": {"q": number}}).encode(), 0.0)
    return sampler


class Troubles:
    def __init__(self) -> None:
        self.errors: list[Exception] = []

    def quarantine(self, subscription: Subscription, error: Exception) -> None:
        self.errors.append(error)

    def handler_failed(self, subscription: Subscription, error: Exception) -> None:
        self.errors.append(error)

    def revived(self, subscription: Subscription) -> None: ...


def test_percentiles_are_of_the_measured_frames_alone():
    lag = sampled(list(range(1, 102))).percentiles()
    assert lag is not None
    assert (lag.p50, lag.p95, lag.p99, lag.samples) == (51.0, 96.0, 100.0, 101)


def test_a_lag_below_zero_counts_as_none():
    lag = sampled([-40]).percentiles()
    assert lag is not None
    assert lag.p50 == 0.0


def test_old_samples_are_forgotten():
    now = 0.0
    sampler = sampled([5, 6], clock=lambda: now)
    now = 61.0
    assert sampler.percentiles() is None


def test_every_channel_of_many_has_its_turn():
    wanted = WantedSet(ScriptedDialect("ws://nowhere"))
    subscriptions = [Subscription(channel(f"c{number}"), Probe(), Troubles()) for number in range(100)]
    for subscription in subscriptions:
        wanted.add(subscription)
    sampler = LagSampler(wanted, lambda _: -7, lambda: 0.0)
    for _ in range(7):
        sampler.arm()
    for subscription in subscriptions:
        subscription.deliver(b'{"data":{"q":1}}', 0.0)
    assert all(subscription.lag_ms == 7.0 for subscription in subscriptions)


def test_a_bad_frame_is_not_measured_and_the_stream_goes_on():
    troubles = Troubles()
    wanted = WantedSet(ScriptedDialect("ws://nowhere"))
    subscription = Subscription(channel("a"), Probe(), troubles)
    wanted.add(subscription)
    sampler = LagSampler(wanted, lambda _: 0, lambda: 3.0)
    sampler.arm()
    subscription.deliver(b"rubbish", 0.0)
    subscription.deliver(b'{"data":{"q":1}}', 0.0)
    assert isinstance(troubles.errors[0], BadFrame)
    assert sampler.percentiles() is None
    sampler.arm()
    subscription.deliver(b'{"data":{"q":2}}', 0.0)
    assert subscription.lag_ms == 3.0


# --- counts and history ----------------------------------------------------------------------------------------------


def health_of(feed: Feed) -> SubscriptionHealth:
    health = SubscriptionHealth("x", "X", "ACTIVE", None, 0)
    feed.report(health)
    return health


def test_a_feed_counts_its_own_gaps_resyncs_and_drops():
    feed = TradeFeed(
        Channel("x", "X"), lambda frame: Trade("X", 1.0, 1.0, 0, "buy", frame.decode()), consecutive=True
    )
    for number in (1, 5, 9):
        feed.frame(b"%d" % number)
    feed.tell("resynced", "at 9")
    feed.tell("dropped", "a full buffer", 12)
    feed.status(StreamStatus("lost", "not this channel's own", 0))
    health = health_of(feed)
    assert (health.gaps, health.resyncs, health.dropped, health.book_state) == (2, 1, 12, None)
    assert [event.kind for event in health.history] == ["gap", "gap", "resynced", "dropped"]


def test_what_is_remembered_of_a_channel_is_bounded():
    feed = TradeFeed(Channel("x", "X"), lambda _: Trade("X", 1.0, 1.0, 0, "buy", "1"), consecutive=True)
    for number in range(1_000):
        feed.tell("gap", f"number {number}")
    health = health_of(feed)
    assert health.gaps == 1_000
    assert len(health.history) == 20
    assert health.history[-1].reason == "number 999"


def test_a_book_tells_its_state():
    async def fetch(_: float) -> OrderBookUpdate | None:
        return None

    feed = BookFeed(Channel("x", "X"), lambda _: OrderBookUpdate("X", [], [], 0), PlainSequencing(), fetch)
    assert health_of(feed).book_state == BookState.EMPTY


async def test_a_connection_remembers_what_happened_to_it_and_why():
    async with scripted_venue() as venue, session_on(venue) as session:
        probes = Probe(), Probe()
        for name, probe in zip("ab", probes, strict=True):
            await session.subscribe(channel(name), probe)
        venue.live[0].transport.abort()
        await until(lambda: all(probe.kinds.count("connected") == 2 for probe in probes))
        health = session.health()
        assert [event.kind for event in health.history] == ["connected", "lost", "reconnecting", "connected"]
        assert all(event.reason for event in health.history)
        assert health.reconnects == 1
        assert health.connected_for is not None
        for number in range(100):
            session._wanted.broadcast("rotated", str(number))
        assert len(session.health().history) == 50


async def test_channels_of_one_connection_hear_of_it_in_one_event():
    async with scripted_venue() as venue, session_on(venue) as session:
        heard: list[StreamStatus] = []
        listener = Listener(lambda _: None, heard.append)
        for name in "abc":
            feed = TradeFeed(channel(name), lambda _: Trade("X", 1.0, 1.0, 0, "buy", "1"), consecutive=False)
            feed.add(listener)
            await session.subscribe(channel(name), feed)
        assert [event.kind for event in heard] == ["connected"]


# --- replacing a connection on request -------------------------------------------------------------------------------


async def test_a_connection_is_replaced_on_request_and_nothing_is_lost():
    async with scripted_venue() as venue, session_on(venue) as session:
        probe = Probe()
        await session.subscribe(channel("a"), probe)
        ticker = Ticker(venue, "a")
        await ticker.tick(3)
        assert session.rotate("asked for")
        while "rotated" not in probe.kinds:
            await ticker.tick()
            await asyncio.sleep(0)
        await ticker.tick(3)
        await until(lambda: probe.numbers[-1] == ticker.sent)
        assert probe.numbers == list(range(1, ticker.sent + 1))
        health = session.health()
        assert (health.rotations, health.reconnects, health.generation) == (1, 0, 2)
        assert health.history[-1].reason == "asked for"


@pytest.mark.parametrize("when", ["before the first connection", "while it is replaced already", "closed"])
async def test_a_connection_that_cannot_be_replaced_says_so(when):
    async with scripted_venue() as venue, session_on(venue) as session:
        if when != "before the first connection":
            await session.subscribe(channel("a"), Probe())
        if when == "while it is replaced already":
            venue.script = hold
            assert session.rotate("first")
            await until(lambda: len(venue.connections) == 2 and session._upkeep._rotation is not None)
        if when == "closed":
            await session.close()
        assert not session.rotate("again")


async def hold(*_: object) -> bool:
    """Leave a request unanswered."""
    return True
