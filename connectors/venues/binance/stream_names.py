"""Names of the market streams, and the address each is served under.

USD-M futures spread their streams over `/public` and `/market`. A stream asked for at the wrong one is acknowledged and
never sends anything, so no caller chooses: the name alone does.
Source: the venue's notice "Important WebSocket Change", 2026-03.
"""

import re

from catalog.model import MarketType
from connectors.streaming.dialect import Channel

ALL_PRICES = "!miniTicker@arr"
PUBLIC, MARKET = "public", "market"

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


def channel_of(
    market_type: MarketType, stream: str, symbol: str | None = None, *, silence: float | None = None
) -> Channel:
    """The channel of a stream, with its address. `silence` is in seconds, as `Channel` has it."""
    category = "" if market_type is MarketType.SPOT else category_of(stream)
    return Channel(stream, symbol, category, first_data_timeout=silence, stale_after=silence)
