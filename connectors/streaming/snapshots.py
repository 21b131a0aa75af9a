"""Fetching snapshots: few at a time and at a bounded rate, whatever the number of books that ask."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from connectors.contracts.events import OrderBookUpdate
from connectors.streaming.pacing import SlidingWindow

SnapshotFetcher: TypeAlias = Callable[[str], Awaitable[OrderBookUpdate]]
"""Gives a symbol's whole book (`is_snapshot`). Raises a `BarfinexError` where it cannot."""


class SnapshotDesk:
    """Shares one way of fetching snapshots among the books of a connector.

    At most `at_once` requests run together and `limit` start in `period` seconds. A book asks for one at a time.
    """

    def __init__(
        self, fetch: SnapshotFetcher, *, at_once: int = 4, limit: int = 20, period: float = 10.0
    ) -> None:
        self._fetch = fetch
        self._slots = asyncio.Semaphore(at_once)
        self._pace = SlidingWindow(limit, period)

    async def get(self, symbol: str, timeout: float) -> OrderBookUpdate:
        """A snapshot taken after this call. Raises `TimeoutError` (waiting for a slot not counted) and what the
        fetcher raises."""
        async with self._slots:
            await self._pace.turn()
            async with asyncio.timeout(timeout):
                return await self._fetch(symbol)
