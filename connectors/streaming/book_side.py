"""One side of a book: its levels in a dictionary, and beside it the prices near the top, kept without sorting.

Setting a level costs a dictionary write and one comparison. Prices inside a window at the top also go on a heap, from
which a removed one falls out when it comes up; so the best price is known after every update, and the top of the book
is read without sorting all of it.
"""

import heapq
from collections.abc import Iterable
from heapq import heappush
from math import inf

from connectors.contracts.events import Level

_WINDOW = 64
_WINDOW_FULL = 8 * _WINDOW
"""Prices in the window when it is made anew, which happens when all of them are gone or it is full."""
_PRUNE_ABOVE = 10_000
_PRUNE_TO = 5_000
"""Levels. Far ones gather for hours and are never read; what is left is the best of them."""


class BookSide:
    """What bids and asks share. On the heap a price is multiplied by `_sign`, so that the best is the smallest."""

    __slots__ = ("_edge", "_heap", "best", "levels")

    _sign: float

    def __init__(self) -> None:
        self.levels: dict[float, float] = {}
        self.best = inf * self._sign
        """The best price; of an empty side, one that crosses nothing."""
        self._heap: list[float] = []
        self._edge = inf * self._sign
        """Every price better than this is on the heap."""

    def replace(self, levels: Iterable[Level]) -> None:
        """Forget everything and take these levels."""
        self.levels = {price: quantity for price, quantity in levels if quantity}
        self._open_window()
        self._find_best()

    def _find_best(self) -> None:
        heap, levels, sign = self._heap, self.levels, self._sign
        while heap and heap[0] * sign not in levels:
            heapq.heappop(heap)
        if (not heap and levels) or len(heap) > _WINDOW_FULL:
            self._open_window()
            heap = self._heap
        self.best = heap[0] * sign if heap else inf * sign

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
            self._edge = inf * sign
            return
        if len(self.levels) > _PRUNE_ABOVE:
            kept = heapq.nsmallest(_PRUNE_TO, [price * sign for price in self.levels])
            self.levels = {price * sign: self.levels[price * sign] for price in kept}
        *self._heap, edge = heapq.nsmallest(_WINDOW + 1, [price * sign for price in self.levels])
        self._edge = edge * sign


class Bids(BookSide):
    __slots__ = ()
    _sign = -1.0

    def apply(self, levels: Iterable[Level]) -> None:
        """Set the quantity of these levels; a quantity of 0 removes one."""
        own, above, best = self.levels, self._edge, self.best
        came = gone = False
        for price, quantity in levels:
            if quantity:
                if price > above and price not in own:
                    heappush(self._heap, -price)
                    if price > best:  # noqa: PLR1730 - without a call
                        best = price
                    came = True
                own[price] = quantity
            elif price in own:
                del own[price]
                if price == best:
                    gone = True
        if gone or (came and len(self._heap) > _WINDOW_FULL):
            self._find_best()
        elif came:
            self.best = best


class Asks(BookSide):
    __slots__ = ()
    _sign = 1.0

    def apply(self, levels: Iterable[Level]) -> None:
        """Set the quantity of these levels; a quantity of 0 removes one."""
        own, below, best = self.levels, self._edge, self.best
        came = gone = False
        for price, quantity in levels:
            if quantity:
                if price < below and price not in own:
                    heappush(self._heap, price)
                    if price < best:  # noqa: PLR1730 - without a call
                        best = price
                    came = True
                own[price] = quantity
            elif price in own:
                del own[price]
                if price == best:
                    gone = True
        if gone or (came and len(self._heap) > _WINDOW_FULL):
            self._find_best()
        elif came:
            self.best = best
