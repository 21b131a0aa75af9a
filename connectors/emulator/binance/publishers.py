"""What a stream sends at its regular times, one class a kind of stream."""

import re
from collections.abc import Callable
from itertools import islice
from typing import Any, Protocol

from connectors.emulator.binance.core import Core
from connectors.emulator.binance.market_data import levels
from connectors.emulator.binance.stream_payloads import (
    book_ticker_event,
    kline_event,
    mini_ticker_event,
    ticker_event,
)
from connectors.emulator.binance.tickers import average_price, best, last_day
from connectors.emulator.candles import DAY, HOUR, MINUTE, Bar
from connectors.emulator.intervals import INTERVALS, next_open, previous_open
from connectors.emulator.listing import Listing

Send = Callable[[Any], None]

_SECOND = 1_000
_KLINE_MS = 2_000
_WINDOWS = {"1h": HOUR, "4h": 4 * HOUR, "1d": DAY}
_DEPTH = re.compile(r"depth(5|10|20)?(?:@(100|1000)ms)?")
_KLINE = re.compile(r"kline_(\w+)")
_TICKER = re.compile(r"(ticker|miniTicker)(?:_(1h|4h|1d))?")


class Publisher(Protocol):
    """`tick` comes every 100 ms of venue time; each publisher keeps its own pace."""

    def tick(self, now: int) -> None: ...

    def book_changed(self) -> None: ...

    def close(self) -> None: ...


PublisherMaker = Callable[[Core, str, Listing | None, Send], Publisher | None]


def publisher_for(core: Core, name: str, listing: Listing | None, send: Send) -> Publisher | None:
    """The publisher of a stream; `None` where it has no regular times or does not exist."""
    symbol, _, kind = name.partition("@")
    if name.startswith("!"):
        ticker = _TICKER.fullmatch(symbol[1:]) if kind == "arr" else None
        if ticker is None or (ticker[1] == "ticker" and ticker[2] is None):
            return None  # `!ticker@arr` was retired in March 2026
        return _AllTickers(core, ticker[1], ticker[2], send)
    if listing is None:
        return None
    if depth := _DEPTH.fullmatch(kind):
        pace = int(depth[2] or 1_000)
        return (
            _PartialDepth(listing, int(depth[1]), pace, send)
            if depth[1]
            else _Depth(core, listing, pace, send)
        )
    if (kline := _KLINE.fullmatch(kind)) and kline[1] in INTERVALS:
        return _Kline(core, listing, kline[1], send)
    if ticker := _TICKER.fullmatch(kind):
        return _Ticker(core, listing, ticker[1], ticker[2], send)
    if kind == "bookTicker":
        return _BookTicker(listing, send)
    if kind == "avgPrice":
        return _AveragePrice(core, listing, send)
    return None


class _Quiet:
    """The parts that most publishers do not need."""

    def book_changed(self) -> None:
        """Nothing is sent at once."""

    def close(self) -> None:
        """Nothing is held."""


class _Depth(_Quiet):
    def __init__(self, core: Core, listing: Listing, pace: int, send: Send) -> None:
        self._core, self._listing, self._pace, self._send = core, listing, pace, send
        self._changes = listing.book.track()

    def tick(self, now: int) -> None:
        if now % self._pace:
            return
        book, instrument = self._listing.book, self._listing.instrument
        taken = self._changes.take(book.update_id)
        if taken is None:
            return
        first, bids, asks = taken
        self._send(
            {
                "e": "depthUpdate",
                "E": self._core.stamp(now),
                "s": instrument.symbol,
                "U": first,
                "u": book.update_id,
                "b": levels(
                    instrument, [(price, book.bids.quantity(price)) for price in sorted(bids, reverse=True)]
                ),
                "a": levels(instrument, [(price, book.asks.quantity(price)) for price in sorted(asks)]),
            }
        )

    def close(self) -> None:
        self._listing.book.untrack(self._changes)


class _PartialDepth(_Quiet):
    def __init__(self, listing: Listing, count: int, pace: int, send: Send) -> None:
        self._listing, self._count, self._pace, self._send = listing, count, pace, send
        self._last_id = -1

    def tick(self, now: int) -> None:
        book, instrument = self._listing.book, self._listing.instrument
        if now % self._pace or book.update_id == self._last_id:
            return
        self._last_id = book.update_id
        self._send(
            {
                "lastUpdateId": book.update_id,
                "bids": levels(instrument, book.bids.top(self._count)),
                "asks": levels(instrument, book.asks.top(self._count)),
            }
        )


