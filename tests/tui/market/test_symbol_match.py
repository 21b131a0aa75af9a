import time
from string import ascii_uppercase

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tui.market.scripted import instrument
from tui.widgets.symbol_match import candidates, search

LISTED = [instrument(one + "USDT") for one in ("BTC", "WBTC", "ETH", "BTCST", "ETHW", "BNB", "BTT")]


def found(query: str, **recent: int) -> list[str]:
    return [one.symbol for one in search(query, candidates(LISTED), recent)]


def test_exact_base_start_inside_scattered() -> None:
    assert found("btc") == ["BTCUSDT", "BTCSTUSDT", "WBTCUSDT"]
    assert found("eth/usdt") == ["ETHUSDT", "ETHWUSDT"]
    assert found("btst")[0] == "BTCSTUSDT"
    assert found("zzz") == []


def test_recent_ones_come_first_among_equals_and_before_all_where_nothing_is_typed() -> None:
    assert found("", BNBUSDT=1, ETHWUSDT=0)[:2] == ["ETHWUSDT", "BNBUSDT"]
    assert found("e", ETHWUSDT=0)[0] == "ETHWUSDT"


def test_five_thousand_are_searched_within_a_key() -> None:
    letters = ascii_uppercase
    many = candidates(
        instrument(f"{letters[i % 26]}{letters[i // 26 % 26]}{letters[i // 676 % 26]}{i}USDT")
        for i in range(5_000)
    )
    times = []
    for query in ("b", "bt", "btc", "usdt", "zz9", "a1u"):
        start = time.process_time()
        search(query, many)
        times.append(time.process_time() - start)
    # 3 to 8 ms are usual; the bound leaves room for a slow machine.
    assert sorted(times)[len(times) // 2] < 0.05


@settings(max_examples=60)
@given(st.text(max_size=12))
def test_whatever_is_typed_finds_listed_ones_once_each(query: str) -> None:
    symbols = found(query)
    assert len(symbols) == len(set(symbols))
    assert set(symbols) <= {one.symbol for one in LISTED}
