"""A book made from a snapshot that was cut: what it shows is all there is, up to where it is known."""

import asyncio
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.contracts.errors import ConnectionFailed
from connectors.contracts.events import BookState, OrderBookUpdate
from connectors.streaming import book_side
from connectors.streaming.book import Book
from connectors.streaming.book_feed import BookFeed
from connectors.streaming.book_sync import BookSettings, BookSync
from connectors.streaming.dialect import Channel
from connectors.streaming.feeds import Listener
from connectors.streaming.sequencing import (
    BinanceFuturesSequencing,
    PlainSequencing,
    RangeSequencing,
    UnnumberedSequencing,
)
from tests.connectors.streaming.scripted import until

QUICK = BookSettings(fetch_timeout=0.5, backoff_base=0.001, backoff_cap=0.005, slow_retry=0.03)


class DeepMarket:
    """The whole truth: many levels a side, and a venue whose snapshots hold `depth` of them."""

    def __init__(self, seed: int, *, levels: int = 400, depth: int = 50) -> None:
        self.rng = random.Random(seed)
        self.depth = depth
        self.last = 100
        self.middle = 10_000
        self.bids = {float(self.middle - n): 1.0 for n in range(1, levels + 1)}
        self.asks = {float(self.middle + n): 1.0 for n in range(1, levels + 1)}
        self.history = {self.last: self.sides()}

    def sides(self) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
        """Best first."""
        return sorted(self.bids.items(), reverse=True), sorted(self.asks.items())

    def move(self, ticks: int) -> OrderBookUpdate:
        """Let the middle go by so many ticks: what it passes is taken away, and follows on the other side."""
        self.middle += ticks
        middle = float(self.middle)
        bids = [(price, 0.0) for price in self.bids if price >= middle]
        asks = [(price, 0.0) for price in self.asks if price <= middle]
        for side, away in ((bids, -1), (asks, 1)):
            near = {middle + away * self.rng.randint(1, 30) for _ in range(4)}
            far = {middle + away * self.rng.randint(30, 400) for _ in range(2)}
            side += [(price, float(self.rng.choice([0, 1, 2, 3]))) for price in near | far]
            # The best price is always there.
            side.append((middle + away, 1.0))
        return self.change(bids, asks)

    def change(self, bids: list[tuple[float, float]], asks: list[tuple[float, float]]) -> OrderBookUpdate:
        previous, self.last = self.last, self.last + 1
        for own, changes in ((self.bids, bids), (self.asks, asks)):
            for price, quantity in changes:
                own[price] = quantity
                if not quantity:
                    del own[price]
        self.history[self.last] = self.sides()
        return OrderBookUpdate(
            "X",
            bids,
            asks,
            self.last,
            first_sequence=self.last,
            last_sequence=self.last,
            previous_sequence=previous,
        )

    def snapshot(self) -> OrderBookUpdate:
        bids, asks = self.history[self.last]
        return OrderBookUpdate(
            "X",
            bids[: self.depth],
            asks[: self.depth],
            self.last,
            is_snapshot=True,
            last_sequence=self.last,
            depth=self.depth,
        )

    def fault(self, book: Book, depth: int = 1_000) -> str | None:
        """What is wrong with a SYNCED book: every level up to the edge must be there, and none beyond."""
        view = book.view(depth)
        bids, asks = self.history[book.sequence]
        known = [level for level in bids if view.known_bid is None or level[0] >= view.known_bid]
        if view.bids != known[:depth]:
            return f"bids {view.bids[:3]} and not {known[:3]} at {book.sequence}, known to {view.known_bid}"
        known = [level for level in asks if view.known_ask is None or level[0] <= view.known_ask]
        if view.asks != known[:depth]:
            return f"asks {view.asks[:3]} and not {known[:3]} at {book.sequence}, known to {view.known_ask}"
        return None if view.bids and view.asks else "a side is empty, and is not"


