"""What a stream sends at its regular times, one class a kind of stream."""

import re
from collections.abc import Callable
from itertools import islice
from typing import Any

from connectors.emulator.binance.core import Core
from connectors.emulator.binance.publishers import Publisher, Send
from connectors.emulator.binance.stream_payloads import kline_event
from connectors.emulator.binance.tickers import best
from connectors.emulator.binance.usdm.stream_payloads import (
    book_ticker_event,
    depth_event,
    mark_price_event,
    mini_ticker_event,
    ticker_event,
)
from connectors.emulator.dialect import TICK_MS
from connectors.emulator.intervals import INTERVALS, next_open, previous_open
from connectors.emulator.listing import Listing

Make = Callable[[Core, Listing, int], dict[str, Any]]

_KLINE_MS = 250
_TICKER_MS = 2_000
_MARK_MS = 3_000
_DEPTH = re.compile(r"depth(5|10|20)?(?:@(100|250|500)ms)?")
_KLINE = re.compile(r"kline_(\w+)")
_TIMED: dict[str, tuple[int, Make]] = {
    "ticker": (_TICKER_MS, ticker_event),
    "miniTicker": (_TICKER_MS, mini_ticker_event),
    "markPrice": (_MARK_MS, mark_price_event),
    "markPrice@1s": (1_000, mark_price_event),
}


def due(now: int, pace: int) -> bool:
    """Whether this tick is the first at or after a multiple of `pace`."""
    return now // pace != (now - TICK_MS) // pace


def publisher_for(core: Core, name: str, listing: Listing | None, send: Send) -> Publisher | None:
    """The publisher of a stream; `None` where it has no regular times or does not exist."""
    symbol, _, kind = name.partition("@")
    if symbol.startswith("!"):
        stream, _, speed = kind.partition("@")
        timed = _TIMED.get(f"{symbol[1:]}@{speed}" if speed else symbol[1:]) if stream == "arr" else None
        return None if timed is None else _All(core, *timed, send)
    if listing is None:
        return None
    if depth := _DEPTH.fullmatch(kind):
        pace = int(depth[2] or 250)
        if depth[1]:
            return _PartialDepth(core, listing, int(depth[1]), pace, send)
        return _Depth(core, listing, pace, send)
    if (kline := _KLINE.fullmatch(kind)) and kline[1] in INTERVALS and kline[1] != "1s":
        return _Kline(core, listing, kline[1], send)
    if kind == "bookTicker":
        return _BookTicker(core, listing, send)
    timed = _TIMED.get(kind)
    return None if timed is None else _Timed(core, listing, *timed, send)


class _Quiet:
    """The parts that most publishers do not need."""

    def book_changed(self) -> None:
        """Nothing is sent at once."""

    def close(self) -> None:
        """Nothing is held."""


class _Timed(_Quiet):
    def __init__(self, core: Core, listing: Listing, pace: int, make: Make, send: Send) -> None:
        self._core, self._listing, self._pace, self._make, self._send = core, listing, pace, make, send

    def tick(self, now: int) -> None:
        if due(now, self._pace):
            self._send(self._make(self._core, self._listing, now))


class _All(_Quiet):
    """Every contract's in one array."""

    def __init__(self, core: Core, pace: int, make: Make, send: Send) -> None:
        self._core, self._pace, self._make, self._send = core, pace, make, send

    def tick(self, now: int) -> None:
        if due(now, self._pace):
            active = [listing for listing in self._core.market.listings.values() if listing.active]
            self._send([self._make(self._core, listing, now) for listing in active])


class _Depth(_Quiet):
    """Each event names the last id of the one before it."""

    def __init__(self, core: Core, listing: Listing, pace: int, send: Send) -> None:
        self._core, self._listing, self._pace, self._send = core, listing, pace, send
        self._changes = listing.book.track()
        self._last = listing.book.update_id

    def tick(self, now: int) -> None:
        book = self._listing.book
        if not due(now, self._pace) or (taken := self._changes.take(book.update_id)) is None:
            return
        first, bids, asks = taken
        ids = (first, book.update_id, self._last)
        self._last = book.update_id
        self._send(
            depth_event(
                self._core,
                self._listing,
                now,
                ids=ids,
                bids=[(price, book.bids.quantity(price)) for price in sorted(bids, reverse=True)],
                asks=[(price, book.asks.quantity(price)) for price in sorted(asks)],
            )
        )

    def close(self) -> None:
        self._listing.book.untrack(self._changes)


class _PartialDepth(_Quiet):
    """The best levels whole, in the shape of a change."""

    def __init__(self, core: Core, listing: Listing, count: int, pace: int, send: Send) -> None:
        self._core, self._listing, self._count, self._pace, self._send = core, listing, count, pace, send
        self._last = listing.book.update_id

    def tick(self, now: int) -> None:
        book, last = self._listing.book, self._last
        if not due(now, self._pace) or book.update_id == last:
            return
        self._last = book.update_id
        ids = (last + 1, book.update_id, last)
        bids, asks = book.bids.top(self._count), book.asks.top(self._count)
        self._send(depth_event(self._core, self._listing, now, ids=ids, bids=bids, asks=asks))


class _BookTicker(_Quiet):
    def __init__(self, core: Core, listing: Listing, send: Send) -> None:
        self._core, self._listing, self._send = core, listing, send
        self._last = best(listing)

    def tick(self, now: int) -> None:
        """Sent when it changes, not at times."""

    def book_changed(self) -> None:
        present = best(self._listing)
        if present != self._last:
            self._last = present
            self._send(book_ticker_event(self._core, self._listing, self._core.market.now))


class _Kline(_Quiet):
    """The candle four times a second, and its last word the moment it closes."""

    def __init__(self, core: Core, listing: Listing, interval: str, send: Send) -> None:
        self._core, self._listing, self._interval, self._send = core, listing, interval, send
        self._open: int | None = None

    def tick(self, now: int) -> None:
        opened = previous_open(self._interval, now)
        if self._open is not None and opened != self._open:
            self._publish(self._open, now, closed=True)
        if self._open != opened or due(now, _KLINE_MS):
            self._open = opened
            self._publish(opened, now, closed=False)

    def _publish(self, opened: int, now: int, *, closed: bool) -> None:
        listing, end = self._listing, next_open(self._interval, opened)
        bar = listing.history.bar(opened, end, now)
        last_id = self._core.market.engine.last_trade_ids[listing.instrument.symbol]
        if closed:
            last_id -= sum(trade.time >= end for trade in islice(reversed(listing.tape.trades), 200))
        self._send(kline_event(self._core, listing, self._interval, bar, now, closed=closed, last_id=last_id))
