"""What the catalog ships: complete, well-formed and honest."""

import re
from datetime import date
from urllib.parse import urlsplit

import pytest

from catalog.built_in import CONNECTORS, EMULATORS
from catalog.catalog import EXCHANGES, FEATURES, Catalog, to_json
from catalog.model import CatalogEntry, ExchangeMaturity, ExchangeSegment, MarketType

NAMED = {
    "CRYPTO_MAJOR": {"binance", "kraken", "coinbase"},
    "CRYPTO_DERIVATIVES": {"deribit", "bitget"},
    "US_BROKER": {"alpaca", "ib"},
    "EU_BROKER": {"etoro", "degiro"},
    "APAC_BROKER": {"tiger", "futu"},
    "CIS_BROKER": {"tinkoff"},
    "KZ_BROKER": {"kase", "freedom"},
    "FOREX": {"oanda", "pepperstone"},
    "FUTURES_DERIVATIVES": {"cme", "ice"},
    "OTC_INSTITUTIONAL": {"wintermute", "cumberland"},
    "MARKET_DATA": {"polygon", "tiingo"},
    "DEX": {"uniswap", "sushiswap"},
}


def get(catalog: Catalog, name: str) -> CatalogEntry:
    entry = catalog.get(name)
    assert entry is not None, name
    return entry


def test_every_manifest_loads(shipped: Catalog) -> None:
    ours = [fault for fault in shipped.broken if fault.distribution == "barfinex"]
    assert ours == []
    built_in = {
        entry.connector_type for entry in shipped.entries if shipped.source(entry.connector_type).builtin
    }
    assert built_in == {file.stem for file in EXCHANGES.glob("*.toml")}
    assert len(built_in) >= 60


@pytest.mark.parametrize("segment", ExchangeSegment)
def test_each_segment_has_at_least_two(shipped: Catalog, segment: ExchangeSegment) -> None:
    assert len(shipped.by_segment()[segment]) >= 2


@pytest.mark.parametrize("segment", NAMED)
def test_the_named_ones_are_in_their_segments(shipped: Catalog, segment: str) -> None:
    assert NAMED[segment] <= {
        entry.connector_type for entry in shipped.by_segment()[ExchangeSegment(segment)]
    }


def test_entries_stand_by_segment_then_name(shipped: Catalog) -> None:
    order = list(ExchangeSegment)
    places = [(order.index(entry.segment), entry.display_name.casefold()) for entry in shipped.entries]
    assert places == sorted(places)
    assert len({entry.display_name for entry in shipped.entries}) == len(places)


def test_urls_are_encrypted_and_well_formed(shipped: Catalog) -> None:
    for entry in shipped.entries:
        pages = [url for url in (entry.website, entry.documentation) if url]
        endpoints = [
            (name, url)
            for environment in entry.environments.values()
            for named in environment.urls.values()
            for name, url in named.items()
        ]
        for url in pages:
            assert urlsplit(url).scheme == "https", (entry.connector_type, url)
        for name, url in endpoints:
            parts = urlsplit(url)
            expected = "wss" if name.startswith("ws") else "https"
            assert parts.scheme == expected, (entry.connector_type, name, url)
        for url in [*pages, *(url for _, url in endpoints)]:
            parts = urlsplit(url)
            assert re.fullmatch(r"localhost|[a-z0-9-]+(\.[a-z0-9-]+)+", parts.hostname or ""), url
            assert parts.username is None
            assert parts.password is None
            assert not parts.query


def test_an_environment_names_only_markets_of_its_entry(shipped: Catalog) -> None:
    for entry in shipped.entries:
        known = {"all", *(market.value for market in entry.supported_markets)}
        for environment in entry.environments.values():
            assert environment.urls.keys() <= known, entry.connector_type


def test_credential_labels_read_well(shipped: Catalog) -> None:
    for entry in shipped.entries:
        labels = [field.label for field in entry.credentials]
        assert len(set(labels)) == len(labels), entry.connector_type
        for field in entry.credentials:
            assert not field.label.endswith((".", ":")), field
            assert (
                field.label[0].isupper() or field.label.startswith("cTrader") or field.label[0].isdigit()
            ), field
            assert field.help is None or field.help.endswith((".", "…")), field


def test_secrets_are_masked(shipped: Catalog) -> None:
    secret = re.compile(r"secret|password|passphrase|token$|private ?key|mnemonic", re.IGNORECASE)
    for entry in shipped.entries:
        for field in entry.credentials:
            if secret.search(field.key):
                assert field.type in {"password", "multiline"}, (entry.connector_type, field.key)


def test_descriptions_are_sentences(shipped: Catalog) -> None:
    for entry in shipped.entries:
        assert 60 <= len(entry.description) <= 500, entry.connector_type
        assert entry.description.endswith("."), entry.connector_type
        assert not entry.description.endswith("…"), entry.connector_type


