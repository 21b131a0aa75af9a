from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tui.market.scripted import instrument
from tui.formatting import Precision, age, change, change_text, clock_text, compact, fixed

BTC = Precision.of(instrument())


@pytest.mark.parametrize(
    ("units", "decimals", "text"),
    [
        (6500012, 2, "65,000.12"),
        (5, 5, "0.00005"),
        (-123, 2, "-1.23"),
        (1234567, 0, "1,234,567"),
        (0, 2, "0.00"),
    ],
)
def test_whole_numbers_are_written_out_exactly(units: int, decimals: int, text: str) -> None:
    assert fixed(units, decimals) == text


@given(st.integers(0, 10**13), st.sampled_from(["0.01", "0.5", "0.00000001", "1", "25", "0.0025"]))
def test_a_price_on_the_tick_goes_to_ticks_and_back_exactly(ticks: int, tick: str) -> None:
    ticks %= 10**9
    precision = Precision.of(instrument(tick=tick))
    price = Decimal(tick) * ticks
    assert precision.ticks(float(price)) == ticks
    assert Decimal(precision.price(ticks).replace(",", "")) == price


@given(st.floats(0, 1e15, allow_nan=False), st.integers(5, 12))
def test_compact_numbers_keep_to_their_width(value: float, width: int) -> None:
    assert len(compact(value, width)) <= width


@given(st.integers(0, 10**15), st.integers(5, 14))
def test_quantities_keep_to_their_width(units: int, width: int) -> None:
    assert len(BTC.quantity(units, width)) <= width


@pytest.mark.parametrize(
    ("value", "width", "text"),
    [
        (12.3456, 6, "12.346"),
        (1234.5, 6, "1234.5"),
        (12345.6, 6, "12.35k"),
        (4_560_000, 5, "4.56M"),
        (0, 5, "0.000"),
        (1e-8, 6, "1.0e-8"),
        (1.234e-8, 7, "1.23e-8"),
        (-1e-8, 7, "-1.0e-8"),
        (1e-12, 5, "1e-12"),
        (0.0123, 6, "0.0123"),
        (0.5, 5, "0.500"),
        (0.001, 5, "0.001"),
    ],
)
def test_compact_numbers(value: float, width: int, text: str) -> None:
    assert compact(value, width) == text


def test_ages_change_unit_with_size() -> None:
    assert [age(s) for s in (None, 0.44, 12, 119, 121, 7_300, 200_000)] == [
        "–", "0.4s", "12s", "119s", "2m", "2h", "2d",
    ]  # fmt: skip


def test_a_change_is_told_by_arrow_and_sign() -> None:
    assert change_text(change(100, 101.234)) == "▲ +1.23%"
    assert change_text(change(100, 99.5)) == "▼ -0.50%"
    assert change_text(change(100, 100)) == "• +0.00%"
    assert change_text(change(0, 100)) == ""


def test_times_are_utc_and_nonsense_is_not_a_crash() -> None:
    assert clock_text(1_711_800_000_123, milliseconds=True) == "12:00:00.123"
    assert clock_text(10**18) == "–"
