from collections.abc import Sequence
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.contracts import BookState, Level, OrderBook
from tests.tui.market.scripted import instrument
from tui.formatting import Precision
from tui.widgets.ladder_rows import (
    STEPS,
    Ladder,
    group,
    ladder_rows,
    make_ladder,
    price_width,
    spread_index,
    visible,
)
from tui.widgets.rows import row_text, row_width

BTC = Precision.of(instrument())
BOOK = OrderBook(
    "BTCUSDT",
    BookState.SYNCED,
    [(100.00, 1.0), (99.97, 2.0), (99.90, 0.5)],
    [(100.02, 0.1), (100.03, 0.2), (100.11, 4.0)],
    0,
)


def ladder(step: int = 1, book: OrderBook = BOOK) -> Ladder:
    return make_ladder(book, BTC, step, depth=50)


def test_the_spread_stands_between_asks_and_bids() -> None:
    rows = [row_text(row) for row in ladder_rows(ladder(), BTC, 46, 7)]
    assert rows == [
        "▾ 100.11    4.00000    4.30000 ███████████████",
        "▾ 100.03    0.20000    0.30000 █              ",
        "▼ 100.02    0.10000    0.10000 ▍              ",
        "── mid 100.01 ── spread 0.02 · 2.00 bp ───────",
        "▲ 100.00    1.00000    1.00000 ███▌           ",
        "▴  99.97    2.00000    3.00000 ██████████▌    ",
        "▴  99.90    0.50000    3.50000 ████████████▎  ",
    ]


def test_prices_are_as_wide_as_the_longest_in_sight() -> None:
    book = OrderBook("BTCUSDT", BookState.SYNCED, [(999.98, 1.0)], [(999.99, 1.0), (1_000.00, 1.0)], 0)
    high = ladder(book=book)
    assert price_width(visible(high, 5, None), BTC) == len("1,000.00")
    assert price_width(visible(high, 3, None), BTC) == len("999.99")
    assert row_text(ladder_rows(high, BTC, 46, 5)[1]).startswith("▼   999.99 ")
    assert row_text(ladder_rows(high, BTC, 46, 3)[0]).startswith("▼ 999.99 ")


def test_no_decimal_error_gathers_in_a_group() -> None:
    levels = [(0.1 + 0.01 * count, 0.1) for count in range(3)]
    rungs = group(levels, BTC, 10, up=True)
    assert [(rung.ticks, rung.quantity) for rung in rungs] == [(10, 10_000), (20, 20_000)]


def test_groups_never_look_better_than_the_book() -> None:
    grouped = ladder(5)
    assert grouped.asks[0].ticks >= 10_002
    assert grouped.bids[0].ticks <= 10_000
    assert [rung.ticks for rung in grouped.asks] == [10_005, 10_010, 10_015]
    assert [rung.quantity for rung in grouped.asks] == [30_000, 0, 400_000]


def test_empty_prices_between_groups_are_blank_rows() -> None:
    rows = [row_text(row) for row in ladder_rows(ladder(5), BTC, 40, 7)]
    assert rows[1].split()[:2] == ["▾", "100.10"]
    assert len(rows[1].split()) == 2


@pytest.mark.parametrize("height", [1, 2, 3, 10, 41])
@pytest.mark.parametrize("width", [20, 24, 32, 46, 60])
def test_rows_are_as_many_and_as_wide_as_asked(width: int, height: int) -> None:
    for step in (1, 5, 100):
        for book in (BOOK, OrderBook("X", BookState.SYNCED, [], [], 0)):
            rows = ladder_rows(ladder(step, book), BTC, width, height)
            assert [row_width(row) for row in rows] == [width] * height


def test_at_twenty_columns_price_and_size_are_left() -> None:
    rows = [row_text(row) for row in ladder_rows(ladder(), BTC, 20, 3)]
    assert rows[0] == "▼ 100.02    0.10000 "


def test_an_anchor_holds_a_price_in_the_middle() -> None:
    rows = [row_text(row) for row in ladder_rows(ladder(), BTC, 46, 5, anchor=10_011)]
    assert "100.11" in rows[2]
    rows = [row_text(row) for row in ladder_rows(ladder(), BTC, 46, 5, anchor=9_997)]
    assert "99.97" in rows[2]


def test_a_one_sided_book_says_so() -> None:
    book = OrderBook("BTCUSDT", BookState.SYNCED, [(1.0, 1.0)], [], 0)
    assert "no asks" in row_text(ladder_rows(ladder(1, book), BTC, 30, 3)[1])


