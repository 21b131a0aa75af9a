import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.contracts import Candle, TimeFrame
from tests.tui.market.scripted import START, candles, instrument
from tui.formatting import Precision
from tui.widgets.candle_glyphs import Span, cells
from tui.widgets.chart_rows import ZOOMS, ChartPlot, ChartShape, Cursor, candle_line
from tui.widgets.chart_scale import PriceScale, nice_step, time_labels
from tui.widgets.rows import row_text, row_width

BTC = Precision.of(instrument())


def candle(
    low: float, opened: float, close: float, high: float, index: int = 0, volume: float = 1.0
) -> Candle:
    return Candle("BTCUSDT", "1m", START + index * 60_000, opened, high, low, close, volume, True)


def test_a_rising_candle_is_hollow_and_a_falling_one_filled() -> None:
    span = Span(high=0, body_top=2, body_bottom=5, low=7, rising=True)
    assert list(cells(span, 1)) == [(0, "│"), (1, "┃"), (2, "┃"), (3, "│")]
    assert list(cells(span, 3)) == [(0, " │ "), (1, "┌┴┐"), (2, "└┬┘"), (3, " │ ")]
    falling = Span(0, 2, 5, 7, rising=False)
    assert list(cells(falling, 1)) == [(0, "│"), (1, "█"), (2, "█"), (3, "│")]
    assert list(cells(falling, 3)) == [(0, " │ "), (1, "███"), (2, "███"), (3, " │ ")]


def test_bodies_and_wicks_are_drawn_to_half_a_cell() -> None:
    assert list(cells(Span(1, 3, 4, 6, rising=True), 1)) == [(0, "╷"), (1, "╽"), (2, "╿"), (3, "╵")]
    assert list(cells(Span(1, 3, 4, 6, rising=False), 1)) == [(0, "╷"), (1, "▄"), (2, "▀"), (3, "╵")]
    assert list(cells(Span(3, 3, 3, 3, rising=True), 1)) == [(1, "╻")]


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
    body_row = halves[1] // 2
    assert dict(drawn)[body_row] != dict(other)[body_row]


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
    labels = time_labels(shown, 2, 60_000)
    assert labels[0][1] == "22:10"
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
            rows = ChartPlot(shown, shape, BTC, TimeFrame.M1).rows(shown[-1].close, cursor)
            assert [row_width(row) for row in rows] == [width] * height


def test_a_small_chart_in_full() -> None:
    shown = [
        candle(98, 99, 101, 102, 0, 2.0),
        candle(97, 101, 98, 101, 1, 4.0),
        candle(98, 98, 103, 104, 2, 1.0),
    ]
    shape = ChartShape.of(20, 8, 8, 1)
    rows = [row_text(row) for row in ChartPlot(shown, shape, BTC, TimeFrame.M1).rows(103.0)]
    assert rows == [
        "╌╌╌╌╌╌╌╌╌╌╽╌ 103.00 ",
        "      ╷   ┃         ",
        "┈┈┈┈┈┈┃┈█┈┃┈ 100.00 ",
        "      ╿ █ ┃         ",
        "      ╵ ▀ ╹         ",
        "        █    4.0000 ",
        "      █ █ ▄  vol    ",
        "                UTC ",
    ]


def test_a_plot_whose_price_moves_is_as_one_drawn_anew() -> None:
    shown = candles(30)
    shape = ChartShape.of(60, 20, 11, 1)
    kept = ChartPlot(shown, shape, BTC, TimeFrame.M1)
    before = kept.rows(shown[-1].close)
    for last, cursor in (
        (shown[-1].high, None),
        (None, Cursor(3, shown[3].low)),
        (shown[-1].low, Cursor(4, shown[4].low)),
        (shown[-1].low, None),
    ):
        assert kept.rows(last, cursor) == ChartPlot(shown, shape, BTC, TimeFrame.M1).rows(last, cursor)
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
