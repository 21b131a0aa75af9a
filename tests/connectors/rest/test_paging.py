"""Candle history page by page, against a venue that is a list."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contracts import Candle, TimeFrame
from connectors.contracts.errors import BadResponse
from connectors.rest.paging import end_of, page_candles

MINUTE = 60_000


def candle(place: int, length: int = MINUTE) -> Candle:
    return Candle("X", "1m", place * length, 1.0, 2.0, 0.5, 1.5, 1.0, closed=True)


class Venue:
    def __init__(self, candles: Sequence[Candle]) -> None:
        self.candles = candles
        self.asked: list[tuple[int, int | None]] = []

    async def page(self, wanted: int, until: int | None) -> list[Candle]:
        self.asked.append((wanted, until))
        return [one for one in self.candles if until is None or one.timestamp <= until][-wanted:]


@given(
    listed=st.integers(0, 60),
    limit=st.integers(0, 70),
    most=st.integers(1, 20),
    end=st.none() | st.integers(0, 65 * MINUTE),
)
async def test_exactly_the_newest_that_end_in_time_come_oldest_first(
    listed: int, limit: int, most: int, end: int | None
) -> None:
    venue = Venue([candle(place) for place in range(listed)])
    got = await page_candles(
        venue.page, TimeFrame.M1, limit=limit, end_time=end, most=most, venue="The venue"
    )
    in_time = [one for one in venue.candles if end is None or one.timestamp + MINUTE - 1 <= end]
    assert got == (in_time[-limit:] if limit else [])
    assert all(wanted <= most for wanted, _ in venue.asked)


async def test_a_page_out_of_order_is_refused() -> None:
    venue = Venue([candle(2), candle(1), candle(3)])
    with pytest.raises(BadResponse, match="The venue's candles are out of order"):
        await page_candles(venue.page, TimeFrame.M1, limit=3, end_time=None, most=10, venue="The venue")


async def test_a_page_newer_than_asked_for_is_refused() -> None:
    async def always(wanted: int, until: int | None) -> list[Candle]:
        return [candle(9)]

    with pytest.raises(BadResponse, match="newer than was asked for"):
        await page_candles(always, TimeFrame.M1, limit=3, end_time=5 * MINUTE, most=1, venue="The venue")


def test_a_month_ends_with_the_calendars() -> None:
    january, february = 1_704_067_200_000, 1_706_745_600_000
    assert end_of(january, TimeFrame.MN1) == february - 1
    assert end_of(1_733_011_200_000, TimeFrame.MN1) == 1_735_689_600_000 - 1, "December"
    assert end_of(january, TimeFrame.D1) == january + 86_400_000 - 1
