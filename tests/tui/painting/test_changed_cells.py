from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.widgets.changed_cells import _ONE_CELL_EACH, changed_cells
from tui.widgets.rows import EIGHTHS, LOWER_EIGHTHS, Row, crop, row_text

WIDTH = 40
runs = st.lists(
    st.tuples(st.text("01 .,█▌╌▲世é\u0301", max_size=12), st.sampled_from(["text", "bid", "ask"])),
    max_size=8,
)
rows = runs.map(lambda made: crop(made, WIDTH, "text"))
one_cell_runs = st.lists(
    st.tuples(st.text("01█▌", max_size=12), st.sampled_from(["text", "bid"])), max_size=6
)
one_cell_rows = one_cell_runs.map(lambda made: crop(made, WIDTH, "text"))


def cells(row: Row) -> list[tuple[str, str]]:
    """Cell by cell: what begins there (nothing in a wide glyph's second cell), and its style."""
    made: list[tuple[str, str]] = []
    for text, style in row:
        for glyph in text:
            width = cell_len(glyph)
            if width:
                made += [(glyph, style), *[("", style)] * (width - 1)]
            elif made:
                made[-1] = (made[-1][0] + glyph, made[-1][1])
    return made


@given(rows, rows)
def test_painting_the_changed_cells_makes_the_one_row_the_other(before: Row, after: Row) -> None:
    shown, wanted = cells(before), cells(after)
    for first, end in changed_cells(before, after):
        shown[first:end] = wanted[first:end]
    assert shown == wanted


@given(one_cell_rows)
def test_nothing_is_painted_where_nothing_changed(row: Row) -> None:
    alone = tuple((glyph, style) for text, style in row for glyph in text)
    assert changed_cells(row, alone) == []


@given(one_cell_rows, one_cell_rows)
def test_a_part_begins_and_ends_with_a_changed_cell(before: Row, after: Row) -> None:
    old, new = cells(before), cells(after)
    parts = changed_cells(before, after)
    for first, end in parts:
        assert old[first] != new[first]
        assert old[end - 1] != new[end - 1]
    for (_, end), (first, _) in pairwise(parts):
        assert first - end > 8


def test_digits_and_a_bars_end_are_told_apart() -> None:
    before = ((" 31.43809  ", "muted"), (" " + "█" * 12 + "▌  ", "bid.bar"))
    after = ((" 32.93809  ", "muted"), (" " + "█" * 12 + "▊  ", "bid.bar"))
    assert changed_cells(before, after) == [(2, 5), (24, 25)]


def test_a_change_of_style_alone_is_a_change() -> None:
    assert changed_cells((("12345", "text"),), (("12", "text"), ("34", "bold"), ("5", "text"))) == [(2, 4)]


def test_no_part_of_a_row_with_a_wide_glyph_is_painted_alone() -> None:
    assert changed_cells((("世 12", "text"),), (("世 13", "text"),)) == [(0, 5)]


def test_every_character_that_is_counted_takes_one_cell() -> None:
    counted = [chr(point) for point in range(0x11_0000) if _ONE_CELL_EACH.fullmatch(chr(point))]
    assert all(cell_len(one) == 1 for one in counted)
    assert set("".join((*EIGHTHS, *LOWER_EIGHTHS, "▲▼▴▾╌┈┊│╷╵┃╽╿╻╹─·…–✓✗◆"))) <= set(counted)


def test_a_row_is_as_long_as_it_is_wide() -> None:
    assert len(row_text(crop([("12", "text")], WIDTH, "text"))) == WIDTH
