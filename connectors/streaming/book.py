"""One order book, kept up to date level by level and put in order only when somebody looks."""

from collections.abc import Iterable

from connectors.contracts.events import BookState, Level, OrderBook
from connectors.streaming.book_side import Asks, Bids


class Book:
    """Implements `LiveBook`. It says what it holds and in which state; `BookSync` decides both."""

    def __init__(self, symbol: str) -> None:
        self.symbol = symbol
        self.state = BookState.EMPTY
        self.version = 0
        self.timestamp = 0
        self.sequence: int | None = None
        self.bid_side = Bids()
        self.ask_side = Asks()
        self._view: OrderBook | None = None
        self._view_key = (-1, 0)

    @property
    def bids(self) -> dict[float, float]:
        """All bids, quantity by price, in no order."""
        return self.bid_side.levels

    @property
    def asks(self) -> dict[float, float]:
        """All asks, quantity by price, in no order."""
        return self.ask_side.levels

    def set_state(self, state: BookState) -> None:
        if state is not self.state:
            self.state = state
            self.version += 1

    def replace(self, bids: Iterable[Level], asks: Iterable[Level], depth: int | None = None) -> None:
        """Forget everything and take these levels: all there are, or the best `depth` a side at most."""
        self.bid_side.replace(bids, depth)
        self.ask_side.replace(asks, depth)
        self.version += 1

    def apply(self, bids: Iterable[Level], asks: Iterable[Level]) -> bool:
        """Set the quantity of these levels; a quantity of 0 removes one. Whether the book is sound after that."""
        if bids:
            self.bid_side.apply(bids)
        if asks:
            self.ask_side.apply(asks)
        self.version += 1
        return self.bid_side.best < self.ask_side.best

    @property
    def crossed(self) -> bool:
        """Whether the best bid is not below the best ask: such a book is corrupt."""
        return not self.exhausted and self.bid_side.best >= self.ask_side.best

    @property
    def exhausted(self) -> bool:
        """Whether a best price is not known: it lies beyond what the snapshot held."""
        return self.bid_side.exhausted or self.ask_side.exhausted

    @property
    def few(self) -> bool:
        """Whether so little is known of a side that a new snapshot is needed soon."""
        return any(len(side.levels) < side.enough for side in (self.bid_side, self.ask_side))

    def view(self, depth: int = 20) -> OrderBook:
        """The best `depth` levels a side that are known, best first, with the state they were read in."""
        key = (self.version, depth)
        if self._view is None or self._view_key != key:
            self._view_key = key
            self._view = OrderBook(
                self.symbol,
                self.state,
                self.bid_side.top(depth),
                self.ask_side.top(depth),
                self.timestamp,
                self.sequence,
                self.bid_side.known,
                self.ask_side.known,
            )
        return self._view
