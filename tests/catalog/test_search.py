"""Finding entries."""

import pytest

from catalog.catalog import FEATURES, Catalog
from catalog.model import CatalogEntry, ExchangeSegment


def types(found: tuple[CatalogEntry, ...]) -> list[str]:
    return [entry.connector_type for entry in found]


def test_no_text_finds_everything_in_order(shipped: Catalog) -> None:
    assert shipped.search("") == shipped.search("  ") == shipped.filter() == shipped.entries


@pytest.mark.parametrize("text", ["Binance", "BINANCE", "binance", "  binance "])
def test_case_and_space_do_not_matter(shipped: Catalog, text: str) -> None:
    assert types(shipped.search(text))[0] == "binance"


def test_a_name_that_begins_with_the_text_comes_first(shipped: Catalog) -> None:
    found = types(shipped.search("tradi"))
    assert found[0] == "tradier"
    assert {"tradier", "trading212", "oanda"} & set(found) >= {"tradier", "trading212"}
    beginning = [name for name in found if name.startswith("tradi")]
    assert found[: len(beginning)] == beginning


def test_every_word_must_match(shipped: Catalog) -> None:
    assert types(shipped.search("polygon massive")) == ["polygon"]
    assert types(shipped.search("massive polygon")) == ["polygon"]
    assert shipped.search("binance unicorn") == ()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("moomoo", "futu"),
        ("interactive brok", "ib"),
        ("huobi", "htx"),
        ("tinkoff", "tinkoff"),
        ("t-bank", "tinkoff"),
        ("longport", "longbridge"),
        ("tradernet", "freedom"),
        ("decentralised uniswap", "uniswap"),
        ("otc cumberland", "cumberland"),
    ],
)
def test_names_by_which_people_look(shipped: Catalog, text: str, name: str) -> None:
    assert name in types(shipped.search(text))


def test_a_segments_label_is_searched(shipped: Catalog) -> None:
    kazakh = shipped.by_segment()[ExchangeSegment.KZ_BROKER]
    assert set(kazakh) <= set(shipped.search("kazakhstan brokers"))


def test_filters_narrow_and_combine(shipped: Catalog) -> None:
    dex = shipped.filter(segment=ExchangeSegment.DEX)
    assert dex == shipped.by_segment()[ExchangeSegment.DEX] == shipped.filter(segment="dex")
    assert all("futures" in entry.supported_markets for entry in shipped.filter(market="futures"))
    assert types(shipped.filter(segment="DEX", market="futures", environment="testnet")) == [
        "dydx",
        "hyperliquid",
        "paradex",
    ]
    assert types(shipped.filter(maturity="beta")) == ["binance"]
    assert types(shipped.filter("sushi", segment="DEX")) == ["sushiswap"]
    assert shipped.filter("sushi", segment="FOREX") == ()
    assert types(shipped.filter(environment="local")) == ["binance"]
    assert shipped.filter(environment="moon") == ()


@pytest.mark.parametrize("feature", FEATURES)
def test_a_feature_is_looked_up_in_what_the_venue_offers(shipped: Catalog, feature: str) -> None:
    found = shipped.filter(feature=feature)
    assert found == tuple(entry for entry in shipped.entries if getattr(entry.offered, feature))
    assert 0 < len(found) < len(shipped.entries)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"feature": "teleport\x1bation"}, "unknown feature 'teleport ation'; choose one of spot_trading"),
        ({"segment": "MOON"}, "'MOON' is not a valid ExchangeSegment"),
        ({"market": "options"}, "'options' is not a valid MarketType"),
        ({"maturity": "ready"}, "'ready' is not a valid ExchangeMaturity"),
    ],
)
def test_what_does_not_exist_is_refused(shipped: Catalog, asked: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        shipped.filter(**asked)


def test_get(shipped: Catalog) -> None:
    entry = shipped.get("kraken")
    assert entry is not None
    assert entry.display_name == "Kraken"
    assert shipped.get("Kraken") is None
