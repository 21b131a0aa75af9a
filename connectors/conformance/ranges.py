"""What a normalised event may hold: numbers that are finite and in range, times in milliseconds, clean text."""

import math
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import TypeAlias

from catalog.text import clean
from connectors.contracts.events import Candle, Level, OrderBook, OrderBookUpdate, Price, Trade
from connectors.contracts.instruments import normalise_symbol

Event: TypeAlias = Trade | OrderBookUpdate | OrderBook | Candle | Price

EARLIEST_MS = 946_684_800_000
"""The year 2000: a time before it was given in seconds."""
LATEST_MS = 4_102_444_800_000
"""The year 2100: a time after it was given in microseconds or less."""


def fault_of(event: Event) -> str | None:
    """What is out of range in an event, in words; `None`: nothing."""
    found = next(iter(_faults(event)), None)
    return None if found is None else f"{type(event).__name__} of {clean(event.symbol)}: {found}"


def crossed(book: OrderBook) -> str | None:
    """How a book is not one: crossed or out of order; `None`: it is one."""
    bids, asks = [price for price, _ in book.bids], [price for price, _ in book.asks]
    if bids and asks and bids[0] >= asks[0]:
        return f"the best bid {bids[0]} is not below the best ask {asks[0]}"
    if any(later >= earlier for earlier, later in pairwise(bids)):
        return "its bids are not in order, best first, each price once"
    if any(later <= earlier for earlier, later in pairwise(asks)):
        return "its asks are not in order, best first, each price once"
    return None


def _faults(event: Event) -> Iterator[str]:
    yield from _symbol(event.symbol)
    match event:
        case Trade():
            yield from _positive("price", event.price)
            yield from _positive("quantity", event.quantity)
            yield from _time(event.timestamp)
            if event.side not in ("buy", "sell"):
                yield f"side is {event.side!r}, not 'buy' or 'sell'"
            if not event.trade_id or event.trade_id != clean(event.trade_id):
                yield f"trade_id is not clean text: {clean(event.trade_id)!r}"
        case OrderBookUpdate() | OrderBook():
            yield from _levels("bids", event.bids)
            yield from _levels("asks", event.asks)
            # A snapshot over REST may come without a time of its own.
            yield from () if event.timestamp == 0 else _time(event.timestamp)
        case Candle():
            yield from _candle(event)
        case Price():
            yield from _positive("price", event.price)
            for name in ("bid", "ask", "open_24h", "high_24h", "low_24h", "volume_24h", "quote_volume_24h"):
                if (value := getattr(event, name)) is not None:
                    yield from _not_negative(name, value)
            if event.bid and event.ask and event.bid > event.ask:
                yield f"bid {event.bid} is above ask {event.ask}"
            # A ticker without a time of its own is given the time of its arrival later.
            yield from () if event.timestamp == 0 else _time(event.timestamp)


def _candle(candle: Candle) -> Iterator[str]:
    for name in ("open", "high", "low", "close"):
        yield from _positive(name, getattr(candle, name))
    yield from _not_negative("volume", candle.volume)
    yield from _time(candle.timestamp)
    if not candle.interval:
        yield "interval is empty"
    inside = (candle.open, candle.close)
    if not candle.low <= min(inside) <= max(inside) <= candle.high:
        yield f"low {candle.low} and high {candle.high} do not hold open and close {inside}"


def _symbol(symbol: str) -> Iterator[str]:
    if not symbol or symbol != clean(symbol, 200):
        yield "its symbol is empty or not clean text"
    elif symbol != normalise_symbol(symbol):
        yield f"its symbol is not in the normal form '{clean(normalise_symbol(symbol))}'"


def _levels(side: str, levels: Iterable[Level]) -> Iterator[str]:
    for price, quantity in levels:
        yield from _positive(f"a price of {side}", price)
        yield from _not_negative(f"a quantity of {side}", quantity)


def _positive(name: str, value: float) -> Iterator[str]:
    if not (math.isfinite(value) and value > 0):
        yield f"{name} is {value}"


def _not_negative(name: str, value: float) -> Iterator[str]:
    if not (math.isfinite(value) and value >= 0):
        yield f"{name} is {value}"


def _time(value: int) -> Iterator[str]:
    if not EARLIEST_MS <= value <= LATEST_MS:
        yield f"timestamp {value} is no time in milliseconds since the epoch"
