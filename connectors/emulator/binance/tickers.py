"""Ticker contents, for REST and streams alike."""

from typing import Any

from connectors.emulator.binance.core import Core
from connectors.emulator.candles import DAY, MINUTE, Bar, flat
from connectors.emulator.instruments import Instrument
from connectors.emulator.listing import Listing

_AVERAGE_MS = 5 * MINUTE


def last_day(listing: Listing, now: int) -> Bar:
    """The last 24 hours; a pair nobody has looked at yet has had none."""
    return listing.history.last_day(now) if listing.active else flat(now - DAY, listing.last_price)


def best(listing: Listing) -> tuple[int, int, int, int]:
    """Best bid, its quantity, best ask, its quantity; nought where a side is empty."""
    book = listing.book
    bid, ask = book.bids.best, book.asks.best
    return bid or 0, book.bids.quantity(bid) if bid else 0, ask or 0, book.asks.quantity(ask) if ask else 0


def weighted_average(instrument: Instrument, bar: Bar) -> str:
    return (
        instrument.price_text(bar.notional // bar.volume) if bar.volume else instrument.price_text(bar.close)
    )


def change(instrument: Instrument, bar: Bar) -> tuple[str, str]:
    """The price change and its percentage."""
    moved = bar.close - bar.open
    sign = "-" if moved < 0 else ""
    return sign + instrument.price_text(abs(moved)), f"{moved / bar.open * 100:.3f}"


def trade_ids(core: Core, listing: Listing, bar: Bar) -> tuple[int, int]:
    """First and last trade id of a bar that ends now; -1 where nothing traded."""
    last = core.market.engine.last_trade_ids[listing.instrument.symbol]
    return (last - bar.trades + 1, last) if bar.trades else (-1, -1)


def day_ticker(core: Core, listing: Listing, now: int) -> dict[str, Any]:
    instrument, bar = listing.instrument, last_day(listing, now)
    bid, bid_lots, ask, ask_lots = best(listing)
    moved, percent = change(instrument, bar)
    first, last = trade_ids(core, listing, bar)
    price, quantity = instrument.price_text, instrument.quantity_text
    return {
        "symbol": instrument.symbol,
        "priceChange": moved,
        "priceChangePercent": percent,
        "weightedAvgPrice": weighted_average(instrument, bar),
        "prevClosePrice": price(bar.open),
        "lastPrice": price(listing.last_price),
        "lastQty": quantity(listing.last_quantity),
        "bidPrice": price(bid),
        "bidQty": quantity(bid_lots),
        "askPrice": price(ask),
        "askQty": quantity(ask_lots),
        "openPrice": price(bar.open),
        "highPrice": price(bar.high),
        "lowPrice": price(bar.low),
        "volume": quantity(bar.volume),
        "quoteVolume": instrument.notional_text(bar.notional),
        "openTime": core.stamp(now - DAY),
        "closeTime": core.stamp(now),
        "firstId": first,
        "lastId": last,
        "count": bar.trades,
    }


_FULL_ONLY = {
    "priceChange",
    "priceChangePercent",
    "weightedAvgPrice",
    "prevClosePrice",
    "lastQty",
    "bidPrice",
    "bidQty",
    "askPrice",
    "askQty",
}


def mini_day_ticker(core: Core, listing: Listing, now: int) -> dict[str, Any]:
    full = day_ticker(core, listing, now)
    return {name: value for name, value in full.items() if name not in _FULL_ONLY}


def book_ticker(listing: Listing) -> dict[str, Any]:
    instrument = listing.instrument
    bid, bid_lots, ask, ask_lots = best(listing)
    return {
        "symbol": instrument.symbol,
        "bidPrice": instrument.price_text(bid),
        "bidQty": instrument.quantity_text(bid_lots),
        "askPrice": instrument.price_text(ask),
        "askQty": instrument.quantity_text(ask_lots),
    }


def average_price(listing: Listing, now: int) -> tuple[str, int]:
    """The volume-weighted price of the last five minutes, and the time of the last trade."""
    second = now - now % 1_000 + 1_000
    bar = listing.history.bar(second - _AVERAGE_MS, second, now)
    last = listing.tape.trades[-1].time if listing.tape.trades else now
    return weighted_average(listing.instrument, bar), last