class Rig:
    def __init__(self, market: DeepMarket, *, sequencing=RangeSequencing, fetch=None, **options) -> None:
        self.market = market
        self.book = Book("X")
        self.told: list[str] = []
        self.states: list[BookState] = []
        self.faults: list[str] = []
        self.shallowest = 10**6
        self.fetches = 0
        self.sync = BookSync(
            self.book,
            sequencing(),
            fetch or self.fetch,
            self,
            settings=options.pop("settings", QUICK),
            **options,
        )

    async def fetch(self, timeout: float) -> OrderBookUpdate:
        self.fetches += 1
        return self.market.snapshot()

    def deliver(self, book: object) -> None:
        self.states.append(self.book.state)
        if self.book.state is not BookState.SYNCED:
            return
        if (fault := self.market.fault(self.book)) is not None:
            self.faults.append(fault)
        self.shallowest = min(self.shallowest, len(self.book.bids), len(self.book.asks))

    def tell(self, kind: str, reason: str, count: int | None = None) -> None:
        self.told.append(kind)

    async def synced(self) -> None:
        await until(lambda: self.book.state is BookState.SYNCED)


# --- the book alone -----------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    depth=st.integers(1, 80),
    moves=st.lists(st.integers(-25, 25), max_size=30),
)
def test_what_is_shown_is_all_there_is_up_to_the_edge(seed, depth, moves):
    market = DeepMarket(seed, levels=120, depth=depth)
    book, snapshot = Book("X"), market.snapshot()
    book.replace(snapshot.bids, snapshot.asks, depth)
    edges = (min(price for price, _ in snapshot.bids), max(price for price, _ in snapshot.asks))
    for ticks in moves:
        update = market.move(ticks)
        sound = book.apply(update.bids, update.asks)
        bids = {price: quantity for price, quantity in market.bids.items() if price >= edges[0]}
        asks = {price: quantity for price, quantity in market.asks.items() if price <= edges[1]}
        assert (book.bids, book.asks) == (bids, asks)
        view = book.view(5)
        assert (view.known_bid, view.known_ask) == edges
        assert view.bids == sorted(bids.items(), reverse=True)[:5]
        assert view.asks == sorted(asks.items())[:5]
        assert book.exhausted == (not bids or not asks)
        assert sound == (not book.exhausted)
        assert not book.crossed


def test_a_snapshot_shorter_than_asked_for_is_the_whole_side():
    book = Book("X")
    book.replace([(9.0, 1.0), (8.0, 1.0)], [(10.0, 1.0), (11.0, 1.0), (12.0, 1.0)], 3)
    view = book.view()
    assert (view.known_bid, view.known_ask) == (None, 12.0)
    book.apply([(1.0, 5.0)], [(13.0, 5.0)])
    assert book.view().bids == [(9.0, 1.0), (8.0, 1.0), (1.0, 5.0)]
    assert book.view().asks == [(10.0, 1.0), (11.0, 1.0), (12.0, 1.0)]
    book.apply([(9.0, 0.0), (8.0, 0.0), (1.0, 0.0)], [])
    assert not book.exhausted


def test_the_edge_stays_where_it_was_when_its_level_goes_and_comes_back():
    book = Book("X")
    book.replace([(9.0, 1.0), (8.0, 1.0)], [(10.0, 1.0)], 2)
    book.apply([(8.0, 0.0)], [])
    assert (book.view().bids, book.view().known_bid) == ([(9.0, 1.0)], 8.0)
    book.apply([(8.0, 3.0), (7.0, 4.0)], [])
    assert book.view().bids == [(9.0, 1.0), (8.0, 3.0)]


def test_a_best_price_that_is_not_known_comes_back_with_a_level_inside_the_span():
    book = Book("X")
    book.replace([(9.0, 1.0), (8.0, 1.0)], [(10.0, 1.0), (11.0, 1.0)], 2)
    assert not book.apply([(9.0, 0.0), (8.0, 0.0), (7.0, 1.0)], [])
    assert book.exhausted
    assert book.view().bids == []
    assert book.apply([(8.5, 1.0)], [])
    assert book.bid_side.best == 8.5
    assert not book.apply([], [(10.0, 0.0), (11.0, 0.0), (12.0, 1.0)])
    assert book.apply([], [(10.5, 1.0)])
    assert book.ask_side.best == 10.5


