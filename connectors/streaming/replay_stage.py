"""What a played recording shows at its current position, and who watches it."""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar

from connectors.contracts.events import Candle, Price, StreamStatus, Trade
from connectors.contracts.services import LiveBook
from connectors.streaming.book_feed import BookFeed
from connectors.streaming.candle_feed import CandleFeed
from connectors.streaming.feeds import Feed, Listener, TradeFeed

T = TypeVar("T")

_TRADES_KEPT = 2_000
_CANDLES_KEPT = 5_000


class Audience(Generic[T]):
    """The listeners of one kind of event, by symbol."""

    def __init__(self) -> None:
        self._listeners: dict[str, tuple[Listener[T], ...]] = {}

    def join(self, symbols: Iterable[str], listener: Listener[T]) -> Callable[[], None]:
        """What is returned ends it; twice does nothing."""
        joined = tuple(symbols)
        for symbol in joined:
            self._listeners[symbol] = (*self._listeners.get(symbol, ()), listener)

        def leave() -> None:
            for symbol in joined:
                left = tuple(one for one in self._listeners.get(symbol, ()) if one is not listener)
                self._listeners[symbol] = left

        return leave

    def tell(self, symbol: str, event: T) -> None:
        for listener in self._listeners.get(symbol, ()):
            listener.handler(event)

    def status(self, symbol: str | None, status: StreamStatus) -> None:
        for own, listeners in self._listeners.items():
            if symbol in (None, own):
                for listener in listeners:
                    listener.status(status)


class ReplayStage:
    """An `EventConsumer` that keeps what a late or returning spectator has to be shown, and passes everything on.

    While it is `muted`, on the way to another position, it only keeps.
    """

    def __init__(self) -> None:
        self.muted = False
        self.changes = 0
        """Events so far, of any kind."""
        self.trades = Audience[Trade]()
        self.candles = Audience[Candle]()
        self.prices = Audience[Price]()
        self.books = Audience[LiveBook]()
        self.feed_of: Callable[[str], Feed[Any] | None] = lambda _: None
        """Finds the feed that a status is of."""
        self.clear()

    def clear(self) -> None:
        """Forget everything shown; spectators stay."""
        self.last_trades: defaultdict[str, deque[Trade]] = defaultdict(lambda: deque(maxlen=_TRADES_KEPT))
        self.last_candles: defaultdict[tuple[str, str], dict[int, Candle]] = defaultdict(dict)
        self.last_prices: dict[str, Price] = {}
        self.last_books: dict[str, LiveBook] = {}
        self.open_connections = 0
        self.lost = False

    def trade(self, trade: Trade) -> None:
        self.changes += 1
        self.last_trades[trade.symbol].append(trade)
        if not self.muted:
            self.trades.tell(trade.symbol, trade)

    def candle(self, candle: Candle) -> None:
        self.changes += 1
        kept = self.last_candles[candle.symbol, candle.interval]
        kept[candle.timestamp] = candle
        if len(kept) > _CANDLES_KEPT:
            del kept[next(iter(kept))]
        if not self.muted:
            self.candles.tell(candle.symbol, candle)

    def price(self, price: Price) -> None:
        self.changes += 1
        self.last_prices[price.symbol] = price
        if not self.muted:
            self.prices.tell(price.symbol, price)

    def book(self, book: LiveBook) -> None:
        self.changes += 1
        self.last_books[book.symbol] = book
        if not self.muted:
            self.books.tell(book.symbol, book)

    def status(self, status: StreamStatus) -> None:
        self.changes += 1
        if status.channel is None:
            self.open_connections += {"connected": 1, "lost": -1}.get(status.kind, 0)
            self.lost = self.open_connections <= 0
        if not self.muted:
            for audience in self._concerned(status):
                audience.status(status.symbol, status)

    def _concerned(self, status: StreamStatus) -> list[Audience[Any]]:
        match self.feed_of(status.channel) if status.channel is not None else None:
            case TradeFeed():
                return [self.trades]
            case BookFeed():
                return [self.books]
            case CandleFeed():
                return [self.candles]
            case None:
                return [self.trades, self.books, self.candles, self.prices]
            case _:
                return [self.prices]
