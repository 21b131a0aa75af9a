"""Keeping one book right: the state machine between a stream of updates, its snapshots and the book."""

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable
from copy import copy
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from catalog.text import clean
from connectors.contracts.errors import RateLimited
from connectors.contracts.events import BookState, OrderBookUpdate
from connectors.contracts.services import LiveBook
from connectors.runtime.foreign import pass_ours
from connectors.streaming.backoff import Backoff
from connectors.streaming.book import Book
from connectors.streaming.change import BookChange
from connectors.streaming.clock import Clock
from connectors.streaming.sequencing import Checksum, Sequencing, Verdict

log = logging.getLogger(__name__)

_SYNCED = BookState.SYNCED
_APPLY = Verdict.APPLY
_MAX_IGNORED = 100
"""So many old updates in a row mean that the venue's numbers started anew."""

Fetch: TypeAlias = Callable[[float], Awaitable[OrderBookUpdate | None]]
"""Gets a snapshot within so many seconds, or makes the stream send one (`None`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BookSettings:
    """Times in seconds."""

    buffer: int = 5_000
    """Updates kept while there is no snapshot."""
    fetch_timeout: float = 10.0
    backoff_base: float = 0.25
    backoff_cap: float = 10.0
    budget: int = 5
    """Failed attempts, and losses of sync within `budget_period`, after which a book is STALE and tried slowly."""
    budget_period: float = 60.0
    slow_retry: float = 30.0


class BookEvents(Protocol):
    """Who hears of a book."""

    def deliver(self, book: LiveBook, /) -> None:
        """The book or its state is another."""
        ...

    def tell(self, kind: str, reason: str, count: int | None = None) -> None:
        """`gap`, `resynced`, `stale` or `dropped` happened."""
        ...


class BookSync:
    """One book's state machine: EMPTY, BUFFERING, SYNCED, STALE, RESYNCING.

    `opened` and `closed` follow the subscription, `push` takes every update. A gap, a crossed book or a wrong checksum
    resyncs this book alone. A snapshot belongs to the epoch it was asked in: that of a dead connection is discarded.
    Without a `fetch` the book waits for the snapshots that somebody offers, and needs no event loop.

    Where the price nears the end of what a cut snapshot knew, another is fetched while the book stays SYNCED; it is
    SYNCED no more where a best price is not known. Where snapshots come only after subscribing anew (`in_stream`), the
    book is out of sync for as long as that takes.
    """

    def __init__(
        self,
        book: Book,
        sequencing: Sequencing,
        fetch: Fetch | None,
        events: BookEvents,
        *,
        checksum: Checksum | None = None,
        settings: BookSettings | None = None,
        in_stream: bool = False,
        clock: Clock = time.monotonic,
    ) -> None:
        self.book = book
        self._sequencing = sequencing
        self._judge = sequencing.judge
        self._bid_side, self._ask_side = book.bid_side, book.ask_side
        self._apply_bids, self._apply_asks = book.bid_side.apply, book.ask_side.apply
        self.deliver: Callable[[LiveBook], None] = events.deliver
        """Tells of a change; its owner sets it anew when the listeners change."""
        self._fetch = fetch
        self._events = events
        self._checksum = checksum
        self._settings = settings or BookSettings()
        self._in_stream = in_stream
        self._clock = clock
        self._looks = checksum is not None
        """Whether an update needs more than to be applied."""
        self._buffer: deque[BookChange] = deque()
        """What came since a snapshot is wanted."""
        self._overflown = 0
        self._ignored: tuple[int | None, int] = (None, 0)
        """How many old updates came while the book stood at a sequence."""
        self._epoch = 0
        self._was_synced = False
        self._losses: deque[float] = deque(maxlen=self._settings.budget)
        self._synced = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._waiting = False
        """A snapshot is wanted."""
        book.bid_side.on_few = book.ask_side.on_few = self._look_from_now

    # --- what the subscription reports ------------------------------------------------------------------------------

    def opened(self) -> None:
        """The stream is continuous from here (what came since `closed` included): get a snapshot."""
        if self.book.state is BookState.SYNCED:
            self._buffer.clear()
        self._enter(BookState.RESYNCING if self._was_synced else BookState.BUFFERING)
        self._recover()

    def closed(self, reason: str) -> None:
        """Continuity is lost. What the book held stays to be seen, but not as SYNCED."""
        log.debug("book closed symbol=%s reason=%s", self.book.symbol, reason)
        self._abandon_recovery()
        self._buffer.clear()
        self._enter(BookState.STALE if self._was_synced else BookState.EMPTY)

    async def stop(self) -> None:
        """End for good; no task is left."""
        task = self._task
        self.closed("stopped")
        if task is not None:
            await asyncio.gather(task, return_exceptions=True)

    def push(self, update: BookChange) -> None:
        """Take one update of the stream."""
        if update.is_snapshot:
            self._take_snapshot(update)
        else:
            self.change(update)

    def change(self, update: BookChange) -> None:
        """Take one update that is known to be no snapshot.

        The hot path, written out: a call saved here is a tenth of what a small update costs.
        """
        book = self.book
        if book.state is not _SYNCED:
            self._keep(update)
            return
        judge = self._judge
        verdict = judge(update)
        if verdict is not _APPLY:
            self._refuse(update, verdict)
            return
        book.sequence = update.last_sequence
        book.timestamp = update.timestamp
        bids, asks = update.bids, update.asks
        if bids:
            apply = self._apply_bids
            apply(bids)
        if asks:
            apply = self._apply_asks
            apply(asks)
        book.version += 1
        if (self._bid_side.best >= self._ask_side.best or self._looks) and not self._stays(update):
            return
        deliver = self.deliver
        deliver(book)

    def offer(self, snapshot: OrderBookUpdate) -> None:
        """A snapshot that was not asked for from here: taken where the book waits for one and it fits."""
        if self._waiting:
            self._adopt(snapshot)

    def _take_snapshot(self, snapshot: BookChange) -> None:
        """A snapshot that came in the stream: it replaces all that came before it."""
        self._buffer.clear()
        self._adopt(snapshot)

    # --- while it is right ------------------------------------------------------------------------------------------

    def _refuse(self, update: BookChange, verdict: Verdict) -> None:
        """An update that does not follow: nothing where the book has it already, otherwise the end of the sync."""
        at = self.book.sequence
        if verdict is Verdict.GAP:
            got = update.first_sequence or update.last_sequence
            self._lose(f"an update is missing after {at}: the next is {got}", update)
            return
        in_a_row = self._ignored[0] == at
        self._ignored = (at, self._ignored[1] + 1 if in_a_row else 1)
        if self._ignored[1] > _MAX_IGNORED:
            self._lose(f"{self._ignored[1]} updates in a row are older than {at}", update)

    def _look_from_now(self) -> None:
        self._looks = True

    def _stays(self, update: BookChange) -> bool:
        """Whether the book is still SYNCED after an update; another snapshot is asked for where it is time."""
        fault = self._fault(update)
        if fault is None and self.book.few and self._in_stream:
            fault = "the price nears the end of what is known of the book"
        if fault is not None:
            self._lose(fault, update)
            return False
        if not self._waiting and self.book.few:
            log.debug("book runs out symbol=%s sequence=%s", self.book.symbol, self.book.sequence)
            self._recover()
        if self._waiting:
            self._remember(update)
        if self.book.exhausted:
            self._events.tell("gap", "the price left what was known of the book")
            self._enter(BookState.RESYNCING)
            return False
        return True

    def _apply(self, update: BookChange) -> None:
        book = self.book
        book.sequence = update.last_sequence
        book.timestamp = update.timestamp
        book.apply(update.bids, update.asks)

    def _fault(self, update: BookChange) -> str | None:
        if self.book.crossed:
            return "the book is crossed: best bid at or above best ask"
        if self._checksum is None or update.checksum is None or update.checksum == self._checksum(self.book):
            return None
        return "the book's checksum differs from the venue's"

    def _lose(self, reason: str, update: BookChange | None = None) -> None:
        self._ignored = (None, 0)
        self._losses.append(self._clock())
        self._buffer.clear()
        if update is not None:
            self._keep(update)
        self._events.tell("gap", reason)
        self._enter(BookState.RESYNCING)
        self._recover()

    # --- while it is not --------------------------------------------------------------------------------------------

    def _keep(self, update: BookChange) -> None:
        self._overflown += self._remember(update)

    def _remember(self, update: BookChange) -> bool:
        """Whether one was forgotten for it."""
        # The oldest goes first: a snapshot that is too old for the rest is then refused and fetched anew.
        self._buffer.append(update)
        if len(self._buffer) <= self._settings.buffer:
            return False
        self._buffer.popleft()
        return True

    def _adopt(self, snapshot: BookChange) -> str | None:
        """Make the book from a snapshot and what was kept; why not, where they do not fit.

        A SYNCED book stays as it is where the snapshot does not reach what was kept.
        """
        sequencing = copy(self._sequencing)
        before = len(self._buffer)
        sequencing.start(snapshot)
        kept: list[BookChange] = []
        for update in self._buffer:
            verdict = sequencing.judge(update)
            if verdict is Verdict.GAP:
                return f"snapshot {snapshot.last_sequence} does not reach update {update.first_sequence}"
            if verdict is Verdict.APPLY:
                kept.append(update)
        self._sequencing, self._judge = sequencing, sequencing.judge
        self._looks = self._checksum is not None
        book, was = self.book, self.book.state
        book.sequence = snapshot.last_sequence
        book.timestamp = snapshot.timestamp or (book.timestamp if was is BookState.SYNCED else 0)
        book.replace(snapshot.bids, snapshot.asks, snapshot.depth)
        fault = self._fault(snapshot)
        for update in kept:
            if fault is None:
                self._apply(update)
                fault = self._fault(update)
        if fault is None and book.exhausted:
            fault = "the price left what the snapshot knew before it came"
        if fault is not None:
            if was is BookState.SYNCED:
                self._lose(fault)
            return fault
        log.debug("book synced symbol=%s sequence=%s kept=%d", book.symbol, book.sequence, before)
        self._waiting = False
        self._buffer.clear()
        self._synced.set()
        again, self._was_synced = self._was_synced, True
        if self._overflown:
            self._events.tell("dropped", "updates that waited for a snapshot", self._overflown)
            self._overflown = 0
        book.state = BookState.SYNCED
        book.version += 1
        if again and was is not BookState.SYNCED:
            self._events.tell("resynced", f"at {book.sequence}")
        self.deliver(self.book)
        return None

    def _enter(self, state: BookState) -> None:
        if self.book.state is not state:
            self.book.set_state(state)
            self.deliver(self.book)

    def _recover(self) -> None:
        self._abandon_recovery()
        self._synced.clear()
        self._waiting = True
        if self._fetch is not None:
            name = f"{self.book.symbol} book recovery"
            self._task = asyncio.create_task(self._recovery(self._fetch, self._epoch), name=name)

    def _abandon_recovery(self) -> None:
        self._epoch += 1
        self._waiting = False
        task, self._task = self._task, None
        if task is not None and task is not _current_task():
            task.cancel()

    async def _recovery(self, fetch: Fetch, epoch: int) -> None:
        settings = self._settings
        backoff = Backoff(settings.backoff_base, settings.backoff_cap)
        reason, floor = self._over_budget(), 0.0
        while True:
            if reason is not None:
                if self.book.state is not BookState.SYNCED:
                    self._go_stale(reason)
                floor = max(floor, settings.slow_retry)
            await asyncio.sleep(backoff.next(floor))
            trouble, floor = await self._attempt(fetch, epoch)
            if trouble is None or epoch != self._epoch:
                return
            log.info("book not synced symbol=%s reason=%s", self.book.symbol, trouble)
            exhausted = backoff.attempts >= settings.budget
            reason = f"no sync after {backoff.attempts} attempts: {trouble}" if exhausted else None

    def _over_budget(self) -> str | None:
        losses = self._losses
        if len(losses) < self._settings.budget or self._clock() - losses[0] > self._settings.budget_period:
            return None
        return f"lost sync {len(losses)} times in {self._settings.budget_period:g} s"

    def _go_stale(self, reason: str) -> None:
        if self.book.state is not BookState.STALE:
            self._events.tell("stale", reason)
        self._enter(BookState.STALE)

    async def _attempt(self, fetch: Fetch, epoch: int) -> tuple[str | None, float]:
        """What went wrong, if anything did, and how many seconds the venue wants to be left alone."""
        timeout = self._settings.fetch_timeout
        try:
            snapshot = await fetch(timeout)
            if snapshot is None:
                async with asyncio.timeout(timeout):
                    await self._synced.wait()
                return None, 0.0
        except TimeoutError:
            return "no snapshot in time", 0.0
        except RateLimited as error:
            return clean(error, 200), error.retry_after or 0.0
        except BaseException as error:  # noqa: BLE001 - whatever a connector's fetch raises, the book must be tried again
            pass_ours(error)
            return clean(str(error) or type(error).__name__, 200), 0.0
        if epoch != self._epoch or not self._waiting:
            return None, 0.0
        return self._adopt(snapshot), 0.0


def _current_task() -> asyncio.Task[None] | None:
    with contextlib.suppress(RuntimeError):
        return asyncio.current_task()
    return None
