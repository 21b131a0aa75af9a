"""Candles: the bar, how bars join, and how one long bar is split into shorter ones that add up to it exactly.

A made-up past is kept as a few long bars; shorter ones are made from them when somebody asks. The split is a
random bridge seeded by instrument, length and time, so the same question always has the same answer, and every
interval agrees with every other: opens, closes, extremes and sums.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random

SECOND, MINUTE, QUARTER, HOUR, DAY = 1_000, 60_000, 900_000, 3_600_000, 86_400_000
GRAINS = (DAY, HOUR, QUARTER, MINUTE, SECOND)
"""Each holds a whole number of the next."""


@dataclass(slots=True)
class Bar:
    """Prices in ticks, volumes in lots, notionals in ticks * lots. `start` is in milliseconds."""

    start: int
    open: int
    high: int
    low: int
    close: int
    volume: int = 0
    notional: int = 0
    trades: int = 0
    taker_buy_volume: int = 0
    taker_buy_notional: int = 0

    def add_trade(self, price: int, quantity: int, taker_buys: bool) -> None:
        self.high = max(self.high, price)
        self.low = min(self.low, price)
        self.close = price
        self.volume += quantity
        self.notional += price * quantity
        self.trades += 1
        if taker_buys:
            self.taker_buy_volume += quantity
            self.taker_buy_notional += price * quantity

    def copy(self) -> "Bar":
        return join((self,), self.start)


def flat(start: int, price: int) -> Bar:
    """A bar in which nothing traded."""
    return Bar(start, price, price, price, price)


def join(bars: Iterable[Bar], start: int) -> Bar:
    """One bar over consecutive ones. At least one is needed."""
    parts = iter(bars)
    first = next(parts)
    joined = Bar(
        start,
        first.open,
        first.high,
        first.low,
        first.close,
        first.volume,
        first.notional,
        first.trades,
        first.taker_buy_volume,
        first.taker_buy_notional,
    )
    for bar in parts:
        joined.high = max(joined.high, bar.high)
        joined.low = min(joined.low, bar.low)
        joined.close = bar.close
        joined.volume += bar.volume
        joined.notional += bar.notional
        joined.trades += bar.trades
        joined.taker_buy_volume += bar.taker_buy_volume
        joined.taker_buy_notional += bar.taker_buy_notional
    return joined


def split(bar: Bar, grain: int, count: int, seed: str) -> list[Bar]:
    """`count` bars of `grain` milliseconds whose join is `bar`."""
    random = Random(seed)
    closes = _bridge(bar, count, random)
    weights = [random.expovariate(1.0) + 0.05 for _ in range(count)]
    shares = [
        _shared(total, weights)
        for total in (bar.volume, bar.notional, bar.trades, bar.taker_buy_volume, bar.taker_buy_notional)
    ]
    wick = max(1, (bar.high - bar.low) // (2 * count))
    bars: list[Bar] = []
    previous = bar.open
    for index, close in enumerate(closes):
        top, bottom = max(previous, close), min(previous, close)
        high = min(bar.high, top + int(wick * random.random()))
        low = max(bar.low, bottom - int(wick * random.random()))
        bars.append(
            Bar(bar.start + index * grain, previous, high, low, close, *(share[index] for share in shares))
        )
        previous = close
    max(bars, key=lambda part: part.high).high = bar.high
    min(bars, key=lambda part: part.low).low = bar.low
    return bars


def _bridge(bar: Bar, count: int, random: Random) -> list[int]:
    """Closing prices of a random walk from the open to the close, inside the bar's range."""
    steps = [random.gauss(0.0, 1.0) for _ in range(count)]
    drift = sum(steps) / count
    walk: list[float] = []
    position = 0.0
    for step in steps:
        position += step - drift
        walk.append(position)
    reach = max(abs(height) for height in walk) or 1.0
    scale = (bar.high - bar.low) / reach * 0.6
    run = (bar.close - bar.open) / count
    closes = [
        min(bar.high, max(bar.low, round(bar.open + run * (index + 1) + height * scale)))
        for index, height in enumerate(walk)
    ]
    closes[-1] = bar.close
    return closes


def _shared(total: int, weights: Sequence[float]) -> list[int]:
    """Whole parts of `total` in proportion to the weights, summing to it."""
    scale = total / sum(weights)
    parts: list[int] = []
    given, due = 0, 0.0
    for weight in weights:
        due += weight * scale
        parts.append(int(due) - given)
        given += parts[-1]
    parts[-1] += total - given
    return parts
