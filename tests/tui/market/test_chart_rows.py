from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.contracts import Candle, TimeFrame
from tests.tui.market.scripted import START, candles, instrument
from tui.candle_series import CandleSeries
from tui.formatting import Precision
from tui.widgets.candle_glyphs import Span, cells
from tui.widgets.chart_rows import ZOOMS, ChartPlot, ChartShape, Cursor, candle_line, place_line
from tui.widgets.chart_scale import PriceScale, nice_step, time_labels
from tui.widgets.chart_view import ChartView, Empty, view_of
from tui.widgets.rows import row_text, row_width

BTC = Precision.of(instrument())


def candle(
    low: float, opened: float, close: float, high: float, index: int = 0, volume: float = 1.0
) -> Candle:
    return Candle("BTCUSDT", "1m", START + index * 60_000, opened, high, low, close, volume, True)


def test_a_rising_candle_is_hollow_and_a_falling_one_filled() -> None:
    span = Span(high=0, body_top=2, body_bottom=5, low=7, rising=True)
    assert list(cells(span, 1)) == [(0, "│"), (1, "▒"), (2, "▒"), (3, "│")]
    assert list(cells(span, 3)) == [(0, " │ "), (1, "▛▀▜"), (2, "▙▄▟"), (3, " │ ")]
    assert [text for _, text in cells(Span(2, 2, 7, 7, rising=True), 5)] == ["▛▀▀▀▜", "▌   ▐", "▙▄▄▄▟"]
    falling = Span(0, 2, 5, 7, rising=False)
    assert list(cells(falling, 1)) == [(0, "│"), (1, "█"), (2, "█"), (3, "│")]
    assert list(cells(falling, 3)) == [(0, " │ "), (1, "███"), (2, "███"), (3, " │ ")]


def test_bodies_and_wicks_are_drawn_to_half_a_cell() -> None:
    assert list(cells(Span(1, 3, 4, 6, rising=True), 3)) == [(0, " ╷ "), (1, "▄ ▄"), (2, "▀ ▀"), (3, " ╵ ")]
    assert list(cells(Span(1, 3, 6, 6, rising=True), 3)) == [(0, " ╷ "), (1, "▄▄▄"), (2, "▌ ▐"), (3, "▀▀▀")]
    assert list(cells(Span(1, 3, 4, 6, rising=False), 1)) == [(0, "╷"), (1, "▄"), (2, "▀"), (3, "╵")]
    assert list(cells(Span(3, 3, 3, 3, rising=True), 1)) == [(1, "▒")]


