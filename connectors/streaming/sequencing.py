"""The venues' rules for telling that no update of a book was lost.

Each is one small stateful judge a book: `start` with a snapshot, then `judge` every update. All work on the sequence
fields of a `BookChange` and know neither sockets nor books.
"""

from collections.abc import Callable
from enum import Enum
from typing import Protocol

from connectors.streaming.book import Book
from connectors.streaming.change import BookChange


class Verdict(Enum):
    """What to do with an update of a book."""

    APPLY = "apply"
    IGNORE = "ignore"
    """Old or repeated: the book has it already."""
    GAP = "gap"
    """Something before it is missing: the book is no longer right."""


_APPLY, _IGNORE, _GAP = Verdict.APPLY, Verdict.IGNORE, Verdict.GAP


class Sequencing(Protocol):
    """One venue's rule. `last` is the sequence the book stands at; `None` before the first snapshot."""

    @property
    def last(self) -> int | None: ...

    def start(self, snapshot: BookChange) -> None: ...

    def judge(self, update: BookChange) -> Verdict:
        """What to do with this update; one that is to be applied counts as applied."""
        ...


class RangeSequencing:
    """Each update covers a range of numbers, `first_sequence` to `last_sequence` (Binance spot: `U` to `u`).

    The first after a snapshot `L` must cover `L + 1`; then each begins where the last ended. binance-spot-api-docs,
    web-socket-streams.md, "How to manage a local order book correctly".
    """

    def __init__(self) -> None:
        self.last: int | None = None

    def start(self, snapshot: BookChange) -> None:
        self.last = snapshot.last_sequence

    def judge(self, update: BookChange) -> Verdict:
        first, newest, last = update.first_sequence, update.last_sequence, self.last
        if first is None or newest is None or last is None or newest < first:
            return _GAP
        if newest <= last:
            return _IGNORE
        if first - last > 1:
            return _GAP
        self.last = newest
        return _APPLY


class BinanceFuturesSequencing:
    """`pu` chains. The first update after a snapshot `L` must have `U <= L <= u`; then each `pu` is the `u` before.

    developers.binance.com, USD-M futures, "How to manage a local order book correctly".
    """

    def __init__(self) -> None:
        self.last: int | None = None
        self._chained = False

    def start(self, snapshot: BookChange) -> None:
        self.last = snapshot.last_sequence
        self._chained = False

    def judge(self, update: BookChange) -> Verdict:
        first, newest, last = update.first_sequence, update.last_sequence, self.last
        if first is None or newest is None or last is None or newest < first:
            return _GAP
        if self._chained:
            if update.previous_sequence == last and newest >= last:
                self.last = newest
                return _APPLY
            return _IGNORE if newest <= last else _GAP
        if newest < last:
            return _IGNORE
        if first > last and update.previous_sequence != last:
            return _GAP
        self.last = newest
        self._chained = True
        return _APPLY


class PreviousSequencing:
    """Each update names the one before it (OKX `prevSeqId`), and the numbers may start anew at a maintenance.

    Only the very update that was applied last counts as repeated: after a restart a smaller number proves nothing.
    """

    def __init__(self) -> None:
        self.last: int | None = None
        self._previous: int | None = None

    def start(self, snapshot: BookChange) -> None:
        self.last = snapshot.last_sequence
        self._previous = snapshot.previous_sequence

    def judge(self, update: BookChange) -> Verdict:
        newest, previous, last = update.last_sequence, update.previous_sequence, self.last
        if newest is None or last is None:
            return _GAP
        if previous == last:
            self.last, self._previous = newest, previous
            return _APPLY
        return _IGNORE if (newest, previous) == (last, self._previous) else _GAP


class PlainSequencing:
    """Each update's number is one more than the last."""

    def __init__(self) -> None:
        self.last: int | None = None

    def start(self, snapshot: BookChange) -> None:
        self.last = snapshot.last_sequence

    def judge(self, update: BookChange) -> Verdict:
        newest, last = update.last_sequence, self.last
        if newest is None or last is None or newest > last + 1:
            return _GAP
        if newest <= last:
            return _IGNORE
        self.last = newest
        return _APPLY


class UnnumberedSequencing:
    """No numbers at all: every update is taken, and only the checksum says whether the book is right."""

    def __init__(self) -> None:
        self.last: int | None = None

    def start(self, snapshot: BookChange) -> None:
        self.last = snapshot.last_sequence

    def judge(self, update: BookChange) -> Verdict:
        self.last = update.last_sequence
        return _APPLY


Checksum = Callable[[Book], int]
"""What the venue's checksum of this book would be. Checked after every update that carries one."""
