import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from connectors.contracts.errors import BadFrame
from connectors.venues.binance.symbols import SymbolTable


@pytest.mark.parametrize(
    ("venue", "normal"),
    [
        ("BTCUSDT", "BTCUSDT"),
        ("btcusdt", "BTCUSDT"),
        ("BTCUSDT_260925", "BTCUSDT260925"),
        ("1000SATSUSDT", "1000SATSUSDT"),
        ("币USDT", "%E5%B8%81USDT"),
    ],
)
def test_normal_form(venue: str, normal: str) -> None:
    assert SymbolTable()[venue] == normal


@given(st.text(max_size=70))
def test_a_symbol_is_refused_or_plain_ascii(text: str) -> None:
    try:
        normal = SymbolTable()[text]
    except BadFrame:
        return
    assert normal
    assert normal.isascii()
    assert normal.isprintable()
    assert not set(normal) & set("[]\\\"' ")


letters = st.text(st.characters(categories=["Lo", "Nd"]), min_size=1, max_size=10)


@given(letters, letters)
def test_escaped_symbols_stay_distinct(one: str, other: str) -> None:
    assume(one.upper() != other.upper())
    table = SymbolTable()
    assert table[one] != table[other]


def test_a_symbol_is_made_once() -> None:
    table = SymbolTable()
    assert table["BTCUSDT"] is table["BTCUSDT"[:3] + "USDT"]


def test_an_inventive_venue_cannot_fill_the_memory() -> None:
    table = SymbolTable()
    for number in range(25_000):
        assert table[f"S{number}"] == f"S{number}"
    assert len(table) == 20_000
