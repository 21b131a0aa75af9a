"""What each spot stream sends, by its name."""

import re
from collections.abc import Callable
from itertools import islice
from typing import Any

from connectors.emulator.binance.core import Core
from connectors.emulator.binance.stream_payloads import (
    aggregate_event,
    book_ticker_event,
    depth_event,
    kline_event,
    mini_ticker_event,
    ticker_event,
    trade_event,
)
from connectors.emulator.binance.tickers import average_price, best, last_day
from connectors.emulator.candles import DAY, HOUR, MINUTE, Bar
from connectors.emulator.channels import Publisher, Quiet, Send
from connectors.emulator.intervals import INTERVALS, next_open
from connectors.emulator.listing import Listing
from connectors.emulator.publishers import Candles, Depth, Levels, Timed, Top, Trades, due
from connectors.emulator.tape import AggregateTrade

_SECOND = 1_000
_KLINE_MS = 2_000
_WINDOWS = {"1h": HOUR, "4h": 4 * HOUR, "1d": DAY}
_DEPTH = re.compile(r"depth(5|10|20)?(?:@(100|1000)ms)?")
_KLINE = re.compile(r"kline_(\w+)")
_TICKER = re.compile(r"(ticker|miniTicker)(?:_(1h|4h|1d))?")


def publisher_for(core: Core, name: str, listing: Listing | None, send: Send) -> Publisher | None:
    """The publisher of a stream; `None` where it does not exist."""
    symbol, _, kind = name.partition("@")
    if name.startswith("!"):
        ticker = _TICKER.fullmatch(symbol[1:]) if kind == "arr" else None
        if ticker is None or (ticker[1] == "ticker" and ticker[2] is None):
            return None  # `!ticker@arr` was retired in March 2026
        return _AllTickers(core, ticker[1], ticker[2], send)
    if listing is None:
        return None
    if depth := _DEPTH.fullmatch(kind):
        return _depth(core, listing, int(depth[1] or 0), int(depth[2] or 1_000), send)
    if (kline := _KLINE.fullmatch(kind)) and kline[1] in INTERVALS:
        return klines(core, listing, kline[1], _SECOND if kline[1] == "1s" else _KLINE_MS, send)
    if ticker := _TICKER.fullmatch(kind):
        name, window = ticker[1], ticker[2]
        return Timed(listing, _SECOND, send, lambda now: _ticker_content(core, listing, name, window, now))
    match kind:
        case "trade":
            return Trades(listing, send, lambda trade: trade_event(core, trade))
        case "aggTrade":
            return Aggregates(listing, send, lambda trade: aggregate_event(core, listing.instrument, trade))
        case "bookTicker":
            return BookTicker(listing, send, lambda: book_ticker_event(listing))
        case "avgPrice":
            return Timed(listing, _SECOND, send, lambda now: _average_price(core, listing, now))
        case _:
            return None


class Aggregates(Quiet):
    """What one event of the market traded, joined by taker order and price."""

    def __init__(self, listing: Listing, send: Send, event: Callable[[AggregateTrade], Any]) -> None:
        super().__init__(listing)
        self._tape, self._send, self._event = listing.tape, send, event
        self._last = self._tape.aggregates[-1].id if self._tape.aggregates else 0

    def book_changed(self) -> None:
        fresh: list[AggregateTrade] = []
        for trade in reversed(self._tape.aggregates):
            if trade.id <= self._last:
                break
            fresh.append(trade)
        for trade in reversed(fresh):
            self._send(self._event(trade))
            self._last = trade.id


class BookTicker(Quiet):
    """The best prices whenever they are others."""

    def __init__(self, listing: Listing, send: Send, event: Callable[[], Any]) -> None:
        super().__init__(listing)
        self._best, self._send, self._event = lambda: best(listing), send, event
        self._last = best(listing)

    def book_changed(self) -> None:
        present = self._best()
        if present != self._last:
            self._last = present
            self._send(self._event())


def klines(core: Core, listing: Listing, interval: str, pace: int, send: Send) -> Candles:
    """The candles of spot and futures alike."""

    def event(bar: Bar, now: int, closed: bool) -> dict[str, Any]:
        last_id = core.market.engine.last_trade_ids[listing.instrument.symbol]
        if closed:
            end = next_open(interval, bar.start)
            last_id -= sum(trade.time >= end for trade in islice(reversed(listing.tape.trades), 200))
        return kline_event(core, listing, interval, bar, now, closed=closed, last_id=last_id)

    return Candles(listing, interval, pace, send, event)


def _depth(core: Core, listing: Listing, count: int, pace: int, send: Send) -> Publisher:
    if not count:
        return Depth(listing, pace, send, lambda diff: depth_event(core, listing.instrument, diff))

    def top(now: int, bids: Levels, asks: Levels) -> dict[str, Any]:
        return {
            "lastUpdateId": listing.book.update_id,
            "bids": listing.instrument.level_texts(bids),
            "asks": listing.instrument.level_texts(asks),
        }

    return Top(listing, count, pace, send, top)


class _AllTickers(Quiet):
    """Those of the pairs that traded since the last time."""

    def __init__(self, core: Core, kind: str, window: str | None, send: Send) -> None:
        super().__init__()
        self._core, self._send = core, send
        self._kind, self._window = kind, window
        self._last_ids: dict[str, int] = {}

    def tick(self, now: int) -> None:
        if not due(now, _SECOND):
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


def _average_price(core: Core, listing: Listing, now: int) -> dict[str, Any]:
    price, time = average_price(listing, now)
    return {
        "e": "avgPrice",
        "E": core.stamp(now),
        "s": listing.instrument.symbol,
        "i": "5m",
        "w": price,
        "T": core.stamp(time),
    }


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