def test_what_is_pruned_is_not_known_any_more(monkeypatch):
    monkeypatch.setattr(book_side, "_PRUNE_ABOVE", 500)
    monkeypatch.setattr(book_side, "_PRUNE_TO", 300)
    book = Book("X")
    book.replace([(float(n), 1.0) for n in range(1, 1_001)], [])
    assert len(book.bids) == 300
    assert book.view().known_bid == 701.0
    book.apply([(5.0, 1.0)], [])
    assert 5.0 not in book.bids


# --- kept right by its venue's stream -----------------------------------------------------------------------


@pytest.mark.parametrize("sequencing", [RangeSequencing, BinanceFuturesSequencing, PlainSequencing])
@pytest.mark.parametrize("direction", [-1, 1])
async def test_the_snapshot_is_fetched_anew_before_the_price_comes_near_the_edge(sequencing, direction):
    market = DeepMarket(5, levels=1_000, depth=100)
    rig = Rig(market, sequencing=sequencing)
    rig.sync.opened()
    await rig.synced()
    began = len(rig.states)
    for _ in range(200):
        rig.sync.push(market.move(3 * direction))
        await asyncio.sleep(0)
    assert rig.faults == []
    assert set(rig.states[began:]) == {BookState.SYNCED}
    assert rig.shallowest >= 20
    assert rig.told == []
    assert 3 < rig.fetches < 40
    await rig.sync.stop()


async def test_updates_that_come_while_the_snapshot_is_on_its_way_are_in_the_new_book():
    market = DeepMarket(6, levels=1_000, depth=100)
    release = asyncio.Event()

    async def slow(timeout: float) -> OrderBookUpdate:
        rig.fetches += 1
        snapshot = market.snapshot()
        if rig.fetches > 1:
            await release.wait()
        return snapshot

    rig = Rig(market, fetch=slow)
    rig.sync.opened()
    await rig.synced()
    while rig.fetches == 1:
        rig.sync.push(market.move(-2))
        await asyncio.sleep(0)
    for _ in range(10):
        rig.sync.push(market.move(-2))
    assert rig.book.state is BookState.SYNCED
    edge = rig.book.view().known_bid
    release.set()
    await until(lambda: rig.book.view().known_bid != edge)
    assert rig.book.sequence == market.last
    assert market.fault(rig.book) is None
    assert rig.faults == []
    await rig.sync.stop()


async def test_a_book_whose_best_price_is_not_known_is_not_synced_until_the_snapshot_is_here():
    market = DeepMarket(7, levels=1_000, depth=100)
    rig = Rig(market)
    rig.sync.opened()
    await rig.synced()
    rig.sync.push(market.move(-300))
    assert rig.book.state is BookState.RESYNCING
    assert rig.told == ["gap"]
    assert rig.book.view().bids == []
    rig.sync.push(market.move(-1))
    await rig.synced()
    assert rig.told == ["gap", "resynced"]
    assert rig.fetches == 2
    assert rig.book.sequence == market.last
    assert market.fault(rig.book) is None
    assert len(rig.book.bids) >= 90
    await rig.sync.stop()


async def test_a_snapshot_that_does_not_fit_or_does_not_come_leaves_the_book_as_it_was():
    market = DeepMarket(8, levels=1_000, depth=100)
    old = market.snapshot()
    answers: list[object] = [market.snapshot(), ConnectionFailed("no answer"), old]

    async def fetch(timeout: float) -> OrderBookUpdate:
        rig.fetches += 1
        answer = answers.pop(0) if answers else market.snapshot()
        if isinstance(answer, Exception):
            raise answer
        return answer

    rig = Rig(market, fetch=fetch)
    rig.sync.opened()
    await rig.synced()
    for _ in range(30):
        rig.sync.push(market.move(-2))
    await until(lambda: rig.fetches == 4)
    await until(lambda: rig.book.view().known_bid == min(market.snapshot().bids)[0])
    rig.sync.push(market.move(-2))
    assert set(rig.states[1:]) == {BookState.SYNCED}
    assert rig.faults == []
    assert rig.told == []
    await rig.sync.stop()


