from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contracts.errors import BadFrame
from connectors.rest.numbers import decimal_of

plain = st.decimals(min_value=-(10**17), max_value=10**17, places=8, allow_nan=False, allow_infinity=False)


@given(plain)
def test_a_plain_number_is_read_exactly(number: Decimal) -> None:
    assert decimal_of(f"{number:f}") == number


def test_trailing_zeros_are_kept() -> None:
    assert str(decimal_of("0.00100000")) == "0.00100000"


@pytest.mark.parametrize(
    "text",
    [
        "NaN", "sNaN", "Infinity", "-inf", "", " 1", "1 ", "1_000", "0x10", "1e1000000", ".", "+", "+.", ".e1", "1e",
        "1e999", "１２", "٣", "--1", "+-1", "1e18", "1" * 31, "9" * 5000, "1.5\n", "\x1b[31m1", "1,5", "1.2.3",
    ],
)  # fmt: skip
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(BadFrame):
        decimal_of(text)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        (".01", "0.01"),
        ("5.", "5"),
        ("+1", "1"),
        ("-.5", "-0.5"),
        ("007", "7"),
        ("+1.5e-3", "0.0015"),
        ("1E+2", "100"),
    ],
)
def test_any_decimal_notation_is_a_number(text: str, number: str) -> None:
    assert decimal_of(text) == Decimal(number)


@given(st.text(max_size=80))
def test_whatever_is_accepted_is_finite_and_small(text: str) -> None:
    try:
        number = decimal_of(text)
    except BadFrame:
        return
    assert number.is_finite()
    assert abs(number) < Decimal("1e18")
