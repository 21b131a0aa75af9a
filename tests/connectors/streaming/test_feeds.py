"""Feeds, the hub that shares them, and polling: order, once each, and apart from each other's faults."""

import asyncio
from dataclasses import replace

import pytest

from connectors.contracts.errors import SubscriptionFailed, VenueUnavailable
from connectors.contracts.events import Price, StreamStatus, Trade
from connectors.streaming.dialect import Channel
from connectors.streaming.feeds import Feed, Listener, PriceFeed, TradeFeed
from connectors.streaming.hub import Hub
from connectors.streaming.poll import Poll
from connectors.streaming.pool import Pool
from tests.connectors.streaming.scripted import QUICK, ScriptedDialect, channel, scripted_venue, until

CHANNEL = Channel("x", "X")


def trade(number: int, timestamp: int = 0) -> Trade:
    return Trade("X", 1.0, 1.0, timestamp, "buy", str(number))


def listening(feed: Feed, statuses: list | None = None) -> list:
    events: list = []
    feed.add(Listener(events.append, statuses.append if statuses is not None else None))
    return events


def decode_trade(frame: bytes) -> Trade:
    return trade(int(frame))


def test_a_repeated_trade_is_delivered_once_and_missing_ones_are_told():
    feed, statuses = TradeFeed(CHANNEL, decode_trade, consecutive=True), []
    events = listening(feed, statuses)
    for number in (5, 6, 6, 5, 9, 8, 10, 9):
        feed.frame(b"%d" % number)
    assert [event.trade_id for event in events] == ["5", "6", "9", "8", "10"]
    assert [(status.kind, status.count, status.symbol, status.channel) for status in statuses] == [
        ("gap", 2, "X", "x")
    ]


def test_trades_that_are_not_numbered_one_by_one_have_no_gaps():
    feed, statuses = TradeFeed(CHANNEL, decode_trade, consecutive=False), []
    events = listening(feed, statuses)
    for number in (5, 900, 900):
        feed.frame(b"%d" % number)
    assert len(events) == 2
    assert statuses == []


@pytest.mark.parametrize("consecutive", [True, False])
@pytest.mark.parametrize("first", [5, 2])
def test_a_venue_that_numbers_anew_is_followed(first: int, consecutive: bool):
    made = [trade(number, 100 + number) for number in (5, 6, 7)]
    made += [trade(number, 200 + number) for number in (first, first + 1, first + 2, first + 2, first + 5)]
    feed = TradeFeed(CHANNEL, lambda frame: made[int(frame)], consecutive=consecutive)
    statuses: list[StreamStatus] = []
    events = listening(feed, statuses)
    for index in range(len(made)):
        feed.frame(b"%d" % index)
    assert events == [*made[:6], made[7]]
    anew = [(status.kind, status.count) for status in statuses]
    told = [("gap", None), ("gap", 2)] if consecutive else [("gap", None)]
    assert anew == told


def test_old_trades_that_come_again_are_not_taken_for_new_numbers():
    made = [trade(number, 100 + number) for number in (5, 6, 7, 9, 8, 6, 9, 10)]
    feed = TradeFeed(CHANNEL, lambda frame: made[int(frame)], consecutive=True)
    statuses: list[StreamStatus] = []
    events = listening(feed, statuses)
    for index in range(len(made)):
        feed.frame(b"%d" % index)
    assert [int(event.trade_id) for event in events] == [5, 6, 7, 9, 8, 10]
    assert [(status.kind, status.count) for status in statuses] == [("gap", 1)]


@pytest.mark.parametrize("kind", [int, str])
def test_a_quiet_stream_of_unnumbered_trades_knows_the_last_one(kind: type):
    feed = TradeFeed(CHANNEL, decode_trade, consecutive=False)
    assert feed.knows(kind(4)), "made before anybody listened"
    assert not feed.knows(kind(7)), "made since, and not heard"
    for number in (7, 900):
        feed.frame(b"%d" % number)
    assert feed.knows(kind(7))
    assert feed.knows(kind(900))
    assert not feed.knows(kind(901))


def test_the_memory_of_trades_is_bounded():
    feed = TradeFeed(CHANNEL, decode_trade, consecutive=True)
    for number in range(10_000):
        feed.frame(b"%d" % number)
    assert len(feed._remembered) <= 2_048


def test_a_frame_of_many_prices_gives_an_event_each():
    prices = [Price("X", 1.0, 0), Price("Y", 2.0, 0)]
    feed = PriceFeed(CHANNEL, lambda frame: prices)
    events = listening(feed)
    feed.frame(b"")
    assert events == prices


def test_a_listener_that_raises_does_not_rob_the_others_and_is_reported():
    feed = TradeFeed(CHANNEL, decode_trade, consecutive=True)

    def fails(event: Trade) -> None:
        raise RuntimeError("a consumer's fault")

    feed.add(Listener(fails, None))
    events = listening(feed)
    with pytest.raises(RuntimeError, match="a consumer's fault"):
        feed.frame(b"1")
    assert len(events) == 1