@settings(max_examples=100)
@given(
    st.lists(st.integers(0, 60), min_size=4, max_size=4).map(sorted),
    st.booleans(),
    st.sampled_from([1, 3, 5]),
)
def test_both_directions_touch_the_same_rows_in_full_width(
    halves: list[int], rising: bool, body: int
) -> None:
    drawn = list(cells(Span(*halves, rising=rising), body))
    assert [row for row, _ in drawn] == list(range(halves[0] // 2, halves[3] // 2 + 1))
    assert all(len(text) == body for _, text in drawn)
    other = list(cells(Span(*halves, rising=not rising), body))
    assert drawn != other, "the direction shows without colour"
    wicks = set("│╷╵ ")
    for (_, mine), (_, theirs) in zip(drawn, other, strict=True):
        assert (set(mine) <= wicks) == (set(theirs) <= wicks), "bodies are of one height"


@pytest.mark.parametrize(("wanted", "step"), [(0.7, 1), (1.2, 2), (23, 50), (0.0003, 0.01), (51, 100)])
def test_ticks_are_round(wanted: float, step: float) -> None:
    assert nice_step(wanted, 0.01) == pytest.approx(step)


def test_a_scale_holds_every_candle_and_a_flat_market_too() -> None:
    flat = PriceScale.of([candle(100, 100, 100, 100)], 10, 0.01)
    assert flat.low < 100 < flat.high
    assert flat.half(100) == 10
    assert flat.half(1e9) == 0
    assert flat.half(-1e9) == 19


def test_time_labels_are_round_and_never_touch() -> None:
    shown = candles(120)
    labels = time_labels([one.timestamp for one in shown], 2, 60_000)
    assert labels[0][1] == "22:05"
    assert labels[-1][1] == "23 Nov"
    ends = [column + len(text) for column, text in labels]
    assert all(end < start for end, (start, _) in zip(ends, labels[1:], strict=False))


@pytest.mark.parametrize("zoom", range(len(ZOOMS)))
@pytest.mark.parametrize(("width", "height"), [(20, 3), (20, 8), (40, 12), (79, 10), (140, 50)])
def test_every_row_is_exactly_as_wide_as_the_pane(width: int, height: int, zoom: int) -> None:
    shape = ChartShape.of(width, height, 11, zoom)
    for count in (1, 7, shape.capacity):
        shown = candles(min(count, shape.capacity))
        for cursor in (None, Cursor(0, shown[0].close), Cursor(len(shown) - 1, shown[-1].high)):
            rows = ChartPlot(ChartView.of(shown), shape, BTC, TimeFrame.M1).rows(shown[-1].close, cursor)
            assert [row_width(row) for row in rows] == [width] * height


def test_a_small_chart_in_full() -> None:
    shown = [
        candle(98, 99, 101, 102, 0, 2.0),
        candle(97, 101, 98, 101, 1, 4.0),
        candle(98, 98, 103, 104, 2, 1.0),
    ]
    shape = ChartShape.of(20, 12, 8, 1)
    rows = [row_text(row) for row in ChartPlot(ChartView.of(shown), shape, BTC, TimeFrame.M1).rows(103.0)]
    assert rows == [
        "┈┈┈┈┈┈┈┈┈┈│┈ 104.00 ",
        "╌╌╌╌╌╌╌╌╌╌▒╌ 103.00 ",
        "┈┈┈┈┈┈╷┈┈┈▒┈ 102.00 ",
        "      ▒ ▄ ▒         ",
        "      ▒ █ ▒         ",
        "┈┈┈┈┈┈▒┈█┈▒┈ 100.00 ",
        "      ▒ █ ▒         ",
        "┈┈┈┈┈┈╵┈▀┈▒┈ 98.00  ",
        "        │           ",
        "        █    4.0000 ",
        "      █ █ ▄  vol    ",
        "                UTC ",
    ]


@pytest.mark.parametrize("rows", range(6, 60))
@pytest.mark.parametrize("moved", [0.9, 3.0, 17.0, 480.0, 9_999.0])
def test_the_axis_has_several_round_prices_whatever_its_height(rows: int, moved: float) -> None:
    ticks = PriceScale.of([candle(65_000, 65_000, 65_000 + moved, 65_000 + moved)], rows, 0.01).ticks(0.01)
    assert len(ticks) >= 4, "one of them may stand where the last price does"
    assert len(ticks) <= max(9, rows // 2 + 3)
    (step,) = {round(later - earlier, 6) for earlier, later in pairwise(ticks.values())}
    assert f"{step:e}"[0] in "125"


def test_a_market_that_hardly_moved_has_the_prices_that_there_are() -> None:
    ticks = PriceScale.of([candle(100, 100, 100.01, 100.01)], 12, 0.01).ticks(0.01)
    assert [round(price, 2) for price in ticks.values()] == [99.98, 99.99, 100.0, 100.01, 100.02, 100.03]


def test_the_time_axis_has_several_times_where_eighty_columns_are() -> None:
    for slot, _ in ZOOMS[:2]:
        shown = candles(68 // slot)
        assert len(time_labels([one.timestamp for one in shown], slot, 60_000)) >= 3


def test_a_hole_keeps_its_place_and_says_what_it_is() -> None:
    series = CandleSeries(TimeFrame.M1)
    made = [candle(98, 99, 101, 102, index) for index in range(10)]
    series.merge([one for index, one in enumerate(made) if index not in (3, 4, 7)])
    series.merge([], answers=(made[7].timestamp, made[8].timestamp))
    view = view_of(series, None, 8)
    assert view.times == [one.timestamp for one in made[2:]]
    assert list(view.places) == [
        *(made[2], Empty.MISSING, Empty.MISSING, made[5], made[6], Empty.NONE_THERE, made[8], made[9])
    ]
    assert view.earlier == 2
    rows = ChartPlot(view, ChartShape.of(16, 8, 99, 1), BTC, TimeFrame.M1).rows()
    top, bottom = row_text(rows[0]), row_text(rows[-2])
    assert top[2:6] == "░░░░"
    assert "░" not in top[:2] + top[6:]
    assert bottom[10] == "·"
    line = place_line(Empty.MISSING, view.times[1], BTC, TimeFrame.M1, 40, pinned=True)
    assert row_text(line).rstrip() == " 11-23 00:03  missing"


def test_a_view_never_passes_the_edges_and_may_lie_in_a_hole() -> None:
    series = CandleSeries(TimeFrame.M1)
    series.merge([candle(98, 99, 101, 102, index) for index in (*range(5), *range(40, 45))])
    assert len(view_of(series, None, 100).places) == 45
    assert view_of(series, START - 10**9, 10).times[0] == START
    inside = view_of(series, START + 30 * 60_000, 10)
    assert set(inside.places) == {Empty.MISSING}
    assert inside.nearest is series.candles[4]
    ChartPlot(inside, ChartShape.of(20, 8, 99, 1), BTC, TimeFrame.M1).rows()


def test_a_plot_whose_price_moves_is_as_one_drawn_anew() -> None:
    shown = candles(30)
    shape = ChartShape.of(60, 20, 11, 1)
    kept = ChartPlot(ChartView.of(shown), shape, BTC, TimeFrame.M1)
    before = kept.rows(shown[-1].close)
    for last, cursor in (
        (shown[-1].high, None),
        (None, Cursor(3, shown[3].low)),
        (shown[-1].low, Cursor(4, shown[4].low)),
        (shown[-1].low, None),
    ):
        assert kept.rows(last, cursor) == ChartPlot(ChartView.of(shown), shape, BTC, TimeFrame.M1).rows(
            last, cursor
        )
    same = kept.rows(shown[-1].close)
    assert same == before
    assert sum(one is other for one, other in zip(kept.rows(shown[-1].close), same, strict=True)) == len(same)


def test_the_figures_of_a_candle_fit_the_width() -> None:
    shown = candle(97.5, 98, 101.25, 102, volume=1234.5)
    full = row_text(candle_line(shown, BTC, TimeFrame.M1, 100, pinned=False))
    assert full.rstrip() == " 11-23 00:00  O 98.00 H 102.00 L 97.50 C 101.25 V 1234.50 ▲ +3.32%"
    assert (
        row_text(candle_line(shown, BTC, TimeFrame.M1, 24, pinned=False)).rstrip() == " 11-23 00:00  C 101.25"
    )
    for width in range(10, 100):
        assert row_width(candle_line(shown, BTC, TimeFrame.D1, width, pinned=True)) == width
