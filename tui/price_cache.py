"""The prices of a whole market, asked for seldom: one answer costs a venue's budget as much as many orders do."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.contracts import Price  # after the first paint

FRESH_SECONDS = 60.0
SHOWN_SECONDS = 600.0
"""Older ones are not shown while the new ones are on their way."""

Place = tuple[str, ...]


class PriceCache:
    """One answer a place, whoever asks; it is waited for by all who ask meanwhile, and outlives them."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: dict[Place, tuple[float, Mapping[str, Price]]] = {}
        self._asked: dict[Place, asyncio.Task[Mapping[str, Price]]] = {}

    def known(self, place: Place, seconds: float = SHOWN_SECONDS) -> "Mapping[str, Price] | None":
        """What was answered there, if that is no older."""
        if place not in self._known:
            return None
        at, prices = self._known[place]
        return prices if self._clock() - at <= seconds else None

    async def prices(
        self, place: Place, ask: "Callable[[], Awaitable[Mapping[str, Price]]]"
    ) -> "Mapping[str, Price]":
        """Raises what `ask` raises."""
        if (fresh := self.known(place, FRESH_SECONDS)) is not None:
            return fresh
        asked = self._asked.get(place)
        if asked is None or asked.done():
            asked = asyncio.create_task(self._ask(place, ask), name="prices")
            self._asked[place] = asked
        return await asyncio.shield(asked)

    async def _ask(
        self, place: Place, ask: "Callable[[], Awaitable[Mapping[str, Price]]]"
    ) -> "Mapping[str, Price]":
        prices = await ask()
        self._known[place] = (self._clock(), prices)
        return prices
