"""One side of a book: its levels in a dictionary, and beside it the prices near the top, kept without sorting.

Setting a level costs a dictionary write and one comparison. Prices inside a window at the top also go on a heap, from
which a removed one falls out when it comes up; so the best price is known after every update, and the top of the book
is read without sorting all of it.

A snapshot that was cut knows nothing beyond its worst price, the edge: what comes of the levels there is left out, so
that what is held is always all there is up to the edge. As the price goes towards the edge the known levels get few,
which is told in time for another snapshot.
"""

import heapq
from collections.abc import Callable, Iterable
from heapq import heappush
from math import inf, nextafter

from connectors.contracts.events import Level

_WINDOW = 64
_WINDOW_FULL = 8 * _WINDOW
"""Prices in the window when it is made anew, which happens when all of them are gone or it is full."""
_PRUNE_ABOVE = 10_000
_PRUNE_TO = 5_000
"""Levels. Far ones gather for hours and are never read; what is left is the best of them, and the edge moves there."""
_FEW = 0.5
"""The share of a cut side's levels below which it is told that they are few."""


def _nobody() -> None: ...


class BookSide:
    """What bids and asks share. On the heap a price is multiplied by `_sign`, so that the best is the smallest."""

    __slots__ = ("_heap", "_window", "best", "edge", "enough", "levels", "on_few")

    _sign: float

    def __init__(self) -> None:
        self.levels: dict[float, float] = {}
        self.best = inf * self._sign
        """The best price. Of a side without levels, one that crosses nothing; but where there are some that are not
        known, one that crosses everything."""
        self.edge = inf * self._sign
        """The worst price to which the levels are known; infinite where all of them are."""
        self.enough = 0
        """With fewer levels than this `on_few` is called, whenever one has gone."""
        self.on_few: Callable[[], None] = _nobody
        self._heap: list[float] = []
        self._window = inf * self._sign
        """Every price better than this is on the heap."""

    @property
    def known(self) -> float | None:
        """The edge; `None` where there is none."""
        return None if self.edge == inf * self._sign else self.edge

    @property
    def exhausted(self) -> bool:
        """Whether there are levels, and none of them is known."""
        return not self.levels and self.known is not None

    def replace(self, levels: Iterable[Level], depth: int | None = None) -> None:
        """Forget everything and take these levels, which are cut where they are as many as `depth`."""
        told = tuple(levels)
        self.levels = {price: quantity for price, quantity in told if quantity}
        self.edge = inf * self._sign
        self.enough = 0
        if self.levels and depth is not None and len(told) >= depth:
            self._cut()
        self._open_window()
        self._find_best()

    def _cut(self) -> None:
        sign = self._sign
        self.edge = max([price * sign for price in self.levels]) * sign
        self.enough = max(1, int(len(self.levels) * _FEW))

    def _find_best(self) -> None:
        heap, levels, sign = self._heap, self.levels, self._sign
        while heap and heap[0] * sign not in levels:
            heapq.heappop(heap)
        if (not heap and levels) or len(heap) > _WINDOW_FULL:
            self._open_window()
            heap = self._heap
        if heap:
            self.best = heap[0] * sign
        else:
            self.best = -inf * sign if self.exhausted else inf * sign

    def top(self, depth: int) -> list[Level]:
        """The best `depth` levels, best first."""
        levels, sign = self.levels, self._sign
        near = sorted({price for price in self._heap if price * sign in levels})
        if len(near) < depth and len(near) < len(levels):
            near = sorted([price * sign for price in levels])
        return [(price * sign, levels[price * sign]) for price in near[:depth]]

    def _open_window(self) -> None:
        sign = self._sign
        if len(self.levels) <= _WINDOW:
            self._heap = sorted([price * sign for price in self.levels])
            # Up to the edge itself, and no further.
            self._window = nextafter(self.edge, inf * sign)
            return
        if len(self.levels) > _PRUNE_ABOVE:
            kept = heapq.nsmallest(_PRUNE_TO, [price * sign for price in self.levels])
            self.levels = {price * sign: self.levels[price * sign] for price in kept}
            self._cut()
        *self._heap, window = heapq.nsmallest(_WINDOW + 1, [price * sign for price in self.levels])
        self._window = window * sign


class Bids(BookSide):
    __slots__ = ()
    _sign = -1.0

    def apply(self, levels: Iterable[Level]) -> None:
        """Set the quantity of these levels; a quantity of 0 removes one."""
        own, above, best, edge = self.levels, self._window, self.best, self.edge
        came = gone = fewer = False
        for price, quantity in levels:
            if quantity:
                if price > above:
                    if price not in own:
                        heappush(self._heap, -price)
                        if price > best:  # noqa: PLR1730 - without a call
                            best = price
                        came = True
                    own[price] = quantity
                elif price >= edge:
                    own[price] = quantity
            elif price in own:
                del own[price]
                fewer = True
                if price == best:
                    gone = True
        if gone or (came and (best == inf or len(self._heap) > _WINDOW_FULL)):
            self._find_best()
        elif came:
            self.best = best
        if fewer and len(own) < self.enough:
            self.on_few()


class Asks(BookSide):
    __slots__ = ()
    _sign = 1.0

    def apply(self, levels: Iterable[Level]) -> None:
        """Set the quantity of these levels; a quantity of 0 removes one."""
        own, below, best, edge = self.levels, self._window, self.best, self.edge
        came = gone = fewer = False
        for price, quantity in levels:
            if quantity:
                if price < below:
                    if price not in own:
                        heappush(self._heap, price)
                        if price < best:  # noqa: PLR1730 - without a call
                            best = price
                        came = True
                    own[price] = quantity
                elif price <= edge:
                    own[price] = quantity
            elif price in own:
                del own[price]
                fewer = True
                if price == best:
                    gone = True
        if gone or (came and (best == -inf or len(self._heap) > _WINDOW_FULL)):
            self._find_best()
        elif came:
            self.best = best
        if fewer and len(own) < self.enough:
            self.on_few()
