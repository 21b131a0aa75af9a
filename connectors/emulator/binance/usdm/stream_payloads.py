"""Events of the market data streams, where they are not spot's."""

from typing import Any

from connectors.emulator.binance import stream_payloads as spot
from connectors.emulator.binance.core import Core
from connectors.emulator.binance.order_payloads import amount
from connectors.emulator.binance.tickers import last_day
from connectors.emulator.binance.usdm.prices import funding_rate, index_price, mark_price, next_funding
from connectors.emulator.instruments import Instrument
from connectors.emulator.listing import Listing
from connectors.emulator.orders import Trade
from connectors.emulator.publishers import BookDiff
from connectors.emulator.tape import AggregateTrade


def trade_event(core: Core, trade: Trade) -> dict[str, Any]:
    """Of `@trade`, which is not documented for the futures and served all the same."""
    event = spot.trade_event(core, trade)
    del event["M"]
    return event | {"X": "MARKET"}


def aggregate_event(core: Core, instrument: Instrument, trade: AggregateTrade) -> dict[str, Any]:
    """`nq` leaves out what retail-price-improvement orders filled: there are none here."""
    event = spot.aggregate_event(core, instrument, trade)
    del event["M"]
    return event | {"nq": event["q"]}


def depth_event(core: Core, instrument: Instrument, diff: BookDiff) -> dict[str, Any]:
    """Each event names the last id of the one before it."""
    event = spot.depth_event(core, instrument, diff)
    return event | {"T": event["E"], "pu": diff.previous_id}


def ticker_event(core: Core, listing: Listing, now: int) -> dict[str, Any]:
    """The 24-hour ticker names neither best prices nor the last close."""
    event = spot.ticker_event(core, listing, last_day(listing, now), now)
    return {name: value for name, value in event.items() if name not in "xbBaA"}


def mini_ticker_event(core: Core, listing: Listing, now: int) -> dict[str, Any]:
    return spot.mini_ticker_event(core, listing, last_day(listing, now), now)


def book_ticker_event(core: Core, listing: Listing, now: int) -> dict[str, Any]:
    time = core.stamp(now)
    return {"e": "bookTicker", "E": time, "T": time, **spot.book_ticker_event(listing)}


def mark_price_event(core: Core, listing: Listing, now: int) -> dict[str, Any]:
    rate = funding_rate(listing.instrument)
    mark = amount(mark_price(core, listing))
    return {
        "e": "markPriceUpdate",
        "E": core.stamp(now),
        "s": listing.instrument.symbol,
        "p": mark,
        "i": amount(index_price(core, listing.instrument)),
        "P": mark,
        "r": "" if rate is None else amount(rate),
        "T": 0 if rate is None else core.stamp(next_funding(now)),
    }