def cut_book(**changes: object) -> OrderBook:
    return msgspec.structs.replace(BOOK, **{"known_bid": 99.88, "known_ask": 100.11, **changes})


def test_behind_the_last_level_that_is_known_stands_that_more_is_not() -> None:
    rows = [row_text(row).rstrip("╌ ") for row in ladder_rows(ladder(book=cut_book()), BTC, 46, 11)]
    assert rows[0] == ""
    assert rows[1] == "╌ not known beyond 100.11"
    assert rows[2].startswith("▾ 100.11")
    assert rows[8].startswith("▴  99.90")
    assert rows[9:] == ["╌ not known beyond 99.88", ""]
    narrow = [row_text(row) for row in ladder_rows(ladder(book=cut_book()), BTC, 20, 11)]
    assert narrow[1] == "╌ unknown past 100.11 "[:20] or narrow[1].startswith("╌ unknown ")


def test_a_view_that_was_not_read_to_its_end_does_not_say_where_the_book_ends() -> None:
    made = make_ladder(cut_book(), BTC, 1, depth=3)
    assert made.cut
    assert (made.ask_edge, made.bid_edge) == (None, None)


def test_a_group_that_reaches_beyond_what_is_known_is_not_shown_as_whole() -> None:
    grouped = ladder(5, cut_book())
    assert [rung.ticks for rung in grouped.asks] == [10_005, 10_010]
    assert [rung.ticks for rung in grouped.bids if rung.quantity] == [10_000, 9_995, 9_990]
    assert [rung.ticks for rung in ladder(5, cut_book(known_bid=99.92)).bids][-1] >= 9_992


def test_a_side_that_is_not_known_is_not_called_empty() -> None:
    rows = [row_text(row) for row in ladder_rows(ladder(book=cut_book(bids=[])), BTC, 46, 5)]
    assert "bids not known" in rows[2]
    assert rows[3].startswith("╌ not known beyond 99.88")
    assert "not known" in row_text(ladder_rows(ladder(book=cut_book(bids=[], asks=[])), BTC, 46, 3)[1])


def test_a_mid_price_may_lie_on_half_a_tick() -> None:
    book = OrderBook("BTCUSDT", BookState.SYNCED, [(100.00, 1.0)], [(100.01, 1.0)], 0)
    assert "mid 100.005" in row_text(ladder_rows(ladder(1, book), BTC, 46, 3)[1])


book_sides = st.lists(
    st.tuples(st.integers(1, 2_000), st.integers(1, 10**7)), max_size=60, unique_by=lambda level: level[0]
)


def as_levels(side: Sequence[tuple[int, int]], *, up: bool) -> list[Level]:
    return [
        (float(Decimal(ticks).scaleb(-2)), float(Decimal(units).scaleb(-5)))
        for ticks, units in sorted(side, reverse=not up)
    ]


@settings(max_examples=60)
@given(book_sides, st.sampled_from(STEPS[:12]), st.booleans(), st.booleans())
def test_grouping_conserves_quantity(side: list[tuple[int, int]], step: int, up: bool, fill: bool) -> None:
    rungs = group(as_levels(side, up=up), BTC, step, up=up, fill=fill)
    assert sum(rung.quantity for rung in rungs) == sum(units for _, units in side)
    assert all(rung.ticks % step == 0 for rung in rungs)
    prices = [rung.ticks for rung in rungs]
    assert prices == sorted(set(prices), reverse=not up)
    assert not rungs or rungs[-1].cumulative == sum(units for _, units in side)


@settings(max_examples=60)
@given(book_sides, book_sides, st.sampled_from(STEPS[:9]), st.integers(20, 70), st.integers(1, 30), st.data())
def test_every_row_is_exactly_as_wide_as_the_pane(
    bids: list[tuple[int, int]],
    asks: list[tuple[int, int]],
    step: int,
    width: int,
    height: int,
    data: st.DataObject,
) -> None:
    book = OrderBook(
        "BTCUSDT",
        BookState.SYNCED,
        as_levels(bids, up=False),
        as_levels([(ticks + 2_000, units) for ticks, units in asks], up=True),
        0,
    )
    made = make_ladder(book, BTC, step, 100)
    anchor = data.draw(st.none() | st.integers(0, 4_100))
    rows = ladder_rows(made, BTC, width, height, anchor=anchor)
    assert [row_width(row) for row in rows] == [width] * height
    if anchor is None:
        assert spread_index(made, height, None) == height // 2
