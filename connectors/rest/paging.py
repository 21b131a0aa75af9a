"""Candle history, asked for page by page from the newest backwards."""

from collections.abc import Awaitable, Callable, Sequence
from itertools import pairwise
from typing import TypeAlias

from connectors.contracts.errors import BadResponse
from connectors.contracts.events import Candle
from connectors.contracts.timeframes import TimeFrame

CandlePage: TypeAlias = Callable[[int, int | None], Awaitable[Sequence[Candle]]]
"""Asks the venue for the newest so many candles that open at or before a time (ms; now where it is `None`)."""


async def page_candles(
    fetch: CandlePage, interval: TimeFrame, *, limit: int, end_time: int | None, most: int, venue: str
) -> list[Candle]:
    """Up to `limit` candles that end at or before `end_time` (ms; now where absent), oldest first.

    `most` is the largest page the venue gives, `venue` its name in errors. Raises `BadResponse` where a page is out of
    order or newer than was asked for, and what `fetch` raises.
    """
    candles: list[Candle] = []
    until = end_time
    while len(candles) < limit:
        # The newest one asked for may not be over at `end_time`, and is then left out.
        wanted = min(most, limit - len(candles) + (1 if end_time is not None and not candles else 0))
        page = _checked(await fetch(wanted, until), until, venue)[-wanted:]
        older = [one for one in page if end_time is None or end_of(one.timestamp, interval) <= end_time]
        candles = older + candles
        if len(page) < wanted:
            break
        until = page[0].timestamp - 1
    return candles[-limit:] if limit > 0 else []


def end_of(opened: int, interval: TimeFrame) -> int:
    """The last millisecond of the candle that opens at `opened`."""
    return interval.next_open(opened) - 1


def _checked(page: Sequence[Candle], until: int | None, venue: str) -> list[Candle]:
    # Paging goes by these times: rows out of order would send it round in circles.
    if any(later.timestamp <= earlier.timestamp for earlier, later in pairwise(page)):
        raise BadResponse(f"{venue}'s candles are out of order")
    if until is not None and page and page[-1].timestamp > until:
        raise BadResponse(f"{venue}'s candles are newer than was asked for")
    return list(page)