def test_only_binance_has_code_and_the_rest_say_so(shipped: Catalog) -> None:
    assert [entry.connector_type for entry in shipped.entries if entry.has_code] == ["binance"]
    for entry in shipped.entries:
        if entry.connector_type != "binance":
            assert entry.maturity is ExchangeMaturity.COMING_SOON
            assert entry.capabilities is not None, entry.connector_type


def test_binance_is_as_this_release_makes_it(shipped: Catalog) -> None:
    entry = get(shipped, "binance")
    assert entry.supported_markets == (MarketType.SPOT, MarketType.FUTURES)
    assert entry.maturity is ExchangeMaturity.BETA
    assert entry.keyless_market_data
    assert {name for name in FEATURES if getattr(entry.features, name)} == {
        "orderbook_streaming",
        "trade_streaming",
        "candle_streaming",
        "historical_data",
        "testnet_available",
    }
    assert [(field.key, field.type, field.required) for field in entry.credentials] == [
        ("apiKey", "text", True),
        ("apiSecret", "password", True),
    ]
    assert list(entry.environments) == ["live", "testnet", "local"]
    assert entry.environments["testnet"].endpoints(MarketType.SPOT) == {
        "rest": "https://testnet.binance.vision",
        "ws": "wss://stream.testnet.binance.vision",
        "ws_api": "wss://ws-api.testnet.binance.vision/ws-api/v3",
    }
    assert entry.environments["live"].endpoints(MarketType.FUTURES) == {
        "rest": "https://fapi.binance.com",
        "ws": "wss://fstream.binance.com",
        "sapi": "https://api.binance.com",
    }
    assert "sapi" not in entry.environments["testnet"].endpoints(MarketType.FUTURES)
    assert entry.environments["local"].urls == {}


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("okx", {"apiKey": "text", "apiSecret": "password", "passphrase": "password"}),
        ("coinbase", {"apiKey": "text", "privateKey": "multiline"}),
        ("ib", {"gatewayUrl": "url", "accountId": "text"}),
        ("oanda", {"accessToken": "password", "accountId": "text"}),
        ("tradier", {"accessToken": "password", "accountId": "text"}),
        ("pepperstone", {"login": "text", "password": "password", "server": "text"}),
        ("polygon", {"apiKey": "password"}),
        ("uniswap", {"rpcUrl": "url"}),
        ("tiger", {"tigerId": "text", "privateKey": "multiline", "account": "text"}),
        (
            "cumberland",
            {
                "counterpartyId": "text",
                "userId": "text",
                "certificate": "file",
                "certificatePassword": "password",
            },
        ),
    ],
)
def test_required_credentials_take_the_venues_form(
    shipped: Catalog, name: str, fields: dict[str, str]
) -> None:
    assert {field.key: field.type for field in get(shipped, name).required_credentials} == fields


def test_data_providers_offer_no_orders(shipped: Catalog) -> None:
    for entry in shipped.by_segment()[ExchangeSegment.MARKET_DATA]:
        assert entry.data_only
        assert not entry.offered.order_execution
        assert not entry.offered.spot_trading


def test_trading_in_a_market_is_offered_where_the_market_is(shipped: Catalog) -> None:
    for entry in shipped.entries:
        if entry.data_only:
            continue
        offered = {market for market in MarketType if getattr(entry.offered, f"{market}_trading")}
        if entry.connector_type == "binance":
            offered -= {MarketType.MARGIN}
        assert offered == set(entry.supported_markets), entry.connector_type


def test_what_was_checked_bears_its_date(shipped: Catalog) -> None:
    dated = [entry for entry in shipped.entries if entry.verified_on]
    assert len(dated) >= 40
    assert all(date(2026, 11, 1) <= entry.verified_on for entry in dated if entry.verified_on)
    assert get(shipped, "binance").verified_on == date(2026, 11, 23)


def test_json_holds_every_field(shipped: Catalog) -> None:
    for entry in shipped.entries:
        plain = to_json(entry)
        assert set(CatalogEntry.model_fields) <= plain.keys()
        assert plain["segment_label"] == entry.segment.label
        assert set(plain["features"]) == set(plain["capabilities"]) == set(FEATURES)
    binance = to_json(get(shipped, "binance"))
    assert binance["verified_on"] == "2026-11-23"
    assert binance["supported_markets"] == ["spot", "futures"]
    assert binance["credentials"][0]["label"] == "API Key"
    assert binance["environments"]["live"]["urls"]["spot"]["rest"] == "https://api.binance.com"


def test_what_is_built_in_is_in_the_catalog(shipped: Catalog) -> None:
    with_code = {entry.connector_type for entry in shipped.entries if entry.has_code}
    assert set(CONNECTORS) == with_code
    assert set(EMULATORS) <= with_code