def test_a_status_of_the_connection_reaches_a_listener_of_many_channels_once():
    statuses: list = []

    def fails(event) -> None:
        statuses.append(event)
        raise RuntimeError("a consumer's fault")

    listener = Listener(lambda event: None, fails)
    feeds = [TradeFeed(Channel(name), decode_trade, consecutive=True) for name in "abc"]
    for feed in feeds:
        feed.add(listener)
    status = StreamStatus("lost", "the connection broke", 0)
    for feed in feeds:
        feed.status(status)
    assert statuses == [status]


@pytest.fixture
async def venue():
    async with scripted_venue() as running:
        yield running


@pytest.fixture
async def pool(venue):
    made = Pool(ScriptedDialect(venue.url, streams=3), name="scripted", settings=QUICK)
    yield made
    await made.close()
    assert not [task for task in asyncio.all_tasks() if "scripted" in task.get_name()]


async def test_sessions_that_nobody_wants_any_more_do_not_pile_up(venue):
    pool = Pool(ScriptedDialect(venue.url), name="scripted", settings=replace(QUICK, idle_timeout=0.01))
    for number in range(4):
        name = f"symbol{number}"
        await pool.subscribe(Channel(name, category=name), NumberFeed(Channel(name)))
        assert len(pool.health()) == 1
        await pool.unsubscribe(name)
        await until(lambda: [one.state for one in pool.health()] == ["IDLE"])
    await pool.subscribe(Channel("kept", category="kept"), NumberFeed(Channel("kept")))
    await pool.subscribe(Channel("new", category="new"), NumberFeed(Channel("new")))
    assert [one.state for one in pool.health()] == ["CONNECTED", "CONNECTED"]
    await pool.close()
    assert not [task for task in asyncio.all_tasks() if "scripted" in task.get_name()]


class NumberFeed(Feed[int]):
    def frame(self, frame: bytes) -> None:
        self.deliver(int(frame.rpartition(b":")[2].rstrip(b"}")))


async def test_the_hub_makes_one_subscription_for_many_and_ends_it_with_the_last(venue, pool):
    hub = Hub(pool)
    first, second = [], []
    leaves = await asyncio.gather(
        hub.join([channel("a"), channel("b")], NumberFeed, Listener(first.append, None)),
        hub.join([channel("a")], NumberFeed, Listener(second.append, None)),
    )
    assert venue.on(venue.live[0]) == {"a": 1, "b": 1}
    assert len(hub) == 2
    await venue.send("a", 1)
    await until(lambda: first == second == [1])
    await leaves[0]()
    await venue.send("a", 2)
    await until(lambda: second == [1, 2])
    assert first == [1]
    assert +venue.on(venue.live[0]) == {"a": 1}
    await leaves[1]()
    await leaves[1]()
    assert +venue.on(venue.live[0]) == {}


async def test_where_one_channel_fails_none_is_joined(venue, pool):
    async def ignore_bad(venue, connection, request) -> bool:
        return "bad" in request["params"]

    venue.script = ignore_bad
    hub = Hub(pool)
    await hub.join([channel("a")], NumberFeed, Listener(lambda event: None, None))
    with pytest.raises(SubscriptionFailed):
        await hub.join([channel("b"), channel("bad")], NumberFeed, Listener(lambda event: None, None))
    venue.script = None
    await until(lambda: +venue.on(venue.live[0]) == {"a": 1})
    assert [one.channel for health in pool.health() for one in health.subscriptions] == ["a"]


async def test_streams_beyond_the_limit_go_to_another_connection(venue, pool):
    hub = Hub(pool)
    await hub.join([channel(f"c{i}") for i in range(7)], NumberFeed, Listener(lambda event: None, None))
    assert sorted(sum(venue.on(connection).values()) for connection in venue.live) == [1, 3, 3]
    assert [health.name for health in pool.health()] == ["scripted-1", "scripted-2", "scripted-3"]


async def test_channels_of_different_categories_never_share_a_connection(venue, pool):
    hub = Hub(pool)
    channels = [Channel("a", category="public"), Channel("b", category="market")]
    await hub.join(channels, NumberFeed, Listener(lambda event: None, None))
    paths = sorted(connection.request.path for connection in venue.connections)
    assert paths == ["/market", "/public"]


async def test_a_poll_delivers_at_once_then_what_changes_and_tells_of_failures():
    answers: list = [1]
    fetched = asyncio.Event()

    async def fetch() -> int:
        fetched.set()
        if isinstance(answers[-1], Exception):
            raise answers[-1]
        return answers[-1]

    poll = Poll(fetch, 0.005, name="numbers poll")
    values, statuses = [], []
    leave = await poll.join(Listener(values.append, statuses.append))
    assert values == [1]
    fetched.clear()
    await fetched.wait()
    assert values == [1]
    answers.append(2)
    await until(lambda: values == [1, 2])
    answers.append(VenueUnavailable("maintenance"))
    await until(lambda: statuses)
    assert (statuses[0].kind, statuses[0].reason) == ("stale", "maintenance")
    answers.append(3)
    await until(lambda: values == [1, 2, 3])
    assert statuses[-1].kind == "live"
    await leave()
    assert not [task for task in asyncio.all_tasks() if task.get_name() == "numbers poll"]


async def test_a_poll_that_cannot_begin_says_why():
    async def fetch() -> int:
        raise VenueUnavailable("maintenance")

    with pytest.raises(VenueUnavailable):
        await Poll(fetch, 1.0, name="numbers poll").join(Listener(lambda value: None, None))
