"""One instrument's resting orders: price levels, each a queue in time order."""

from bisect import bisect_left, insort
from collections.abc import Iterator

from connectors.emulator.orders import Order, Side


class Level:
    """Orders at one price, oldest first (a dict keeps order and cancels in one step)."""

    __slots__ = ("orders", "quantity")

    def __init__(self) -> None:
        self.orders: dict[int, Order] = {}
        self.quantity = 0


class DepthChanges:
    """The levels that changed since the last `take`, for one diff stream."""

    def __init__(self, update_id: int) -> None:
        self.first_id = update_id + 1
        self.bids: set[int] = set()
        self.asks: set[int] = set()

    def take(self, update_id: int) -> tuple[int, set[int], set[int]] | None:
        """First update id, bid and ask prices; `None` where nothing changed."""
        if update_id < self.first_id:
            return None
        taken = self.first_id, self.bids, self.asks
        self.first_id, self.bids, self.asks = update_id + 1, set(), set()
        return taken


class HalfBook:
    """One side. `prices` ascend on both sides; the best is at the end for bids, at the start for asks."""

    __slots__ = ("_best_index", "levels", "prices", "side")

    def __init__(self, side: Side) -> None:
        self.side = side
        self.levels: dict[int, Level] = {}
        self.prices: list[int] = []
        self._best_index = -1 if side is Side.BUY else 0

    @property
    def best(self) -> int | None:
        return self.prices[self._best_index] if self.prices else None

    def quantity(self, price: int) -> int:
        level = self.levels.get(price)
        return level.quantity if level else 0

    def from_best(self) -> Iterator[tuple[int, Level]]:
        prices = reversed(self.prices) if self.side is Side.BUY else iter(self.prices)
        for price in prices:
            yield price, self.levels[price]

    def top(self, count: int) -> list[tuple[int, int]]:
        """The best levels as (price, quantity), best first."""
        chosen = self.prices[: -count - 1 : -1] if self.side is Side.BUY else self.prices[:count]
        levels = self.levels
        return [(price, levels[price].quantity) for price in chosen]

    def crosses(self, price: int) -> bool:
        """Whether an opposite order limited to `price` would trade with the best of this side."""
        best = self.best
        if best is None:
            return False
        return best >= price if self.side is Side.BUY else best <= price

    def level_for(self, price: int) -> Level:
        level = self.levels.get(price)
        if level is None:
            level = self.levels[price] = Level()
            insort(self.prices, price)
        return level

    def drop_if_empty(self, price: int) -> None:
        if not self.levels[price].orders:
            del self.levels[price]
            del self.prices[bisect_left(self.prices, price)]


class Book:
    """Both sides, the update id that counts every change of a level, and who wants to know of changes."""

    def __init__(self, first_update_id: int = 0) -> None:
        self.bids = HalfBook(Side.BUY)
        self.asks = HalfBook(Side.SELL)
        self.update_id = first_update_id
        self.trackers: set[DepthChanges] = set()

    def half(self, side: Side) -> HalfBook:
        return self.bids if side is Side.BUY else self.asks

    def track(self) -> DepthChanges:
        changes = DepthChanges(self.update_id)
        self.trackers.add(changes)
        return changes

    def untrack(self, changes: DepthChanges) -> None:
        self.trackers.discard(changes)

    def add(self, order: Order) -> None:
        level = self.half(order.side).level_for(order.price)
        level.orders[order.id] = order
        level.quantity += order.remaining
        self._changed(order.side, order.price)

    def remove(self, order: Order) -> None:
        half = self.half(order.side)
        level = half.levels[order.price]
        del level.orders[order.id]
        level.quantity -= order.remaining
        half.drop_if_empty(order.price)
        self._changed(order.side, order.price)

    def reduce(self, order: Order, lots: int) -> None:
        """Take `lots` off a resting order that was just filled by as much; a finished order leaves."""
        half = self.half(order.side)
        level = half.levels[order.price]
        level.quantity -= lots
        if order.remaining == 0:
            del level.orders[order.id]
            half.drop_if_empty(order.price)
        self._changed(order.side, order.price)

    def _changed(self, side: Side, price: int) -> None:
        self.update_id += 1
        for changes in self.trackers:
            (changes.bids if side is Side.BUY else changes.asks).add(price)