class _BookTicker(_Quiet):
    def __init__(self, listing: Listing, send: Send) -> None:
        self._listing, self._send = listing, send
        self._last = best(listing)

    def tick(self, now: int) -> None:
        """Sent when it changes, not at times."""

    def book_changed(self) -> None:
        present = best(self._listing)
        if present != self._last:
            self._last = present
            self._send(book_ticker_event(self._listing))


class _Kline(_Quiet):
    """The candle every two seconds (`1s`: every second), and its last word the moment it closes."""

    def __init__(self, core: Core, listing: Listing, interval: str, send: Send) -> None:
        self._core, self._listing, self._interval, self._send = core, listing, interval, send
        self._pace = _SECOND if interval == "1s" else _KLINE_MS
        self._open: int | None = None

    def tick(self, now: int) -> None:
        opened = previous_open(self._interval, now)
        if self._open is not None and opened != self._open:
            self._publish(self._open, now, closed=True)
        if self._open != opened or now % self._pace == 0:
            self._open = opened
            self._publish(opened, now, closed=False)

    def _publish(self, opened: int, now: int, *, closed: bool) -> None:
        history, symbol = self._listing.history, self._listing.instrument.symbol
        bar = history.bar(opened, next_open(self._interval, opened), now)
        last_id = self._core.market.engine.last_trade_ids[symbol]
        if closed:
            end = next_open(self._interval, opened)
            last_id -= sum(trade.time >= end for trade in islice(reversed(self._listing.tape.trades), 200))
        self._send(
            kline_event(self._core, self._listing, self._interval, bar, now, closed=closed, last_id=last_id)
        )


class _Ticker(_Quiet):
    def __init__(self, core: Core, listing: Listing, kind: str, window: str | None, send: Send) -> None:
        self._core, self._listing, self._send = core, listing, send
        self._kind, self._window = kind, window

    def tick(self, now: int) -> None:
        if now % _SECOND == 0:
            self._send(_ticker_content(self._core, self._listing, self._kind, self._window, now))


class _AllTickers(_Quiet):
    """Those of the pairs that traded since the last time."""

    def __init__(self, core: Core, kind: str, window: str | None, send: Send) -> None:
        self._core, self._send = core, send
        self._kind, self._window = kind, window
        self._last_ids: dict[str, int] = {}

    def tick(self, now: int) -> None:
        if now % _SECOND:
            return
        market = self._core.market
        changed = [
            (symbol, last)
            for symbol, last in market.engine.last_trade_ids.items()
            if self._last_ids.get(symbol) != last and market.listings[symbol].active
        ]
        self._last_ids.update(changed)
        if changed:
            self._send(
                [
                    _ticker_content(self._core, market.listings[symbol], self._kind, self._window, now)
                    for symbol, _ in changed
                ]
            )


class _AveragePrice(_Quiet):
    def __init__(self, core: Core, listing: Listing, send: Send) -> None:
        self._core, self._listing, self._send = core, listing, send

    def tick(self, now: int) -> None:
        if now % _SECOND:
            return
        price, time = average_price(self._listing, now)
        self._send(
            {
                "e": "avgPrice",
                "E": self._core.stamp(now),
                "s": self._listing.instrument.symbol,
                "i": "5m",
                "w": price,
                "T": self._core.stamp(time),
            }
        )


def _ticker_content(core: Core, listing: Listing, kind: str, window: str | None, now: int) -> dict[str, Any]:
    if window is None:
        bar = last_day(listing, now)
        if kind == "miniTicker":
            return mini_ticker_event(core, listing, bar, now)
        return ticker_event(core, listing, bar, now)
    length = _WINDOWS[window]
    return ticker_event(core, listing, _rolling(listing, length, now), now, window=window, length=length)


def _rolling(listing: Listing, length: int, now: int) -> Bar:
    start = now - now % MINUTE + MINUTE - length
    return listing.history.bar(start, start + length, now)
