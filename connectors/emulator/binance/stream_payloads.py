"""Events of the market data streams."""

from typing import Any

from connectors.emulator.binance.core import Core
from connectors.emulator.binance.tickers import best, change, trade_ids, weighted_average
from connectors.emulator.candles import DAY, Bar
from connectors.emulator.instruments import Instrument
from connectors.emulator.intervals import next_open
from connectors.emulator.listing import Listing
from connectors.emulator.orders import Trade
from connectors.emulator.publishers import BookDiff
from connectors.emulator.tape import AggregateTrade


def trade_event(core: Core, trade: Trade) -> dict[str, Any]:
    instrument, time = trade.instrument, core.stamp(trade.time)
    return {
        "e": "trade",
        "E": time,
        "s": instrument.symbol,
        "t": trade.id,
        "p": instrument.price_text(trade.price),
        "q": instrument.quantity_text(trade.quantity),
        "T": time,
        "m": trade.maker_is_buyer,
        "M": True,
    }


def aggregate_event(core: Core, instrument: Instrument, trade: AggregateTrade) -> dict[str, Any]:
    time = core.stamp(trade.time)
    return {
        "e": "aggTrade",
        "E": time,
        "s": instrument.symbol,
        "a": trade.id,
        "p": instrument.price_text(trade.price),
        "q": instrument.quantity_text(trade.quantity),
        "f": trade.first_id,
        "l": trade.last_id,
        "T": time,
        "m": trade.maker_is_buyer,
        "M": True,
    }


def depth_event(core: Core, instrument: Instrument, diff: BookDiff) -> dict[str, Any]:
    return {
        "e": "depthUpdate",
        "E": core.stamp(diff.time),
        "s": instrument.symbol,
        "U": diff.first_id,
        "u": diff.last_id,
        "b": instrument.level_texts(diff.bids),
        "a": instrument.level_texts(diff.asks),
    }


def kline_event(
    core: Core, listing: Listing, interval: str, bar: Bar, now: int, *, closed: bool, last_id: int
) -> dict[str, Any]:
    instrument = listing.instrument
    price, quantity = instrument.price_text, instrument.quantity_text
    return {
        "e": "kline",
        "E": core.stamp(now),
        "s": instrument.symbol,
        "k": {
            "t": bar.start,
            "T": next_open(interval, bar.start) - 1,
            "s": instrument.symbol,
            "i": interval,
            "f": last_id - bar.trades + 1 if bar.trades else -1,
            "L": last_id if bar.trades else -1,
            "o": price(bar.open),
            "c": price(bar.close),
            "h": price(bar.high),
            "l": price(bar.low),
            "v": quantity(bar.volume),
            "n": bar.trades,
            "x": closed,
            "q": instrument.notional_text(bar.notional),
            "V": quantity(bar.taker_buy_volume),
            "Q": instrument.notional_text(bar.taker_buy_notional),
            "B": "0",
        },
    }


def ticker_event(
    core: Core, listing: Listing, bar: Bar, now: int, *, window: str = "24hr", length: int = DAY
) -> dict[str, Any]:
    """The 24-hour ticker; a rolling window's has no best prices and no last quantity."""
    instrument = listing.instrument
    price, quantity = instrument.price_text, instrument.quantity_text
    moved, percent = change(instrument, bar)
    first, last = trade_ids(core, listing, bar)
    shown: dict[str, Any] = {
        "e": f"{window}Ticker",
        "E": core.stamp(now),
        "s": instrument.symbol,
        "p": moved,
        "P": percent,
        "w": weighted_average(instrument, bar),
    }
    if window == "24hr":
        bid, bid_lots, ask, ask_lots = best(listing)
        shown |= {
            "x": price(bar.open),
            "c": price(listing.last_price),
            "Q": quantity(listing.last_quantity),
            "b": price(bid),
            "B": quantity(bid_lots),
            "a": price(ask),
            "A": quantity(ask_lots),
        }
    else:
        shown["c"] = price(listing.last_price)
    return shown | {
        "o": price(bar.open),
        "h": price(bar.high),
        "l": price(bar.low),
        "v": quantity(bar.volume),
        "q": instrument.notional_text(bar.notional),
        "O": core.stamp(now - length),
        "C": core.stamp(now),
        "F": first,
        "L": last,
        "n": bar.trades,
    }


def mini_ticker_event(core: Core, listing: Listing, bar: Bar, now: int) -> dict[str, Any]:
    instrument = listing.instrument
    return {
        "e": "24hrMiniTicker",
        "E": core.stamp(now),
        "s": instrument.symbol,
        "c": instrument.price_text(listing.last_price),
        "o": instrument.price_text(bar.open),
        "h": instrument.price_text(bar.high),
        "l": instrument.price_text(bar.low),
        "v": instrument.quantity_text(bar.volume),
        "q": instrument.notional_text(bar.notional),
    }


def book_ticker_event(listing: Listing) -> dict[str, Any]:
    instrument = listing.instrument
    bid, bid_lots, ask, ask_lots = best(listing)
    return {
        "u": listing.book.update_id,
        "s": instrument.symbol,
        "b": instrument.price_text(bid),
        "B": instrument.quantity_text(bid_lots),
        "a": instrument.price_text(ask),
        "A": instrument.quantity_text(ask_lots),
    }
