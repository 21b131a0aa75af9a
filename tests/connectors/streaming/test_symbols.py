import unicodedata
from collections.abc import Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from catalog.model import MarketType
from connectors.contracts.errors import BadFrame
from connectors.contracts.instrument_index import InstrumentIndex
from connectors.contracts.instruments import Instrument, normalise_symbol
from connectors.streaming.symbols import SymbolTable

any_name = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
near_names = st.lists(
    st.one_of(any_name, st.text("bB-_/ßSsiıİΣσς币\u200b", min_size=1, max_size=4)), unique=True, max_size=12
)


def index_of(symbols: Sequence[str], table: SymbolTable | None = None) -> InstrumentIndex:
    table = SymbolTable() if table is None else table
    table.name_apart(symbols)
    made: list[Instrument] = []
    for symbol in symbols:
        try:
            made.append(Instrument(table[symbol], "B", "Q", symbol, MarketType.SPOT))
        except BadFrame:
            continue
    return InstrumentIndex(made, table.normal)


@pytest.mark.parametrize(
    ("venue", "normal"),
    [
        ("BTCUSDT", "BTCUSDT"),
        ("btcusdt", "BTCUSDT"),
        ("BTCUSDT_260925", "BTCUSDT260925"),
        ("1000SATSUSDT", "1000SATSUSDT"),
        ("龙虾USDT", "龙虾USDT"),
        ("币安人生/usdt", "币安人生USDT"),
        ("XBTUSDT", "XBTUSDT"),
    ],
)
def test_normal_form(venue: str, normal: str) -> None:
    assert SymbolTable()[venue] == normal


@pytest.mark.parametrize(
    ("venue", "normal"),
    [
        ("XBT/USD", "BTCUSD"),
        ("XBTUSDTM", "BTCUSDTM"),
        ("ETH-XBT", "ETHBTC"),
        ("ETHXBT", "ETHBTC"),
        ("XBTC/USD", "XBTCUSD"),
    ],
)
def test_an_asset_is_renamed_only_where_the_venue_says_so(venue: str, normal: str) -> None:
    assert SymbolTable({"XBT": "BTC"})[venue] == normal
    assert SymbolTable()[venue] == normalise_symbol(venue) != normal or venue == "XBTC/USD"


@given(near_names)
@example(["BTC-USDT", "BTCUSDT", "btcusdt", "BTC/USDT"])
@example(["A\u200b", "A", "A "])
def test_two_markets_never_share_a_name_and_each_is_found(symbols: list[str]) -> None:
    index = index_of(symbols)
    shown = [symbol for symbol in symbols if _is_symbol(symbol)]
    assert len(index.by_name) == len(shown)
    for symbol in shown:
        found = index.find(symbol)
        assert found is not None
        assert found.venue_symbol == symbol
        assert found.symbol.isprintable()
    for name, one in index.by_name.items():
        back = index.find(name)
        assert back is one or (back is not None and back.venue_symbol == name)


@given(near_names)
def test_names_do_not_depend_on_the_order_of_the_list(symbols: list[str]) -> None:
    names = {one.venue_symbol: one.symbol for one in index_of(symbols).by_name.values()}
    assert {one.venue_symbol: one.symbol for one in index_of(symbols[::-1]).by_name.values()} == names


@given(any_name)
def test_a_name_is_printable_and_in_the_normal_form(symbol: str) -> None:
    if not _is_symbol(symbol):
        return
    name = SymbolTable()[symbol]
    assert name.isprintable()
    assert normalise_symbol(name) == name
    assert not set(name) & set("[]\\\"' ")


@given(st.text(st.characters(categories=["Lo", "Nd"]), min_size=1, max_size=12))
def test_letters_of_any_script_stay(symbol: str) -> None:
    assert SymbolTable()[symbol] == unicodedata.normalize("NFC", symbol)


@pytest.mark.parametrize("typed", ["龙虾USDT", "龙虾usdt", "龙虾/USDT", "龙虾-usdt", "龙虾 USDT"])
def test_a_chinese_name_is_found_however_it_is_typed(typed: str) -> None:
    found = index_of(["币安人生USDT", "龙虾USDT", "BTCUSDT"]).find(typed)
    assert found is not None
    assert found.symbol == "龙虾USDT"


def test_of_two_alike_the_one_that_the_venue_spells_so_keeps_the_name() -> None:
    index = index_of(["BTC-USDT", "BTCUSDT"])
    assert {one.venue_symbol: name for name, one in index.by_name.items()} == {
        "BTCUSDT": "BTCUSDT",
        "BTC-USDT": "BTC-USDT",
    }
    assert [one and one.venue_symbol for one in map(index.find, ("BTC-USDT", "btc-usdt", "btcusdt"))] == [
        "BTC-USDT",
        "BTC-USDT",
        "BTCUSDT",
    ]


def test_a_form_that_fits_two_markets_finds_neither() -> None:
    index = index_of(["BTC-USDT", "BTC_USDT"])
    assert index.find("BTCUSDT") is None
    assert sorted(index.by_name) == ["BTC-USDT", "BTC_USDT"]


def test_an_alias_does_not_take_a_listed_name() -> None:
    index = index_of(["XBTUSD", "BTCUSD", "XBTEUR"], SymbolTable({"XBT": "BTC"}))
    assert sorted(index.by_name) == ["BTCEUR", "BTCUSD", "XBTUSD"]
    found = index.find("xbt/eur")
    assert found is not None
    assert found.venue_symbol == "XBTEUR"


@pytest.mark.parametrize("text", ["", "\ud800", "x" * 65, "---"])
def test_what_is_no_symbol_is_refused(text: str) -> None:
    with pytest.raises(BadFrame):
        SymbolTable()[text]


def test_a_symbol_is_made_once() -> None:
    table = SymbolTable()
    assert table["BTCUSDT"] is table["BTCUSDT"[:3] + "USDT"]


def test_an_inventive_venue_cannot_fill_the_memory() -> None:
    table = SymbolTable()
    for number in range(25_000):
        assert table[f"S{number}"] == f"S{number}"
    assert len(table) == 20_000


def _is_symbol(text: str) -> bool:
    try:
        SymbolTable()[text]
    except BadFrame:
        return False
    return True
