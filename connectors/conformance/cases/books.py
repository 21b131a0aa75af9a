"""Order books: never wrong, whatever is lost on the way, and right again soon."""

import asyncio
from collections.abc import Callable, Sequence

from connectors.conformance.case import Casebook, CaseFailed, require
from connectors.conformance.listening import Heard, listen
from connectors.conformance.rig import BUSY, Rig, local_rig, until
from connectors.conformance.subject import Claim, Subject
from connectors.conformance.truth import shape_fault
from connectors.contracts.events import BookState
from connectors.contracts.services import LiveBook

BOOK = Casebook("order books")

_READY = ("L01",)
_SYNC_SECONDS = 10.0
_AGAIN_SECONDS = 25.0
"""How soon a book is right again after a fault."""
_BUSY_SECONDS = 3.0
_STALE_SECONDS = 20.0
_SILENT_MS = 22_000
"""Longer than it may take to be noticed: data that flows again would show the gap."""
_LATE_MS = 1_500
_DEEP = 1_600
"""Price levels a side: more than the snapshots of most venues hold."""
_FALLS = 40
"""Steps in which the price falls through three quarters of them."""


class Judge:
    """Reads a view at every change of a book and holds it to the truth."""

    def __init__(self, rig: Rig) -> None:
        self.faults: list[str] = []
        self.synced = 0
        self._truth = rig.truth
        self._listings = {pair.symbol: pair.listing for pair in rig.pairs}

    def __call__(self, book: LiveBook) -> None:
        view = book.view()
        if view.state is not BookState.SYNCED:
            return
        self.synced += 1
        fault = self._truth.book_fault(self._listings[book.symbol], view)
        if fault is not None:
            self.faults.append(fault)

    def check(self) -> None:
        """Raises `CaseFailed` with the first lie there was."""
        if self.faults:
            raise CaseFailed(f"{self.faults[0]} ({len(self.faults)} such of {self.synced} read as SYNCED)")


async def _watched(rig: Rig) -> tuple[Heard, Judge]:
    judge = Judge(rig)
    heard = await listen(rig, Claim.BOOKS, also=judge)
    await until(lambda: heard.synced, _SYNC_SECONDS, "the books become SYNCED")
    return heard, judge


async def _converges(rig: Rig, heard: Heard, seconds: float = _AGAIN_SECONDS) -> None:
    """With the market standing still, every book comes to be exactly the venue's."""
    rig.emulator.pause()
    for pair in heard.pairs:
        await until(
            lambda pair=pair: rig.truth.is_current(pair.listing, heard.books[pair.symbol]),
            seconds,
            f"{pair.symbol} comes to equal the venue's book when the market stands still",
        )
    rig.emulator.resume()


@BOOK.case(
    "K01",
    "A SYNCED book is never wrong",
    "At every change on a busy market, its best twenty levels are exactly those that the venue had at some moment.",
    claims=[Claim.BOOKS],
    after=_READY,
)
async def never_wrong(subject: Subject) -> None:
    async with local_rig(subject, rate=BUSY) as rig:
        heard, judge = await _watched(rig)
        before = judge.synced
        await asyncio.sleep(_BUSY_SECONDS)
        judge.check()
        require(judge.synced > before + len(heard.pairs), "the books are told while the market moves")


@BOOK.case(
    "K02",
    "A SYNCED book is well-formed",
    "Never crossed, best first, no level twice and none of nothing, in all its depth.",
    claims=[Claim.BOOKS],
    after=_READY,
)
async def well_formed(subject: Subject) -> None:
    faults: list[str] = []

    def look(book: LiveBook) -> None:
        view = book.view(1_000)
        fault = shape_fault(view) if view.state is BookState.SYNCED else None
        if fault is not None:
            faults.append(fault)

    async with local_rig(subject, rate=BUSY) as rig:
        heard = await listen(rig, Claim.BOOKS, also=look)
        await until(lambda: heard.synced, _SYNC_SECONDS, "the books become SYNCED")
        await asyncio.sleep(_BUSY_SECONDS / 2)
        require(not faults, "; ".join(faults[:1]))


@BOOK.case(
    "K03",
    "A book comes to be the venue's",
    "When the market stands still, the book equals the venue's in its best twenty levels.",
    claims=[Claim.BOOKS],
    after=_READY,
)
async def converges(subject: Subject) -> None:
    async with local_rig(subject, rate=BUSY) as rig:
        heard, judge = await _watched(rig)
        for _ in range(2):
            await asyncio.sleep(_BUSY_SECONDS / 3)
            await heard.flows()
            await _converges(rig, heard, 5.0)
        judge.check()


@BOOK.case(
    "K04",
    "Lost and spoiled updates never make a wrong book",
    "Where updates are dropped, swapped, repeated or altered, no SYNCED book is wrong, and all are right again soon.",
    claims=[Claim.BOOKS],
    after=_READY,
    timeout=90.0,
)
async def spoiled(subject: Subject) -> None:
    async with local_rig(subject, rate=BUSY) as rig:
        heard, judge = await _watched(rig)
        # In a row, so that each kind costs a book one resync, whose number a connector may limit.
        for kind, count in (("drop", 10), ("repeat", 10), ("reorder", 2), ("alter", 1)):
            fault = rig.inject(kind, count=count)
            if not rig.polls:
                await until(lambda fault=fault: fault.spent, 8, f"frames flow to spoil ({kind})")
            await heard.flows(_AGAIN_SECONDS, f"the books are told again ({kind})")
            await asyncio.sleep(0.5)
            await until(lambda: heard.synced, _AGAIN_SECONDS, f"the books are SYNCED again ({kind})")
            judge.check()
        rig.emulator.faults.clear()
        await _converges(rig, heard)
        judge.check()


