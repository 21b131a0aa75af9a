"""The normalised events every connector delivers.

Prices and quantities are floats as the venue sent them; times are integer milliseconds since the epoch, UTC.
The classes are msgspec structs without garbage-collector tracking: they hold no cycles and thousands are kept.
"""

from enum import StrEnum
from typing import Literal, TypeAlias

import msgspec

Side: TypeAlias = Literal["buy", "sell"]
"""Of a trade, the taker's; of an order, its own."""
Level: TypeAlias = tuple[float, float]
"""(price, quantity). In an update a quantity of 0 removes the level."""


class Trade(msgspec.Struct, frozen=True, gc=False):
    """One trade. `side` is the taker's."""

    symbol: str
    price: float
    quantity: float
    timestamp: int
    side: Side
    trade_id: str


class OrderBookUpdate(msgspec.Struct, frozen=True, gc=False):
    """What one frame says about a book: a change of some levels, or a whole new book (`is_snapshot`).

    The sequence fields carry the venue's own numbers; which of them are set depends on the venue:
    `first_sequence`..`last_sequence` is the range covered (Binance `U`..`u`), `previous_sequence` the last number of
    the update before (Binance futures `pu`, OKX `prevSeqId`).

    `depth` goes with a snapshot that the venue cuts: the most levels a side it can hold, as they were asked for. A side
    with fewer is known to its end; of one with so many nothing is known beyond its worst price. `None`: the snapshot
    holds all that there is.
    """

    symbol: str
    bids: list[Level]
    asks: list[Level]
    timestamp: int
    is_snapshot: bool = False
    last_sequence: int | None = None
    first_sequence: int | None = None
    previous_sequence: int | None = None
    checksum: int | None = None
    depth: int | None = None


class BookState(StrEnum):
    """How far a book may be believed.

    EMPTY: nothing has come. BUFFERING: updates wait for the first snapshot. SYNCED: it follows the venue without a gap.
    STALE: it does not, and is shown as it was. RESYNCING: a new snapshot is on its way.
    """

    EMPTY = "EMPTY"
    BUFFERING = "BUFFERING"
    SYNCED = "SYNCED"
    STALE = "STALE"
    RESYNCING = "RESYNCING"


class OrderBook(msgspec.Struct, frozen=True, gc=False):
    """A view of a book at one moment, best first on both sides. Only a `SYNCED` one may be believed.

    `known_bid` and `known_ask` are the worst prices to which the book is known, where the venue's snapshot was cut:
    every level up to there is in the book, and what lies beyond is not known and never shown. `None`: the side is known
    to its end.
    """

    symbol: str
    state: BookState
    bids: list[Level]
    asks: list[Level]
    timestamp: int
    sequence: int | None = None
    known_bid: float | None = None
    known_ask: float | None = None


class Candle(msgspec.Struct, frozen=True, gc=False):
    """One candle, keyed by its opening time.

    `closed` is final: the venue said so, or nothing can change it any more. One that was cut off by a lost connection
    stays open; that is told as a `gap` of its channel. `correction` is set where a candle takes the place of what was
    told of its time before, after a later candle or after it was told as closed: the venue's own last word came late.
    """

    symbol: str
    interval: str
    timestamp: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    closed: bool = False
    correction: bool = False


class Price(msgspec.Struct, frozen=True, gc=False):
    """The last price of an instrument and, where the venue sends them, best bid and ask and 24 h figures."""

    symbol: str
    price: float
    timestamp: int
    bid: float | None = None
    ask: float | None = None
    open_24h: float | None = None
    high_24h: float | None = None
    low_24h: float | None = None
    volume_24h: float | None = None
    quote_volume_24h: float | None = None


class StreamStatus(msgspec.Struct, frozen=True, gc=False):
    """Something that happened to a stream, delivered in order with its data.

    kind: `connected`, `lost`, `reconnecting`, `resynced`, `gap`, `dropped`, `stale`, `live`, `failed`, `rotated`,
    `closed`; and of a market, by the venue's list: `halted`, `delisted`, `trading` (again).
    `retry_in_ms` is set with `reconnecting`: the countdown until the next attempt.
    """

    kind: str
    reason: str
    timestamp: int
    symbol: str | None = None
    channel: str | None = None
    retry_in_ms: int | None = None
    count: int | None = None
