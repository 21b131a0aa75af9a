"""The channels: trades as they are made, whole books and differences of books every 100 ms where something changed."""

import re
from functools import partial
from typing import Any

from barfinex_exchange_bitstamp.emulator.pairs import Pairs, level_texts, price_text
from connectors.emulator.toolkit import (
    BookDiff,
    Depth,
    Levels,
    Listing,
    Publisher,
    Quiet,
    Send,
    Top,
    Trade,
    Trades,
)

PACE = 100
DEPTH = 100
_NAME = re.compile(r"(live_trades|order_book|diff_order_book)_([a-z0-9-]{1,64})")


class Publishers:
    """Makes the publisher of a channel by its name; `None` for a name that is malformed."""

    def __init__(self, pairs: Pairs) -> None:
        self._pairs = pairs

    def __call__(self, name: str, send: Send) -> Publisher | None:
        found = _NAME.fullmatch(name)
        if found is None:
            return None
        listing = self._pairs.find(found[2])
        if listing is None:
            # As on the live site: there is the channel, and nothing ever comes over it.
            return Quiet()
        match found[1]:
            case "live_trades":
                return Trades(listing, send, partial(_trade, name))
            case "order_book":
                return Top(listing, DEPTH, PACE, send, partial(_book, name, listing))
            case _:
                return Depth(listing, PACE, send, partial(_difference, name, listing))


def _trade(channel: str, trade: Trade) -> dict[str, Any]:
    instrument = trade.instrument
    price, amount = price_text(instrument, trade.price), instrument.quantity_text(trade.quantity)
    buyer, seller = (trade.maker, trade.taker) if trade.maker_is_buyer else (trade.taker, trade.maker)
    data = {
        "id": trade.id,
        "timestamp": str(trade.time // 1_000),
        "amount": float(amount),
        "amount_str": amount,
        "price": float(price),
        "price_str": price,
        "type": int(trade.maker_is_buyer),
        "microtimestamp": str(trade.time * 1_000),
        "buy_order_id": buyer.id,
        "sell_order_id": seller.id,
    }
    return {"data": data, "channel": channel, "event": "trade"}


def _book(channel: str, listing: Listing, now: int, bids: Levels, asks: Levels) -> dict[str, Any]:
    return {"data": book_data(listing, now, bids, asks), "channel": channel, "event": "data"}


def _difference(channel: str, listing: Listing, diff: BookDiff) -> dict[str, Any]:
    return _book(channel, listing, diff.time, diff.bids, diff.asks)


def book_data(listing: Listing, now: int, bids: Levels, asks: Levels) -> dict[str, Any]:
    """A book or a difference, best first on both sides."""
    return {
        "timestamp": str(now // 1_000),
        "microtimestamp": str(now * 1_000),
        "bids": level_texts(listing.instrument, bids),
        "asks": level_texts(listing.instrument, asks),
    }
