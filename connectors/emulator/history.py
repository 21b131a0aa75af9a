"""All candles of one instrument: a made-up past up to the market's first moment, and what was traded since."""

from bisect import bisect_left
from collections import deque
from dataclasses import dataclass
from itertools import islice
from math import exp
from random import Random

from connectors.emulator.candles import DAY, GRAINS, HOUR, MINUTE, QUARTER, SECOND, Bar, flat, join, split
from connectors.emulator.intervals import next_open, previous_open
from connectors.emulator.orders import Trade

LISTED = 1_502_928_000_000
"""2017-08-17: there is nothing before."""
_DAILY_MOVE = 0.03
_KEPT_SECONDS = 7_200
_KEPT_SPLITS = 2_000


@dataclass(slots=True)
class _Walk:
    """How far back the days were made."""

    at: int
    price: int
    anchor: float
    random: Random


class History:
    """`start` is the market's first moment, `price` (ticks) and `daily_lots` describe it."""

    def __init__(self, name: str, start: int, price: int, daily_lots: int, seed: int) -> None:
        self._name, self._seed = name, seed
        self._daily_lots = daily_lots
        self._price = price
        self._live_from = start - start % MINUTE
        self._splits: dict[tuple[int, int], list[Bar]] = {}
        self._roots: dict[int, dict[int, Bar]] = {}
        self._minutes: list[Bar] = []
        self._seconds: deque[Bar] = deque()
        self._last_price = price
        self._made = False
        self._walk: _Walk | None = None
        self._opening_second = start - start % SECOND
        self._day_cache: tuple[int, Bar] | None = None

    # --- the made-up past ------------------------------------------------------------------------------------------

    def _make_past(self) -> None:
        """Walk back from the first moment: seconds of its minute, minutes of its quarter, and so on to days."""
        self._made = True
        random = Random(f"{self._seed}:{self._name}:past")
        at, price = self._opening_second, self._price
        anchor = float(price)
        for grain, until in ((SECOND, MINUTE), (MINUTE, QUARTER), (QUARTER, HOUR), (HOUR, DAY)):
            roots = self._roots[grain] = {}
            while at % until:
                at -= grain
                bar = roots[at] = self._walked_back(at, grain, price, anchor, random)
                price = bar.open
        self._roots[DAY] = {}
        self._walk = _Walk(at, price, anchor, random)

    def _day(self, start: int) -> Bar | None:
        """A whole day of the past; the walk back goes on to it where it has not been there yet."""
        days, walk = self._roots[DAY], self._walk
        while walk is not None and walk.at > start:
            walk.at -= DAY
            walk.anchor *= exp(-0.0004)
            bar = days[walk.at] = self._walked_back(walk.at, DAY, walk.price, walk.anchor, walk.random)
            walk.price = bar.open
        return days.get(start)

    def _walked_back(self, start: int, grain: int, close: int, anchor: float, random: Random) -> Bar:
        sigma = _DAILY_MOVE * (grain / DAY) ** 0.5
        pull = (anchor - close) / anchor * 0.02 * grain / DAY
        opened = max(1, round(close * exp(random.gauss(pull, sigma))))
        high = round(max(opened, close) * exp(abs(random.gauss(0.0, sigma * 0.4))))
        low = max(1, round(min(opened, close) * exp(-abs(random.gauss(0.0, sigma * 0.4)))))
        volume = int(self._daily_lots * grain / DAY * random.lognormvariate(0.0, 0.4))
        notional = volume * (opened + close) // 2
        bought = 0.4 + 0.2 * random.random()
        trades = min(volume, int(800_000 * grain / DAY * random.uniform(0.7, 1.4)))
        return Bar(
            start,
            opened,
            high,
            low,
            close,
            volume,
            notional,
            trades,
            int(volume * bought),
            int(notional * bought),
        )

    def _made_bar(self, grain: int, start: int) -> Bar:
        """The past bar of exactly that grain and start."""
        root = self._day(start) if grain == DAY else self._roots[grain].get(start)
        if root is not None:
            return root
        parent = GRAINS[GRAINS.index(grain) - 1]
        parent_start = start - start % parent
        key = parent, parent_start
        parts = self._splits.get(key)
        if parts is None:
            if len(self._splits) >= _KEPT_SPLITS:
                self._splits.clear()
            seed = f"{self._seed}:{self._name}:{parent}:{parent_start}"
            whole = self._made_bar(parent, parent_start)
            parts = self._splits[key] = split(whole, grain, parent // grain, seed)
        return parts[(start - parent_start) // grain]

    # --- what is traded --------------------------------------------------------------------------------------------

    def add(self, trade: Trade) -> None:
        second = trade.time - trade.time % SECOND
        bar = self._seconds[-1] if self._seconds else None
        if bar is None or bar.start != second:
            if bar is None or second - second % MINUTE != bar.start - bar.start % MINUTE:
                self._close_minutes(second - second % MINUTE)
            bar = flat(second, self._last_price)
            bar.open = bar.high = bar.low = trade.price
            self._seconds.append(bar)
            if len(self._seconds) > _KEPT_SECONDS:
                self._seconds.popleft()
        bar.add_trade(trade.price, trade.quantity, not trade.maker_is_buyer)
        self._last_price = trade.price

    def _close_minutes(self, current: int) -> None:
        """Bring the list of finished minutes up to, not including, the minute `current`."""
        while (at := self._live_from + len(self._minutes) * MINUTE) < current:
            self._minutes.append(self._joined_seconds(at, at + MINUTE))

    def _joined_seconds(self, start: int, end: int) -> Bar:
        """The live seconds in the range, and the made-up ones of the first minute before them."""
        parts: list[Bar] = []
        if start == self._live_from:
            if not self._made:
                self._make_past()
            parts = [bar for at, bar in sorted(self._roots[SECOND].items()) if at < end]
        index = bisect_left(self._seconds, start, key=lambda bar: bar.start)
        for bar in islice(self._seconds, index, None):
            if bar.start >= end:
                break
            parts.append(bar)
        return join(parts, start) if parts else flat(start, self._price_at(start))

    def _price_at(self, time: int) -> int:
        """The last price before `time`, in the live part."""
        if not self._seconds or time > self._seconds[-1].start:
            return self._last_price
        index = bisect_left(self._seconds, time, key=lambda bar: bar.start)
        if index:
            return self._seconds[index - 1].close
        minute = (time - self._live_from) // MINUTE
        return self._minutes[minute - 1].close if 0 < minute <= len(self._minutes) else self._price

    # --- asking ----------------------------------------------------------------------------------------------------

    def bar(self, start: int, end: int, now: int) -> Bar:
        """One bar over [start, end), both whole seconds; what is after `now` does not count."""
        if not self._made:
            self._make_past()
        wanted_end, end = end, min(end, now - now % SECOND + SECOND)
        self._close_minutes(now - now % MINUTE)
        parts: list[Bar] = []
        at = start
        while at < end:
            step = self._largest_step(at, wanted_end)
            parts.append(self._live_bar(at, step) if at >= self._live_from else self._made_bar(step, at))
            at += step
        return join(parts, start) if parts else flat(start, self._price_at(start))

    def _largest_step(self, at: int, end: int) -> int:
        if at >= self._live_from:
            return MINUTE if at % MINUTE == 0 and at + MINUTE <= end else SECOND
        limit = min(end, self._live_from)
        return next(grain for grain in GRAINS if at % grain == 0 and at + grain <= limit)

    def _live_bar(self, at: int, step: int) -> Bar:
        index = (at - self._live_from) // MINUTE
        if step == MINUTE and index < len(self._minutes):
            return self._minutes[index]
        if step == SECOND:
            made = self._roots[SECOND].get(at)
            if made is not None:
                return made
            place = bisect_left(self._seconds, at, key=lambda bar: bar.start)
            if place < len(self._seconds) and self._seconds[place].start == at:
                return self._seconds[place]
            if index < len(self._minutes) and (not self._seconds or at < self._seconds[0].start):
                seed = f"{self._seed}:{self._name}:{at - at % MINUTE}"
                return split(self._minutes[index], SECOND, 60, seed)[at % MINUTE // SECOND]
            return flat(at, self._price_at(at))
        return self._joined_seconds(at, at + MINUTE)

    def bars(
        self, interval: str, now: int, limit: int, start: int | None = None, end: int | None = None
    ) -> list[Bar]:
        """Up to `limit` bars, oldest first: from `start` on, or the last ones that open at or before `end`."""
        last = min(now, end) if end is not None else now
        opens: list[int] = []
        if start is not None:
            at = next_open(interval, max(start, LISTED) - 1)
            while at <= last and len(opens) < limit:
                opens.append(at)
                at = next_open(interval, at)
        else:
            opens = _opens_back(interval, last, limit)
        return [self.bar(at, next_open(interval, at), now) for at in opens]

    def last_day(self, now: int) -> Bar:
        """The 24 hours up to now, from a whole minute on."""
        minute = now - now % MINUTE
        if self._day_cache is None or self._day_cache[0] != minute:
            self._day_cache = minute, self.bar(minute - DAY, minute, now)
        return join((self._day_cache[1], self.bar(minute, minute + MINUTE, now)), minute - DAY)


def _opens_back(interval: str, last: int, limit: int) -> list[int]:
    opens: list[int] = []
    at = previous_open(interval, last)
    while at >= LISTED and len(opens) < limit:
        opens.append(at)
        at = previous_open(interval, at - 1)
    opens.reverse()
    return opens
