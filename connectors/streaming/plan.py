"""What a venue streams and how: the names of its streams and the feeds that read them. Pure, so replays use it too."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from connectors.contracts.events import Candle, OrderBookUpdate, Price, Trade
from connectors.contracts.instruments import Instrument
from connectors.contracts.services import LiveBook
from connectors.contracts.timeframes import TimeFrame
from connectors.streaming.book_feed import Renew
from connectors.streaming.book_sync import BookSettings, Fetch
from connectors.streaming.dialect import Channel, Dialect
from connectors.streaming.feeds import Feed
from connectors.streaming.silence_check import SilenceCheck


class StreamKind(StrEnum):
    """What a stream carries."""

    TRADES = "trades"
    BOOKS = "order books"
    CANDLES = "candles"
    PRICES = "prices"


@dataclass(frozen=True, slots=True)
class Topic:
    """What one stream is about. `interval` goes with candles."""

    kind: StreamKind
    venue_symbol: str
    interval: TimeFrame | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BookParts:
    """What a book's feed is made with; in a replay, where snapshots are offered, nothing.

    `fetch` gets a snapshot over REST; `renew` subscribes anew, for a venue that sends one after every subscription.
    """

    fetch: Fetch | None = None
    renew: Renew | None = None
    settings: BookSettings | None = None
    check: SilenceCheck | None = None


TradeFeedMaker: TypeAlias = Callable[[Channel, SilenceCheck | None], Feed[Trade]]
BookFeedMaker: TypeAlias = Callable[[Channel, BookParts], Feed[LiveBook]]
CandleFeedMaker: TypeAlias = Callable[[Channel, TimeFrame, SilenceCheck | None], Feed[Candle]]
PriceFeedMaker: TypeAlias = Callable[[Channel, SilenceCheck | None], Feed[Price]]


def _one_address(name: str) -> str:
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamPlan:
    """A venue's streams. A kind without a feed is refused by name.

    `name_of` gives the venue's name of a topic's stream and raises what is wrong with it (`UnsupportedTimeFrame`);
    `topic_of` is the way back, `None` for a name it does not know; `symbol_of` makes a venue's symbol normal.
    `category_of` chooses the URL of a stream by its name where the venue has several, and the stream's own name where
    its address itself subscribes, so that it gets a connection to itself.
    """

    dialect: Dialect
    name_of: Callable[[Topic], str]
    topic_of: Callable[[str], Topic | None]
    symbol_of: Callable[[str], str]
    category_of: Callable[[str], str] = _one_address
    trades: TradeFeedMaker | None = None
    books: BookFeedMaker | None = None
    candles: CandleFeedMaker | None = None
    prices: PriceFeedMaker | None = None
    all_prices: str | None = None
    """The stream of all symbols' prices, where there is one."""
    silence: float = 10.0
    """Seconds without data after which a stream is doubted: asked after in another way, or else stale."""
    steady: frozenset[StreamKind] = field(default_factory=frozenset[StreamKind])
    """The kinds whose streams speak at least every `silence` seconds whatever the market does. Of the others silence
    is a fault only where there is a check (`Checks`) to tell it from a quiet market."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """How to ask the venue, outside its streams, what a silent one should know by now.

    Each takes a normal symbol and raises a `BarfinexError` where there is no answer; `None`: there is no way.
    """

    trades: Callable[[str], Awaitable[int | str]] | None = None
    """The last trade's id: a number where a symbol's ids grow from trade to trade, otherwise text. Where there was no
    trade yet, one that no trade has (-1)."""
    books: Callable[[str], Awaitable[int | OrderBookUpdate | None]] | None = None
    """The sequence that the venue's book stands at, or some of its best levels where that number also moves while
    nothing changes."""
    candles: Callable[[str, TimeFrame], Awaitable[Sequence[Candle]]] | None = None
    """The open candle and the one before."""
    prices: Callable[[str | None], Awaitable[Mapping[str, float]]] | None = None
    """The last price by normal symbol, of one symbol or of all."""


Snapshot: TypeAlias = Callable[[Instrument], Awaitable[OrderBookUpdate]]
"""Fetches a whole book (`is_snapshot`)."""
