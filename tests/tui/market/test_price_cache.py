"""The prices of a whole market are asked for once a minute, however often the picker opens."""

import asyncio

import pytest

from connectors.contracts import Price
from tui.price_cache import FRESH_SECONDS, SHOWN_SECONDS, PriceCache

PLACE = ("binance", "spot", "local")


class Venue:
    def __init__(self) -> None:
        self.asked = 0
        self.answer = asyncio.Event()

    async def __call__(self) -> dict[str, Price]:
        self.asked += 1
        await self.answer.wait()
        return {"BTCUSDT": Price("BTCUSDT", float(self.asked), 0)}


async def test_thirty_openings_are_one_question() -> None:
    now = [0.0]
    venue, cache = Venue(), PriceCache(lambda: now[0])
    assert cache.known(PLACE) is None
    openings = [asyncio.create_task(cache.prices(PLACE, venue)) for _ in range(30)]
    await asyncio.sleep(0)
    openings[0].cancel()
    venue.answer.set()
    answers = await asyncio.gather(*openings, return_exceptions=True)
    assert isinstance(answers[0], asyncio.CancelledError)
    assert venue.asked == 1
    now[0] = FRESH_SECONDS
    assert await cache.prices(PLACE, venue) == answers[1]
    now[0] += 1
    assert cache.known(PLACE) == answers[1]
    assert (await cache.prices(PLACE, venue))["BTCUSDT"].price == 2.0
    now[0] += SHOWN_SECONDS + 1
    assert cache.known(PLACE) is None


async def test_a_refusal_is_told_and_asked_again() -> None:
    cache = PriceCache()

    async def refuse() -> dict[str, Price]:
        raise ValueError("no")

    for _ in range(2):
        with pytest.raises(ValueError, match="no"):
            await cache.prices(PLACE, refuse)
    await cache.prices(("other",), _nothing)
    assert cache.known(("other",)) == {}


async def _nothing() -> dict[str, Price]:
    return {}
