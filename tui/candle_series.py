"""The candles of one timeframe, kept without any terminal: what is known of them, and where something is missing."""

from bisect import bisect_left
from collections.abc import Iterable

from connectors.contracts import Candle, TimeFrame
from tui.pane_state import Condition

CANDLES_KEPT = 20_000
_SAME = 1 - 1e-9
"""A volume added up in another order differs by less."""


class CandleSeries:
    """The candles of one timeframe by opening time, oldest first.

    Candles come from the stream and from history. The stream's last word of a candle stays; history fills in, and
    takes the place only of what it has more of. Where candles are missing and the venue was not yet asked, there is a
    hole; where it was asked and has none, nothing was traded.
    """

    def __init__(self, time_frame: TimeFrame, kept: int = CANDLES_KEPT) -> None:
        self.time_frame = time_frame
        self.candles: list[Candle] = []
        self.version = 0
        self.shape = 0
        """Grows when candles are added or removed before the last one: indexes have moved."""
        self.complete = False
        """The venue has nothing older, or no more is kept."""
        self.loading_older = False
        self.older_trouble = ""
        """Why older candles could not be had."""
        self.torn = False
        """A live candle did not join the one before it. Whoever fills the hole takes this back."""
        self.condition = Condition()
        self._times: list[int] = []
        self._answered: list[tuple[int, int]] = []
        """From when until when (not included) the venue's history was asked for, oldest first, none touching."""
        self._kept = kept

    def __len__(self) -> int:
        return len(self._times)

    def update(self, candle: Candle) -> None:
        """A live candle. Unfinished figures do not take the place of the last ones."""
        times, candles = self._times, self.candles
        if not times or candle.timestamp > times[-1]:
            if candles and not self._joins(candles[-1], candle):
                self.torn = True
            times.append(candle.timestamp)
            candles.append(candle)
            self._shed()
        else:
            index = self.index_at(candle.timestamp)
            if times[index] == candle.timestamp:
                known = candles[index]
                late = known.closed and not candle.closed and candle.volume <= known.volume
                if late or known == candle:
                    return
                candles[index] = candle
                self.shape += index < len(times) - 1
            else:
                self._insert(index, candle)
        self.version += 1

    def merge(
        self, history: Iterable[Candle], *, older: bool = False, answers: tuple[int, int] | None = None
    ) -> int:
        """Candles from the venue's history; how many were new.

        `older`: they were asked for to go before what is here; where none is new there are no older ones.
        `answers`: from when until when (not included) there are no others at the venue.
        """
        added = 0
        for candle in history:
            index = self.index_at(candle.timestamp)
            if index == len(self._times) or self._times[index] != candle.timestamp:
                self._insert(index, candle)
                added += 1
            elif _knows_more(candle, self.candles[index]):
                self.candles[index] = candle
                self.shape += 1
        if answers is not None:
            self._answer(*answers)
        self.version += 1
        if older and (not added or len(self._times) >= self._kept):
            self.complete = True
        self._shed()
        return added

    # --- what is missing -----------------------------------------------------------------------------------------

    def newest_hole(self) -> tuple[int, int] | None:
        """From when until when (not included) candles are missing, or have not their last figures."""
        return next(iter(self._holes()), None)

    def missing(self) -> int:
        """How many candles there are in all holes."""
        return sum(self.time_frame.steps(start, end) for start, end in self._holes())

    def answered(self, timestamp: int) -> bool:
        """Whether the venue was asked for a candle of that time: where there is none, nothing was traded."""
        index = bisect_left(self._answered, (timestamp + 1,)) - 1
        return index >= 0 and timestamp < self._answered[index][1]

    def _holes(self) -> Iterable[tuple[int, int]]:
        """The newest first."""
        candles = self.candles
        for index in range(len(candles) - 1, 0, -1):
            before, after = candles[index - 1], candles[index]
            if not self._joins(before, after):
                opened = before.timestamp
                start = self.time_frame.next_open(opened) if before.closed else opened
                end = self._unanswered_end(start, after.timestamp)
                if start < end:
                    yield start, end

    def _joins(self, before: Candle, after: Candle) -> bool:
        return before.closed and self.time_frame.steps(before.timestamp, after.timestamp) <= 1

    def _unanswered_end(self, start: int, end: int) -> int:
        """Where the part of a stretch ends that the venue was not asked for."""
        for first, until in reversed(self._answered):
            if first < end <= until:
                end = first
        return max(start, end)

    def _answer(self, start: int, end: int) -> None:
        if start >= end:
            return
        apart = [(first, until) for first, until in self._answered if until < start or first > end]
        joined = [one for one in self._answered if one not in apart]
        for first, until in joined:
            start, end = min(start, first), max(end, until)
        self._answered = sorted([*apart, (start, end)])

    # --- places --------------------------------------------------------------------------------------------------

    def index_at(self, timestamp: int) -> int:
        """The index of the candle of that time, or where it would stand."""
        return bisect_left(self._times, timestamp)

    @property
    def oldest(self) -> int | None:
        return self._times[0] if self._times else None

    def _insert(self, index: int, candle: Candle) -> None:
        self._times.insert(index, candle.timestamp)
        self.candles.insert(index, candle)
        self.shape += 1

    def _shed(self) -> None:
        surplus = len(self._times) - self._kept
        if surplus > 0:
            del self._times[:surplus]
            del self.candles[:surplus]
            self.shape += 1


def _knows_more(history: Candle, known: Candle) -> bool:
    """Whether history may take the place of what is here. A candle only grows: less volume is an older answer."""
    if known.closed:
        return False
    if history.closed:
        return history.volume >= known.volume * _SAME
    return history.volume > known.volume
