"""A small catalog that never changes, for pictures."""

from datetime import date
from typing import Any

from catalog.catalog import Catalog
from catalog.model import CatalogEntry
from catalog.registrations import BrokenEntry

_ALL = {
    "spot_trading": True,
    "futures_trading": True,
    "margin_trading": True,
    "orderbook_streaming": True,
    "trade_streaming": True,
    "candle_streaming": True,
    "historical_data": True,
    "order_execution": True,
    "testnet_available": True,
}
_DATA = {
    name: name.endswith("streaming") or name in ("historical_data", "testnet_available") for name in _ALL
}
_KEYS = [
    {
        "key": "apiKey",
        "label": "API key",
        "type": "text",
        "required": True,
        "help": "From the page API management.",
    },
    {"key": "apiSecret", "label": "API secret", "type": "password", "required": True},
]
_PEM = [
    *_KEYS[:1],
    {"key": "privateKey", "label": "Private key", "type": "multiline", "required": True},
    {"key": "gateway", "label": "Gateway", "type": "url", "required": False},
]


def _entry(connector_type: str, name: str, segment: str, markets: list[str], **changes: Any) -> CatalogEntry:
    data: dict[str, Any] = {
        "connector_type": connector_type,
        "display_name": name,
        "segment": segment,
        "supported_markets": markets,
        "credentials": _KEYS,
        "website": f"https://{connector_type}.example",
        "documentation": f"https://docs.{connector_type}.example/api",
        "description": f"{name} is here for pictures. Its facts are made up and stay as they are.",
        "maturity": "coming_soon",
        "features": {},
        "capabilities": _ALL,
        "environments": {"live": {}},
        "verified_on": date(2026, 11, 1),
    }
    return CatalogEntry.model_validate(data | changes)


ENTRIES = (
    _entry(
        "binance",
        "Binance",
        "CRYPTO_MAJOR",
        ["spot"],
        maturity="beta",
        features=_DATA,
        environments={"live": {}, "testnet": {}, "local": {}},
        keyless_market_data=True,
    ),
    _entry("coinbase", "Coinbase", "CRYPTO_MAJOR", ["spot", "futures"], credentials=_PEM),
    _entry("kraken", "Kraken", "CRYPTO_MAJOR", ["spot", "futures", "margin"]),
    _entry("deribit", "Deribit", "CRYPTO_DERIVATIVES", ["futures"], environments={"live": {}, "testnet": {}}),
    _entry(
        "pemex",
        "Pemex Exchange With A Long Name",
        "CRYPTO_OTHER",
        ["spot", "margin"],
        maturity="experimental",
        features={"trade_streaming": True},
        credentials=_PEM,
        environments={"live": {}, "paper": {}},
    ),
    _entry("alpaca", "Alpaca", "US_BROKER", ["spot", "margin"], environments={"live": {}, "paper": {}}),
    _entry("degiro", "DEGIRO", "EU_BROKER", ["spot"], capabilities={"spot_trading": True}),
    _entry("oanda", "OANDA", "FOREX", ["margin"], environments={"live": {}, "demo": {}}),
    _entry("polygon", "Polygon.io", "MARKET_DATA", ["spot"], capabilities={"historical_data": True}),
    _entry("uniswap", "Uniswap", "DEX", ["spot"], credentials=[]),
)

BROKEN = (
    BrokenEntry(
        "acme",
        "acme-barfinex",
        "acme/manifest.toml",
        "segment",
        "'MOON' is not a segment; choose one of the thirteen",
    ),
)


def sample_catalog(*, broken: bool = False) -> Catalog:
    return Catalog(ENTRIES, BROKEN if broken else ())
