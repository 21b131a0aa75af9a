import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.contracts import Trade
from tests.tui.market.scripted import START, instrument
from tui.formatting import Precision
from tui.widgets.rows import bar, fit, message_rows, row_text, row_width
from tui.widgets.tape_rows import TapeColumns, copied_text, tape_header, trade_row

BTC = Precision.of(instrument())
BUY = Trade("BTCUSDT", 65_000.5, 0.25, START + 1_234, "buy", "1")
SELL = Trade("BTCUSDT", 64_999.99, 1.0, START, "sell", "2")


def row(trade: Trade, width: int, **changes: float) -> str:
    columns = TapeColumns.of(width, 9)
    return row_text(trade_row(trade, BTC, columns, width, largest=changes.get("largest", 1.0), mean=0.1))


def test_a_trade_in_full() -> None:
    assert row(SELL, 46) == "00:00:00.000 ▼ 64,999.99    1.00000◆██████████"


def test_columns_go_as_the_pane_narrows() -> None:
    assert row(BUY, 36).startswith("00:00:01 ▲ 65,000.50    0.25000 ")
    assert row(BUY, 22) == "▲ 65,000.50    0.25000"
    assert row(BUY, 20) == "▲ 65,000.50  0.25000"


@pytest.mark.parametrize("width", range(20, 60))
def test_rows_and_header_are_as_wide_as_the_pane(width: int) -> None:
    columns = TapeColumns.of(width, 9)
    assert row_width(tape_header(columns, width)) == width
    assert len(row(BUY, width)) == width


def test_the_clipboard_gets_full_figures() -> None:
    assert copied_text(BUY, BTC) == "00:00:01.234\tBTCUSDT\tbuy\t65000.50\t0.25000"


@settings(max_examples=100)
@given(st.floats(0, 1e12), st.floats(0, 1e12), st.integers(0, 80))
def test_a_bar_is_never_wider_than_its_place(value: float, largest: float, width: int) -> None:
    assert len(bar(value, largest, width)) == width


def test_a_small_amount_still_shows() -> None:
    assert bar(1, 1_000_000, 10) == "▏         "


@settings(max_examples=80)
@given(st.text(max_size=30), st.integers(0, 30))
def test_wide_glyphs_are_never_split(text: str, width: int) -> None:
    text = "".join(char for char in text if char.isprintable())
    assert row_width(((fit(text, width), "text"),)) == width


def test_wide_glyphs_fit() -> None:
    assert fit("日本語取引所", 7) == "日本語…"
    assert fit("日本語取引所", 6) == "日本 …"


@pytest.mark.parametrize("width", [1, 5, 20, 40])
@pytest.mark.parametrize("height", [1, 3, 9])
def test_a_message_fills_its_pane_and_no_more(width: int, height: int) -> None:
    rows = message_rows(
        [("✗ 503 the venue is under maintenance", "error"), ("press r", "muted")], width, height
    )
    assert [row_width(row) for row in rows] == [width] * height
