"""What each futures stream sends, by its name."""

import re
from collections.abc import Callable
from typing import Any

from connectors.emulator.binance.core import Core
from connectors.emulator.binance.publishers import Aggregates, BookTicker, klines
from connectors.emulator.binance.usdm.stream_payloads import (
    aggregate_event,
    book_ticker_event,
    depth_event,
    mark_price_event,
    mini_ticker_event,
    ticker_event,
    trade_event,
)
from connectors.emulator.channels import Publisher, Quiet, Send
from connectors.emulator.intervals import INTERVALS
from connectors.emulator.listing import Listing
from connectors.emulator.publishers import BookDiff, Depth, Timed, Trades, due

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


def publisher_for(core: Core, name: str, listing: Listing | None, send: Send) -> Publisher | None:
    """The publisher of a stream; `None` where it does not exist."""
    symbol, _, kind = name.partition("@")
    if symbol.startswith("!"):
        stream, _, speed = kind.partition("@")
        timed = _TIMED.get(f"{symbol[1:]}@{speed}" if speed else symbol[1:]) if stream == "arr" else None
        return None if timed is None else _all(core, *timed, send)
    if listing is None:
        return None
    if depth := _DEPTH.fullmatch(kind):
        pace = int(depth[2] or 250)
        if depth[1]:
            return _PartialDepth(core, listing, int(depth[1]), pace, send)
        return Depth(listing, pace, send, lambda diff: depth_event(core, listing.instrument, diff))
    if (kline := _KLINE.fullmatch(kind)) and kline[1] in INTERVALS and kline[1] != "1s":
        return klines(core, listing, kline[1], _KLINE_MS, send)
    match kind:
        case "trade":
            return Trades(listing, send, lambda trade: trade_event(core, trade))
        case "aggTrade":
            return Aggregates(listing, send, lambda trade: aggregate_event(core, listing.instrument, trade))
        case "bookTicker":
            return BookTicker(listing, send, lambda: book_ticker_event(core, listing, core.market.now))
        case _ if timed := _TIMED.get(kind):
            pace, make = timed
            return Timed(listing, pace, send, lambda now: make(core, listing, now))
        case _:
            return None


def _all(core: Core, pace: int, make: Make, send: Send) -> Timed:
    """Every contract's in one array."""

    def event(now: int) -> list[dict[str, Any]]:
        return [make(core, listing, now) for listing in core.market.listings.values() if listing.active]

    return Timed(None, pace, send, event)


class _PartialDepth(Quiet):
    """The best levels whole, in the shape of a change."""

    def __init__(self, core: Core, listing: Listing, count: int, pace: int, send: Send) -> None:
        super().__init__(listing)
        self._core, self._book, self._count, self._pace, self._send = core, listing.book, count, pace, send
        self._instrument = listing.instrument
        self._last = listing.book.update_id

    def tick(self, now: int) -> None:
        book, last = self._book, self._last
        if not due(now, self._pace) or book.update_id == last:
            return
        self._last = book.update_id
        bids, asks = book.bids.top(self._count), book.asks.top(self._count)
        diff = BookDiff(now, last + 1, book.update_id, last, bids, asks)
        self._send(depth_event(self._core, self._instrument, diff))
