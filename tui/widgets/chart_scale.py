"""Scales and axes of the chart: where a price lies, which prices and times are written beside the plot. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor, log10

from connectors.contracts import Candle
from tui.formatting import moment_of
from tui.widgets.candle_glyphs import Span

_MARGIN = 0.04
_TIME_PITCH = 9
"""Columns from one time to the next, at least."""
_PRICE_PITCH = 4
"""Rows from one price to the next, about."""
_FEWEST_PRICES = 4
"""The last price may stand where one of them would."""
_MINUTE, _HOUR, _DAY = 60_000, 3_600_000, 86_400_000
_TIME_STEPS = (
    *(minutes * _MINUTE for minutes in (1, 5, 10, 15, 30)),
    *(hours * _HOUR for hours in (1, 2, 3, 4, 6, 12)),
    *(days * _DAY for days in (1, 2, 4, 7, 14, 30, 60, 90, 180, 365, 730, 1_825)),
)


@dataclass(frozen=True, slots=True)
class PriceScale:
    """Prices `low` to `high` over `rows` rows, in half cells."""

    low: float
    high: float
    rows: int

    @classmethod
    def of(cls, candles: Sequence[Candle], rows: int, tick: float) -> "PriceScale":
        """A scale that holds the candles with a little air; never thinner than a few ticks."""
        low = min(candle.low for candle in candles)
        high = max(candle.high for candle in candles)
        air = max((high - low) * _MARGIN, tick * 2, abs(high) * 1e-9)
        return cls(low - air, high + air, rows)

    def half(self, price: float) -> int:
        """The half cell of a price, from the top, kept inside the plot."""
        share = (self.high - price) / (self.high - self.low)
        return max(0, min(self.rows * 2 - 1, floor(share * self.rows * 2)))

    def holds(self, price: float) -> bool:
        return self.low <= price <= self.high

    def span(self, candle: Candle) -> Span:
        upper, lower = max(candle.open, candle.close), min(candle.open, candle.close)
        return Span(
            self.half(candle.high),
            self.half(upper),
            self.half(lower),
            self.half(candle.low),
            candle.close >= candle.open,
        )

    def ticks(self, tick: float) -> dict[int, float]:
        """Row -> a round price, about every fourth row, on multiples of 1, 2 or 5 times a power of ten.

        The step is the widest that gives enough of them, where the market moved by as many ticks.
        """
        enough = min(max(_FEWEST_PRICES, self.rows // _PRICE_PITCH), max(1, self.rows * 2 // 3))
        step = nice_step(self.high - self.low, tick)
        while (smaller := nice_step(step / 2.5, tick)) < step and len(self._multiples(step)) < enough:
            step = smaller
        ticks: dict[int, float] = {}
        for count in self._multiples(step):
            ticks.setdefault(self.half(count * step) // 2, count * step)
        return ticks

    def _multiples(self, step: float) -> range:
        return range(ceil(self.low / step), floor(self.high / step) + 1)


def nice_step(wanted: float, smallest: float) -> float:
    """The smallest of 1, 2, 5 times a power of ten that is at least `wanted`, and at least `smallest`."""
    wanted = max(wanted, smallest, 1e-12)
    power = 10.0 ** floor(log10(wanted))
    return next((factor * power for factor in (1, 2, 5) if factor * power >= wanted * 0.999_999), 10 * power)


def time_labels(times: Sequence[int], slot: int, interval: int) -> list[tuple[int, str]]:
    """(column, text) along the time axis: a label where a round time begins, none touching another.

    `interval` is the candle's length in milliseconds and `slot` its columns. A new day shows its date.
    """
    step = next(
        (step for step in _TIME_STEPS if step >= interval and step / interval * slot >= _TIME_PITCH),
        _TIME_STEPS[-1],
    )
    labels: list[tuple[int, str]] = []
    free = 0
    for index, (before, now) in enumerate(pairwise(times), start=1):
        if now // step == before // step:
            continue
        text = _label(before, now, step)
        column = index * slot
        if text and column >= free:
            labels.append((column, text))
            free = column + len(text) + 2
    return labels


def _label(before: int, now: int, step: int) -> str:
    old, new = moment_of(before), moment_of(now)
    if old is None or new is None:
        return ""
    if old.year != new.year:
        return f"{new:%Y}"
    if step >= 30 * _DAY:
        return f"{new:%b %Y}"
    if old.date() != new.date():
        return f"{new.day} {new:%b}"
    return f"{new:%H:%M}"


def candle_time(timestamp: int, interval: int) -> str:
    """A candle's opening time, as precise as its interval needs."""
    moment = moment_of(timestamp)
    if moment is None:
        return "?"
    if interval >= _DAY:
        return f"{moment:%Y-%m-%d}"
    return f"{moment:%m-%d %H:%M:%S}" if interval < _MINUTE else f"{moment:%m-%d %H:%M}"