@BOOK.case(
    "K05",
    "A dead connection's snapshot is not believed",
    "Where the connection breaks while snapshots are on their way, no SYNCED book is wrong, and all are right again.",
    claims=[Claim.BOOKS],
    after=_READY,
    timeout=60.0,
)
async def late_snapshots(subject: Subject) -> None:
    async with local_rig(subject, rate=BUSY) as rig:
        heard, judge = await _watched(rig)
        rig.inject("late", milliseconds=_LATE_MS)
        for _ in range(2):
            rig.break_off("abort")
            await until(lambda: not heard.synced, 10, "a book whose connection broke is not SYNCED")
            asked = rig.emulator.requests
            await _or_synced(heard, lambda asked=asked: rig.emulator.requests > asked)
        rig.emulator.faults.clear()
        await until(lambda: heard.synced, _AGAIN_SECONDS, "the books are SYNCED again")
        await _converges(rig, heard)
        judge.check()


async def _or_synced(heard: Heard, asked: Callable[[], object]) -> None:
    """A venue whose stream begins with the book is asked for no snapshot."""
    await until(lambda: asked() or heard.synced, 15, "the books are asked for anew")


@BOOK.case(
    "K06",
    "Refused snapshots are told and overcome",
    "While the venue answers 503 and 429 the state says that the book is not to be believed; then it is right again.",
    claims=[Claim.BOOKS],
    after=_READY,
    timeout=60.0,
)
async def refused_snapshots(subject: Subject) -> None:
    async with local_rig(subject, rate=BUSY) as rig:
        heard, judge = await _watched(rig)
        rig.inject("status", status=503, count=2)
        rig.inject("status", status=429, retry_after=1, count=1)
        rig.break_off("abort")
        await until(lambda: not heard.synced, 10, "a book whose connection broke is not SYNCED")
        await until(
            lambda: heard.synced, _AGAIN_SECONDS, "the books are SYNCED again after refused snapshots"
        )
        require(
            heard.statuses and all(status.reason.strip() for status in heard.statuses),
            "what happened to the books is told with reasons",
        )
        rig.emulator.faults.clear()
        await _converges(rig, heard)
        judge.check()


@BOOK.case(
    "K07",
    "A view is as deep as asked for",
    "view(depth) has at most that many levels a side, and they are the best ones.",
    claims=[Claim.BOOKS],
    after=_READY,
)
async def depth(subject: Subject) -> None:
    async with local_rig(subject) as rig:
        heard, _ = await _watched(rig)
        rig.emulator.pause()
        await _converges(rig, heard, 5.0)
        for book in heard.books.values():
            whole = book.view(1_000)
            require(whole.symbol == book.symbol, "a view names its book's symbol")
            for levels in (1, 5, 20):
                view = book.view(levels)
                require(
                    view.bids == whole.bids[:levels] and view.asks == whole.asks[:levels],
                    f"view({levels}) of {book.symbol} is the best {levels} levels a side",
                )
            require(len(whole.bids) > 1 and len(whole.asks) > 1, "a book has more than one level a side")


@BOOK.case(
    "K08",
    "A silent stream's book is not believed",
    "Where updates stop though the connection lives and the market moves, the book is not SYNCED within 20 s.",
    claims=[Claim.BOOKS],
    after=_READY,
    timeout=60.0,
)
async def silent(subject: Subject) -> None:
    async with local_rig(subject) as rig:
        heard, judge = await _watched(rig)
        rig.go_silent(_SILENT_MS)
        await until(
            lambda: all(book.state is not BookState.SYNCED for book in heard.books.values()),
            _STALE_SECONDS,
            "the books of a silent stream stop being SYNCED",
        )
        rig.emulator.faults.clear()
        await until(lambda: heard.synced, _AGAIN_SECONDS, "the books are SYNCED again when data flows")
        await _converges(rig, heard)
        judge.check()


@BOOK.case(
    "K09",
    "A book is right where its snapshot knew nothing",
    "The venue's book is deep and the price falls through most of it: no SYNCED book lacks a level of the best twenty.",
    claims=[Claim.BOOKS],
    after=_READY,
    timeout=60.0,
)
async def beyond_the_snapshot(subject: Subject) -> None:
    async with local_rig(subject, rate=BUSY, levels=_DEEP) as rig:
        heard, judge = await _watched(rig)
        steps = {pair.symbol: _fall(pair.listing.book.bids.prices) / _FALLS for pair in heard.pairs}
        for _ in range(_FALLS):
            for pair in heard.pairs:
                rig.market.shift(pair.listing.instrument.symbol, steps[pair.symbol])
            await asyncio.sleep(_BUSY_SECONDS / _FALLS)
            judge.check()
        await until(lambda: heard.synced, _AGAIN_SECONDS, "the books are SYNCED where the price has gone")
        await _converges(rig, heard)
        judge.check()


def _fall(prices: Sequence[int]) -> int:
    """From the best of ascending bids to where a quarter of them is left, in ticks."""
    return prices[len(prices) // 4] - prices[-1]
