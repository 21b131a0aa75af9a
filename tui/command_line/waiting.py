"""Saying what is waited for, where many streams are wanted and the venue's limits set the pace."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from connectors.contracts import BookState, ConnectionHealth, ExchangeWsManager
from tui.command_line.problems import say

FEW = 20
"""So many streams are there at once, or their own statuses say what keeps them."""
FIRST = 5.0
EVERY = 5.0
"""Seconds until it is first said, and from then on."""


@asynccontextmanager
async def waiting_told(ws: ExchangeWsManager) -> AsyncGenerator[None]:
    """Inside the block, until everything has come once, say on standard error how much has."""
    telling = asyncio.create_task(_tell(ws), name="waiting")
    try:
        yield
    finally:
        telling.cancel()
        await asyncio.gather(telling, return_exceptions=True)


async def _tell(ws: ExchangeWsManager) -> None:
    await asyncio.sleep(FIRST)
    told = ""
    while line := waiting_text(ws.health()):
        if line != told:
            say(line)
            told = line
        await asyncio.sleep(EVERY)


def waiting_text(health: Sequence[ConnectionHealth]) -> str:
    """`subscribed to 600 of 2,000 streams; 60 of 500 order books are complete`; empty where nothing is waited for."""
    streams = [one for connection in health for one in connection.subscriptions]
    books = [one for one in streams if one.book_state is not None]
    there = sum(one.state != "PENDING" for one in streams)
    complete = sum(one.book_state == BookState.SYNCED for one in books)
    if len(streams) <= FEW or (there == len(streams) and complete == len(books)):
        return ""
    parts = [f"subscribed to {there:,} of {len(streams):,} streams"]
    if books:
        parts.append(f"{complete:,} of {len(books):,} order books are complete")
    return f"{'; '.join(parts)}: the venue's limits set the pace"
