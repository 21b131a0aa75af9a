"""One order book, kept up to date level by level and sorted only when somebody looks."""

from collections.abc import Iterable
from math import inf

from connectors.contracts.events import BookState, Level, OrderBook

_PRUNE_ABOVE = 10_000
_PRUNE_TO = 5_000
"""Levels a side. Far levels gather for hours and are never read; what is left is the best of them."""


class Book:
    """Implements `LiveBook`. It says what it holds and in which state; `BookSync` decides both."""

    def __init__(self, symbol: str) -> None:
        self.symbol = symbol
        self.state = BookState.EMPTY
        self.version = 0
        self.timestamp = 0
        self.sequence: int | None = None
        self.bids: dict[float, float] = {}
        self.asks: dict[float, float] = {}
        # Bounds, not bests: no bid is above the one, no ask below the other. They are made exact only when they
        # seem to cross, so that watching for a crossed book costs one comparison a level.
        self._highest_bid = -inf
        self._lowest_ask = inf
        self._view: OrderBook | None = None
        self._view_key = (-1, 0)

    def set_state(self, state: BookState) -> None:
        if state is not self.state:
            self.state = state
            self.version += 1

    def replace(self, bids: Iterable[Level], asks: Iterable[Level]) -> None:
        """Forget everything and take these levels."""
        self.bids.clear()
        self.asks.clear()
        self._highest_bid, self._lowest_ask = -inf, inf
        self.apply(bids, asks)

    def apply(self, bids: Iterable[Level], asks: Iterable[Level]) -> None:
        """Set the quantity of these levels; a quantity of 0 removes one."""
        side = self.bids
        best = self._highest_bid
        for price, quantity in bids:
            if quantity:
                side[price] = quantity
                if price > best:  # noqa: PLR1730 - max() costs four times as much, on the hottest line
                    best = price
            elif price in side:
                del side[price]
        self._highest_bid = best
        side = self.asks
        best = self._lowest_ask
        for price, quantity in asks:
            if quantity:
                side[price] = quantity
                if price < best:  # noqa: PLR1730 - as above
                    best = price
            elif price in side:
                del side[price]
        self._lowest_ask = best
        self.version += 1
        if len(self.bids) > _PRUNE_ABOVE:
            self.bids = {price: self.bids[price] for price in sorted(self.bids, reverse=True)[:_PRUNE_TO]}
        if len(self.asks) > _PRUNE_ABOVE:
            self.asks = {price: self.asks[price] for price in sorted(self.asks)[:_PRUNE_TO]}

    @property
    def crossed(self) -> bool:
        """Whether the best bid is not below the best ask: such a book is corrupt."""
        if self._highest_bid < self._lowest_ask:
            return False
        self._highest_bid = max(self.bids, default=-inf)
        self._lowest_ask = min(self.asks, default=inf)
        return self._highest_bid >= self._lowest_ask

    def view(self, depth: int = 20) -> OrderBook:
        """The best `depth` levels a side, best first, with the state they were read in."""
        key = (self.version, depth)
        if self._view is None or self._view_key != key:
            bids, asks = self.bids, self.asks
            self._view_key = key
            self._view = OrderBook(
                self.symbol,
                self.state,
                [(price, bids[price]) for price in sorted(bids, reverse=True)[:depth]],
                [(price, asks[price]) for price in sorted(asks)[:depth]],
                self.timestamp,
                self.sequence,
            )
        return self._view
