"""The book's state machine: whatever the stream and the snapshots do, a SYNCED book is the right one."""

import asyncio
import random
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.contracts.errors import ConnectionFailed, RateLimited
from connectors.contracts.events import BookState, OrderBookUpdate
from connectors.streaming.book import Book
from connectors.streaming.book_sync import BookSettings, BookSync
from connectors.streaming.sequencing import (
    BinanceFuturesSequencing,
    RangeSequencing,
    UnnumberedSequencing,
)
from connectors.streaming.snapshots import SnapshotDesk
from tests.connectors.streaming.scripted import until

QUICK = BookSettings(
    fetch_timeout=0.5, backoff_base=0.001, backoff_cap=0.005, budget=5, budget_period=60.0, slow_retry=0.03
)


class Market:
    """A market's true book at every sequence, and the stream of changes that leads there."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.last = 100
        self.bids = {float(n): 1.0 for n in range(90, 100)}
        self.asks = {float(n): 1.0 for n in range(101, 111)}
        self.history = {100: (dict(self.bids), dict(self.asks))}

    def change(self) -> OrderBookUpdate:
        previous, first = self.last, self.last + 1
        self.last += self.rng.randint(1, 4)
        bids = self._levels(self.bids, 80, 99)
        asks = self._levels(self.asks, 101, 120)
        self.history[self.last] = (dict(self.bids), dict(self.asks))
        return OrderBookUpdate(
            "X",
            bids,
            asks,
            self.last,
            first_sequence=first,
            last_sequence=self.last,
            previous_sequence=previous,
        )

    def _levels(self, side: dict[float, float], low: int, high: int) -> list[tuple[float, float]]:
        changes = []
        for _ in range(self.rng.randint(0, 4)):
            price, quantity = float(self.rng.randint(low, high)), float(self.rng.choice([0, 1, 2, 3]))
            changes.append((price, quantity))
            side[price] = quantity
            if not quantity:
                del side[price]
        return changes

    def snapshot(self, at: int | None = None) -> OrderBookUpdate:
        at = self.last if at is None else at
        bids, asks = self.history[at]
        return OrderBookUpdate(
            "X", list(bids.items()), list(asks.items()), at, is_snapshot=True, last_sequence=at
        )

    def is_right(self, book: Book) -> bool:
        bids, asks = self.history[book.sequence]
        return book.bids == bids and book.asks == asks


class Rig:
    """A book under test, with the events it told."""

    def __init__(self, market: Market, *, sequencing=RangeSequencing, book_settings=QUICK, **options) -> None:
        self.market = market
        self.book = Book("X")
        self.told: list[tuple[str, str]] = []
        self.states: list[BookState] = []
        self.fetches = 0
        self.sync = BookSync(self.book, sequencing(), self.fetch, self, settings=book_settings, **options)

    async def fetch(self, timeout: float) -> OrderBookUpdate | None:
        self.fetches += 1
        return self.market.snapshot()

    def deliver(self, book: object) -> None:
        self.states.append(self.book.state)
        if self.book.state is BookState.SYNCED:
            assert self.market.is_right(self.book), f"wrong at {self.book.sequence}"

    def tell(self, kind: str, reason: str, count: int | None = None) -> None:
        self.told.append((kind, reason))

    @property
    def kinds(self) -> list[str]:
        return [kind for kind, _ in self.told]

    async def synced(self) -> None:
        await until(lambda: self.book.state is BookState.SYNCED)


@pytest.fixture
async def rig():
    made = Rig(Market(1))
    yield made
    await made.sync.stop()
    assert not [task for task in asyncio.all_tasks() if "book recovery" in task.get_name()]


async def test_a_new_book_buffers_takes_a_snapshot_and_follows(rig):
    assert rig.book.state is BookState.EMPTY
    rig.sync.opened()
    assert rig.book.state is BookState.BUFFERING
    for _ in range(5):
        rig.sync.push(rig.market.change())
    await rig.synced()
    for _ in range(20):
        rig.sync.push(rig.market.change())
    assert rig.book.sequence == rig.market.last
    assert rig.market.is_right(rig.book)
    assert rig.kinds == []


async def test_a_snapshot_older_than_the_first_update_is_fetched_anew(rig):
    answers = [100]

    async def old_first(timeout):
        rig.fetches += 1
        return rig.market.snapshot(answers.pop() if answers else None)

    rig.sync._fetch = old_first
    rig.market.change()
    rig.sync.opened()
    rig.sync.push(rig.market.change())
    await rig.synced()
    assert rig.fetches == 2
    assert rig.market.is_right(rig.book)


async def test_a_gap_resyncs_and_says_so(rig):
    rig.sync.opened()
    await rig.synced()
    rig.sync.push(rig.market.change())
    rig.market.change()
    rig.sync.push(rig.market.change())
    assert rig.book.state is BookState.RESYNCING
    assert rig.book.view().state is BookState.RESYNCING
    await rig.synced()
    assert rig.kinds == ["gap", "resynced"]
    assert rig.market.is_right(rig.book)


async def test_a_crossed_book_is_corrupt(rig):
    rig.sync.opened()
    await rig.synced()
    rig.market.bids[105.0] = 1.0
    update = rig.market.change()
    del rig.market.bids[105.0]
    rig.market.history[update.last_sequence][0].pop(105.0)
    update.bids.append((105.0, 1.0))
    rig.sync.push(update)
    assert rig.book.state is BookState.RESYNCING
    assert "crossed" in rig.told[0][1]
    await rig.synced()


async def test_the_snapshot_of_a_dead_connection_is_discarded(rig):
    release = asyncio.Event()
    first = rig.market.snapshot()

    async def slow_then_quick(timeout):
        rig.fetches += 1
        if rig.fetches == 1:
            await asyncio.shield(release.wait())
            return first
        return rig.market.snapshot()

    rig.sync._fetch = slow_then_quick
    rig.sync.opened()
    await until(lambda: rig.fetches == 1)
    rig.sync.closed("lost")
    assert rig.book.state is BookState.EMPTY
    for _ in range(3):
        rig.market.change()
    rig.sync.opened()
    rig.sync.push(rig.market.change())
    release.set()
    await rig.synced()
    assert rig.book.sequence >= 104
    assert rig.fetches == 2


async def test_a_lost_connection_makes_the_book_stale_with_its_levels_kept(rig):
    rig.sync.opened()
    await rig.synced()
    rig.sync.closed("lost")
    assert rig.book.state is BookState.STALE
    assert rig.book.view().bids
    rig.sync.opened()
    assert rig.book.state is BookState.RESYNCING
    await rig.synced()
    assert rig.kinds == ["resynced"]


async def test_updates_between_the_reconnect_and_its_acknowledgement_are_kept(rig):
    rig.sync.opened()
    await rig.synced()
    rig.sync.closed("lost")
    snapshot = rig.market.snapshot()
    rig.sync.push(rig.market.change())

    async def snapshot_before_the_update(timeout):
        return snapshot

    rig.sync._fetch = snapshot_before_the_update
    rig.sync.opened()
    await rig.synced()
    assert rig.book.sequence == rig.market.last


async def test_failing_snapshots_are_retried_then_the_book_is_stale_with_the_reason_and_recovers(rig):
    failing = True

    async def fetch(timeout):
        rig.fetches += 1
        if failing:
            raise ConnectionFailed("no route to venue")
        return rig.market.snapshot()

    rig.sync._fetch = fetch
    rig.sync.opened()
    await until(lambda: rig.book.state is BookState.STALE)
    assert rig.told == [("stale", "no sync after 5 attempts: no route to venue")]
    failing = False
    await rig.synced()


async def test_a_venues_retry_after_is_kept(rig):
    async def limited_once(timeout):
        rig.fetches += 1
        if rig.fetches == 1:
            raise RateLimited("slow down", retry_after=0.2)
        return rig.market.snapshot()

    rig.sync._fetch = limited_once
    began = asyncio.get_running_loop().time()
    rig.sync.opened()
    await rig.synced()
    assert asyncio.get_running_loop().time() - began >= 0.2


async def test_a_snapshot_that_never_comes_is_asked_for_again(rig):
    rig.sync._settings = BookSettings(fetch_timeout=0.02, backoff_base=0.001)

    async def never_first(symbol):
        rig.fetches += 1
        if rig.fetches == 1:
            await asyncio.Event().wait()
        return rig.market.snapshot()

    desk = SnapshotDesk(never_first)
    rig.sync._fetch = lambda timeout: desk.get("X", timeout)
    rig.sync.opened()
    await rig.synced()
    assert rig.fetches == 2


async def test_a_book_that_loses_sync_too_often_is_tried_slowly():
    rig = Rig(Market(2), book_settings=BookSettings(backoff_base=0.001, budget=3, slow_retry=0.05))
    rig.sync.opened()
    await rig.synced()
    for _ in range(3):
        rig.market.change()
        rig.sync.push(rig.market.change())
        if rig.book.state is not BookState.SYNCED and rig.kinds.count("gap") < 3:
            await rig.synced()
    await until(lambda: rig.book.state is BookState.STALE)
    assert "lost sync 3 times" in rig.told[-1][1]
    await rig.synced()
    await rig.sync.stop()


async def test_the_buffer_is_bounded_and_what_it_drops_is_told():
    rig = Rig(Market(3), book_settings=BookSettings(buffer=10, backoff_base=0.001))
    for _ in range(25):
        rig.sync.push(rig.market.change())
    rig.sync.opened()
    await rig.synced()
    assert ("dropped", "updates that waited for a snapshot") in rig.told
    assert rig.market.is_right(rig.book)
    await rig.sync.stop()


async def test_numbers_that_start_anew_do_not_leave_a_frozen_book_as_synced(rig):
    rig.sync.opened()
    await rig.synced()
    old = OrderBookUpdate("X", [], [], 0, first_sequence=1, last_sequence=1)
    for _ in range(101):
        rig.sync.push(old)
    assert rig.book.state is BookState.RESYNCING
    assert "older than" in rig.told[0][1]


def crc(book: Book) -> int:
    view = book.view(25)
    return zlib.crc32(repr((view.bids, view.asks)).encode())


async def test_a_wrong_checksum_resyncs_and_a_stream_snapshot_heals():
    market = Market(4)
    rig = Rig(market, sequencing=UnnumberedSequencing, checksum=crc)
    renewals = []

    async def renew(timeout):
        renewals.append(timeout)

    rig.sync._fetch = renew
    rig.sync.opened()
    await until(lambda: renewals)
    rig.sync.push(market.snapshot())
    assert rig.book.state is BookState.SYNCED
    for _ in range(5):
        rig.sync.push(with_checksum(market, market.change()))
    lost = market.change()
    while not (lost.bids or lost.asks):
        lost = market.change()
    rig.sync.push(with_checksum(market, market.change()))
    if rig.book.state is BookState.SYNCED:
        assert market.is_right(rig.book)
    else:
        assert "checksum" in rig.told[0][1]
        await until(lambda: len(renewals) == 2)
    rig.sync.push(market.snapshot())
    assert rig.book.state is BookState.SYNCED
    await rig.sync.stop()


def with_checksum(market: Market, update: OrderBookUpdate) -> OrderBookUpdate:
    reference = Book("X")
    bids, asks = market.history[update.last_sequence]
    reference.replace(bids.items(), asks.items())
    return OrderBookUpdate(
        "X", update.bids, update.asks, 0, last_sequence=update.last_sequence, checksum=crc(reference)
    )


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    rule=st.sampled_from([RangeSequencing, BinanceFuturesSequencing]),
    faults=st.lists(
        st.sampled_from(["ok", "ok", "ok", "drop", "repeat", "swap", "old", "lose", "wait"]), max_size=60
    ),
)
def test_no_wrong_book_is_ever_read_as_synced(seed, rule, faults):
    async def run() -> None:
        market = Market(seed)
        rig = Rig(market, sequencing=rule)
        seen: list[OrderBookUpdate] = []
        rig.sync.opened()
        for fault in faults:
            if fault == "lose":
                rig.sync.closed("lost")
                market.change()
                rig.sync.opened()
                continue
            if fault == "wait":
                await asyncio.sleep(0)
                continue
            if fault == "old" and seen:
                rig.sync.push(market.rng.choice(seen))
                continue
            update = market.change()
            seen.append(update)
            if fault == "drop":
                continue
            if fault == "swap":
                later = market.change()
                seen.append(later)
                rig.sync.push(later)
            rig.sync.push(update)
            if fault == "repeat":
                rig.sync.push(update)
        rig.sync.push(market.change())
        await rig.synced()
        rig.sync.push(market.change())
        await rig.synced()
        assert rig.book.sequence == market.last
        assert market.is_right(rig.book)
        await rig.sync.stop()

    asyncio.run(run())


async def test_the_desk_bounds_how_many_snapshots_run_together():
    running, peak = 0, 0

    async def fetch(symbol):
        nonlocal running, peak
        running += 1
        peak = max(peak, running)
        await asyncio.sleep(0)
        running -= 1
        return Market(1).snapshot()

    desk = SnapshotDesk(fetch, at_once=3, limit=100)
    await asyncio.gather(*(desk.get(f"S{i}", 1.0) for i in range(20)))
    assert peak == 3
