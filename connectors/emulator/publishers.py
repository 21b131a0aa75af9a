"""What most venues' channels send. A venue gives each the function that makes its own event."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from connectors.emulator.candles import Bar
from connectors.emulator.channels import Quiet, Send
from connectors.emulator.dialect import TICK_MS
from connectors.emulator.intervals import next_open, previous_open
from connectors.emulator.listing import Listing
from connectors.emulator.orders import Trade

Levels: TypeAlias = list[tuple[int, int]]
"""(price in ticks, quantity in lots); in a change a quantity of 0 means that the level is gone."""


def due(now: int, pace: int) -> bool:
    """Whether this tick is the first at or after a multiple of `pace` (ms)."""
    return now // pace != (now - TICK_MS) // pace


class Trades(Quiet):
    """Every trade, as it is made."""

    def __init__(self, listing: Listing, send: Send, event: Callable[[Trade], Any]) -> None:
        super().__init__(listing)
        self._send, self._event = send, event

    def traded(self, trade: Trade) -> None:
        self._send(self._event(trade))


@dataclass(frozen=True, slots=True)
class BookDiff:
    """What changed in a book since the last time: the first and last of its update ids, and the `previous` last one."""

    time: int
    first_id: int
    last_id: int
    previous_id: int
    bids: Levels
    """Best first, as the asks."""
    asks: Levels


class Depth(Quiet):
    """The changed levels of a book every `pace` ms, where there are any."""

    def __init__(self, listing: Listing, pace: int, send: Send, event: Callable[[BookDiff], Any]) -> None:
        super().__init__(listing)
        self._book, self._pace, self._send, self._event = listing.book, pace, send, event
        self._changes = listing.book.track()
        self._last = listing.book.update_id

    def tick(self, now: int) -> None:
        book = self._book
        if not due(now, self._pace) or (taken := self._changes.take(book.update_id)) is None:
            return
        first, bids, asks = taken
        diff = BookDiff(
            now,
            first,
            book.update_id,
            self._last,
            [(price, book.bids.quantity(price)) for price in sorted(bids, reverse=True)],
            [(price, book.asks.quantity(price)) for price in sorted(asks)],
        )
        self._last = book.update_id
        self._send(self._event(diff))

    def close(self) -> None:
        self._book.untrack(self._changes)


class Top(Quiet):
    """The best `count` levels of a book every `pace` ms, where it has changed; and at once to begin with."""

    def __init__(
        self, listing: Listing, count: int, pace: int, send: Send, event: Callable[[int, Levels, Levels], Any]
    ) -> None:
        """`event` takes the time and both sides, best first."""
        super().__init__(listing)
        self._book, self._count, self._pace, self._send, self._event = listing.book, count, pace, send, event
        self._last = -1

    def tick(self, now: int) -> None:
        book = self._book
        if not due(now, self._pace) or book.update_id == self._last:
            return
        self._last = book.update_id
        self._send(self._event(now, book.bids.top(self._count), book.asks.top(self._count)))


class Candles(Quiet):
    """The open candle every `pace` ms, and its last word the moment it closes."""

    def __init__(
        self,
        listing: Listing,
        interval: str,
        pace: int,
        send: Send,
        event: Callable[[Bar, int, bool], Any],
    ) -> None:
        """`event` takes the candle, the time, and whether it is closed."""
        super().__init__(listing)
        self._history, self._interval, self._pace = listing.history, interval, pace
        self._send, self._event = send, event
        self._open: int | None = None

    def tick(self, now: int) -> None:
        opened = previous_open(self._interval, now)
        if self._open is not None and opened != self._open:
            self._tell(self._open, now, closed=True)
        if self._open != opened or due(now, self._pace):
            self._open = opened
            self._tell(opened, now, closed=False)

    def _tell(self, opened: int, now: int, *, closed: bool) -> None:
        bar = self._history.bar(opened, next_open(self._interval, opened), now)
        self._send(self._event(bar, now, closed))


class Timed(Quiet):
    """An event every `pace` ms, whatever the market does."""

    def __init__(self, listing: Listing | None, pace: int, send: Send, event: Callable[[int], Any]) -> None:
        super().__init__(listing)
        self._pace, self._send, self._event = pace, send, event

    def tick(self, now: int) -> None:
        if due(now, self._pace):
            self._send(self._event(now))
