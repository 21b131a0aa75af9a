"""Names of the market streams, and the address each is served under.

USD-M futures spread their streams over `/public` and `/market`. A stream asked for at the wrong one is acknowledged and
never sends anything, so no caller chooses: the name alone does.
Source: the venue's notice "Important WebSocket Change", 2026-03.
"""

import re

from catalog.model import MarketType
from connectors.contracts.timeframes import TimeFrame
from connectors.streaming.plan import StreamKind, Topic
from connectors.venues.binance.market_streams import STREAMS
from connectors.venues.binance.symbols import subject_of, venue_symbol_of
from connectors.venues.binance.timeframes import convert_time_frame

ALL_PRICES = "!miniTicker@arr"
PUBLIC, MARKET = "public", "market"
_BOOK, _CANDLES, _PRICES = "depth@100ms", "kline_", "ticker"

_PUBLIC = re.compile(r"[^@]+@(?:bookTicker|depth\d*(?:@\d+ms)?|rpiDepth@\d+ms)|!bookTicker")
_MARKET = re.compile(
    r"[^@]+@(?:aggTrade|markPrice(?:@1s)?|kline_\w+|ticker|miniTicker|forceOrder|compositeIndex)"
    r"|!(?:markPrice|ticker|miniTicker|forceOrder)@arr(?:@1s)?"
)


def category_of(stream: str) -> str:
    """Which address of USD-M futures serves a stream. Raises `ValueError` on one that none is known to serve."""
    if _PUBLIC.fullmatch(stream):
        return PUBLIC
    if _MARKET.fullmatch(stream):
        return MARKET
    raise ValueError(f"no address of the futures is known for the stream '{stream}'")


def name_of(topic: Topic, market_type: MarketType) -> str:
    """The stream that serves a topic. Raises `UnsupportedTimeFrame`."""
    match topic.kind:
        case StreamKind.TRADES:
            stream = STREAMS[market_type].trades
        case StreamKind.BOOKS:
            stream = _BOOK
        case StreamKind.CANDLES:
            stream = _CANDLES + convert_time_frame(topic.interval or "", market_type)
        case StreamKind.PRICES:
            stream = _PRICES
    return f"{subject_of(topic.venue_symbol)}@{stream}"


def topic_of(name: str, market_type: MarketType) -> Topic | None:
    """What a stream that `name_of` gave is about; `None` for every other."""
    venue_symbol, stream = venue_symbol_of(name), name.partition("@")[2]
    if stream.startswith(_CANDLES):
        try:
            interval = TimeFrame(stream.removeprefix(_CANDLES))
        except ValueError:
            return None
        return Topic(StreamKind.CANDLES, venue_symbol, interval)
    kinds = {
        STREAMS[market_type].trades: StreamKind.TRADES,
        _BOOK: StreamKind.BOOKS,
        _PRICES: StreamKind.PRICES,
    }
    kind = kinds.get(stream)
    return None if kind is None else Topic(kind, venue_symbol)
