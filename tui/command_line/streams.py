"""What `watch` has heard and not yet printed, and how many lines it may still print."""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Iterable
from typing import Final, Literal, TypeAlias

import msgspec

from connectors.contracts import BookState, Candle, LiveBook, OrderBook, Price, StreamStatus, Trade

Channel: TypeAlias = Literal["trades", "book", "candles", "prices", "status"]
CHANNELS: Final[tuple[Channel, ...]] = ("trades", "book", "candles", "prices")

Event: TypeAlias = Trade | OrderBook | Candle | Price | StreamStatus
Heard: TypeAlias = tuple[Channel, str, Event]
"""The channel, the symbol (empty for what concerns them all) and the event."""

CAPACITY = 10_000


class Outbox:
    """Events on their way to standard output, in the order they came.

    Putting something in never waits. Books and prices are conflated: a symbol holds one place, and what is read is its
    newest state. Trades, candles and statuses are kept one by one, up to `capacity` together; what comes beyond is
    dropped and counted, and a `dropped` status tells how many, in its place.
    """

    def __init__(self, *, depth: int, capacity: int = CAPACITY) -> None:
        self._depth = depth
        self._capacity = capacity
        self._waiting: deque[tuple[Channel, str, Trade | Candle | StreamStatus | None]] = deque()
        self._one_by_one = 0
        self._books: dict[str, LiveBook] = {}
        self._prices: dict[str, Price] = {}
        self._printed_versions: dict[str, int] = {}
        self._dropped: Counter[Channel] = Counter()
        self._told: deque[StreamStatus] = deque(maxlen=16)
        self._arrived = asyncio.Event()

    def trade(self, trade: Trade) -> None:
        self._keep("trades", trade.symbol, trade)

    def candle(self, candle: Candle) -> None:
        self._keep("candles", candle.symbol, candle)

    def status(self, status: StreamStatus) -> None:
        """Every subscription tells what happens to the connection they share; it is printed once."""
        if status.channel is None:
            if status in self._told:
                return
            self._told.append(status)
        self._keep("status", status.symbol or "", status)

    def book(self, book: LiveBook) -> None:
        if book.symbol not in self._books:
            self._books[book.symbol] = book
            self._waiting.append(("book", book.symbol, None))
            self._arrived.set()

    def price(self, price: Price) -> None:
        if price.symbol not in self._prices:
            self._waiting.append(("prices", price.symbol, None))
            self._arrived.set()
        self._prices[price.symbol] = price

    def _keep(self, channel: Channel, symbol: str, event: Trade | Candle | StreamStatus) -> None:
        self._arrived.set()
        if self._one_by_one >= self._capacity:
            self._dropped[channel] += 1
            return
        self._one_by_one += 1
        self._waiting.append((channel, symbol, event))

    async def batch(self) -> list[Heard]:
        """Everything that waits, once there is something."""
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            if heard := list(self._take()):
                return heard

    def _take(self) -> Iterable[Heard]:
        waiting, self._waiting = self._waiting, deque()
        books, self._books = self._books, {}
        prices, self._prices = self._prices, {}
        dropped, self._dropped = self._dropped, Counter()
        self._one_by_one = 0
        for channel, symbol, event in waiting:
            if event is not None:
                yield channel, symbol, event
            elif channel == "prices":
                yield channel, symbol, prices[symbol]
            elif (view := self._changed_view(books[symbol])) is not None:
                yield channel, symbol, view
        for channel, count in dropped.items():
            yield "status", "", _dropped(channel, count)

    def _changed_view(self, book: LiveBook) -> OrderBook | None:
        """The book as it is now, where it may be believed and was not printed so before.

        What happens to a book that is not SYNCED is told by its statuses.
        """
        version = book.version
        if book.state is not BookState.SYNCED or self._printed_versions.get(book.symbol) == version:
            return None
        self._printed_versions[book.symbol] = version
        view = book.view(self._depth)
        # A snapshot may carry no time of its own; the view is of this moment.
        return view if view.timestamp > 0 else msgspec.structs.replace(view, timestamp=_now_ms())


def _dropped(channel: Channel, count: int) -> StreamStatus:
    return StreamStatus(
        kind="dropped",
        reason="standard output is read more slowly than the stream comes",
        timestamp=_now_ms(),
        channel=channel,
        count=count,
    )


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


class Quota:
    """How many lines `--count` still allows. What happens to a stream is told besides and not counted.

    A busy channel does not use up the lines of a quiet one: a line is held for each channel and symbol that has not
    been heard yet, until `release` gives up on them.
    """

    def __init__(self, count: int | None, expected: Iterable[tuple[Channel, str]]) -> None:
        self._left = count
        self._unheard = set(expected) if count is not None else set[tuple[Channel, str]]()

    @property
    def spent(self) -> bool:
        return self._left == 0

    def take(self, channel: Channel, symbol: str) -> bool:
        """Whether one more line of this channel and symbol may be printed; if so it is counted."""
        if self._left is None:
            return True
        if channel == "status":
            return self._left > 0
        stream = (channel, symbol)
        held = len(self._unheard) - (stream in self._unheard)
        if self._left == 0 or (self._left <= held and stream not in self._unheard):
            return False
        self._unheard.discard(stream)
        self._left -= 1
        return True

    def release(self) -> None:
        """Hold no more lines back."""
        self._unheard.clear()
