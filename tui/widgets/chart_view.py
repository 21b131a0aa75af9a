"""Which candles a chart shows: one place for every interval, so that what is missing leaves its place empty. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from connectors.contracts import Candle, TimeFrame
from tui.candle_series import CandleSeries


class Empty(Enum):
    """Why there is no candle at a place."""

    NONE_THERE = "no candle"
    """The venue was asked and has none: nothing was traded. A recording may only not hold it."""
    MISSING = "missing"


Place = Candle | Empty


@dataclass(frozen=True, slots=True)
class ChartView:
    """The visible places, oldest first, and their times. At least one place."""

    places: Sequence[Place]
    times: Sequence[int]
    nearest: Candle
    """The newest candle that is shown or, where none is, one beside the view."""
    earlier: int = 0
    """How many places there are before the first."""

    @classmethod
    def of(cls, candles: Sequence[Candle]) -> "ChartView":
        """Candles that follow one another."""
        return cls(candles, [candle.timestamp for candle in candles], candles[-1])

    @property
    def candles(self) -> list[Candle]:
        """Those that are shown; the nearest one where there is none."""
        return [place for place in self.places if isinstance(place, Candle)] or [self.nearest]

    def index_of(self, timestamp: int, frame: TimeFrame) -> int:
        return max(0, min(len(self.times) - 1, frame.steps(self.times[0], timestamp)))


def view_of(series: CandleSeries, right: int | None, capacity: int) -> ChartView:
    """Up to `capacity` places, the last of them at the time `right`, or at the newest candle. The series has some.

    The left edge is never passed: a view too far back ends at the first place.
    """
    frame, newest = series.time_frame, series.candles[-1].timestamp
    first = frame.steps(newest, series.candles[0].timestamp)
    last = 0 if right is None else min(0, frame.steps(newest, right))
    last = max(last, min(0, first + capacity - 1))
    start = max(first, last - capacity + 1)
    times = [frame.shifted(newest, step) for step in range(start, last + 1)]
    places: list[Place] = [Empty.NONE_THERE if series.answered(time) else Empty.MISSING for time in times]
    half = frame.milliseconds // 2
    low, high = series.index_at(times[0] - half), series.index_at(times[-1] + half)
    for candle in series.candles[low:high]:
        step = frame.steps(newest, candle.timestamp) - start
        if 0 <= step < len(places):
            places[step] = candle
            times[step] = candle.timestamp
    nearest = series.candles[max(0, min(len(series.candles) - 1, high - 1))]
    return ChartView(places, times, nearest, start - first)