async def test_the_refreshed_book_goes_on_losing_nothing():
    """What the new snapshot's rule knows is the rule from then on: a gap after it is a gap."""
    market = DeepMarket(9, levels=1_000, depth=60)
    rig = Rig(market)
    rig.sync.opened()
    await rig.synced()
    for _ in range(60):
        rig.sync.push(market.move(-2))
        await asyncio.sleep(0)
    assert rig.told == []
    market.move(-2)
    rig.sync.push(market.move(-2))
    assert rig.told == ["gap"]
    await rig.synced()
    assert market.fault(rig.book) is None
    await rig.sync.stop()


def test_where_snapshots_are_offered_one_is_taken_when_it_is_time_and_none_before():
    market = DeepMarket(10, levels=1_000, depth=100)
    rig = Rig(market)
    rig.sync._fetch = None
    rig.sync.opened()
    rig.sync.offer(market.snapshot())
    edge = rig.book.view().known_bid
    rig.sync.push(market.move(-1))
    rig.sync.offer(market.snapshot())
    assert rig.book.view().known_bid == edge
    for _ in range(40):
        rig.sync.push(market.move(-2))
    rig.sync.offer(market.snapshot())
    assert rig.book.view().known_bid < edge
    assert set(rig.states) == {BookState.BUFFERING, BookState.SYNCED}
    assert rig.faults == []


async def test_a_venue_whose_snapshots_come_with_a_subscription_is_subscribed_to_anew_in_time():
    market = DeepMarket(11, levels=1_000, depth=100)
    updates: list[OrderBookUpdate] = []
    renewals: list[str] = []
    states: list[BookState] = []

    def renew(reason: str) -> None:
        renewals.append(reason)
        feed.closed("renewed")
        feed.opened()

    feed = BookFeed(
        Channel("x", "X"), lambda frame: updates[int(frame)], UnnumberedSequencing(), None, QUICK, renew=renew
    )
    feed.add(Listener(lambda book: states.append(book.state), None))

    def send(update: OrderBookUpdate) -> None:
        updates.append(update)
        feed.frame(b"%d" % (len(updates) - 1))

    feed.opened()
    send(market.snapshot())
    while feed.book.state is BookState.SYNCED:
        send(market.move(-2))
        assert feed.book.state is not BookState.SYNCED or market.fault(feed.book) is None
        assert len(updates) < 200
    assert len(feed.book.bids) > 20, "in time: the best levels were still known"
    await until(lambda: renewals)
    send(market.snapshot())
    assert feed.book.state is BookState.SYNCED
    assert market.fault(feed.book) is None
    await feed.stop()


async def test_a_stream_of_cut_snapshots_is_never_asked_for_more():
    market = DeepMarket(12, levels=1_000, depth=20)
    rig = Rig(market, sequencing=UnnumberedSequencing)
    rig.sync.opened()
    await rig.synced()
    for ticks in (-5, -40, 30, -300):
        market.move(ticks)
        rig.sync.push(market.snapshot())
        await asyncio.sleep(0)
        assert market.fault(rig.book) is None
    assert rig.fetches == 1
    assert set(rig.states[1:]) == {BookState.SYNCED}
    await rig.sync.stop()


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    rule=st.sampled_from([RangeSequencing, BinanceFuturesSequencing]),
    depth=st.integers(2, 60),
    steps=st.lists(
        st.one_of(
            st.integers(-20, 20), st.integers(-200, 200), st.sampled_from(["wait", "wait", "drop", "lose"])
        ),
        max_size=40,
    ),
)
def test_no_synced_book_is_ever_wrong_wherever_the_price_goes(seed, rule, depth, steps):
    async def run() -> None:
        market = DeepMarket(seed, levels=500, depth=depth)
        rig = Rig(market, sequencing=rule)
        rig.sync.opened()
        for step in steps:
            if step == "wait":
                await asyncio.sleep(0)
            elif step == "drop":
                market.move(-1)
            elif step == "lose":
                rig.sync.closed("lost")
                market.move(1)
                rig.sync.opened()
            else:
                rig.sync.push(market.move(step))
        rig.sync.push(market.move(1))
        await rig.synced()
        assert rig.faults == []
        await rig.sync.stop()

    asyncio.run(run())
