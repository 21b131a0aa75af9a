"""How the catalog reads on screen: words and glyphs, as pure functions of its entries.

A feature is told by its letter's case and place, never by colour alone: `B` the connector does it, `b` the venue offers
it but the connector does not yet, `·` neither.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from catalog.model import CatalogEntry

LIVE = "live"

_PLAY: Mapping[str, str] = {
    "local": "the emulator on this computer, no account needed",
    "testnet": "the venue's test system, play money",
    "paper": "simulated trading at the venue",
    "demo": "the venue's demo system, play money",
    "sandbox": "the venue's sandbox, play money",
    "practice": "the venue's practice accounts, play money",
    "sim": "the venue's simulation, play money",
}
"""Environments without real money, safest first. Whatever is not among them is taken for the real thing."""

FEATURES: tuple[tuple[str, str, str], ...] = (
    ("S", "spot_trading", "spot"),
    ("F", "futures_trading", "futures"),
    ("M", "margin_trading", "margin"),
    ("B", "orderbook_streaming", "book"),
    ("T", "trade_streaming", "trades"),
    ("C", "candle_streaming", "candles"),
    ("H", "historical_data", "history"),
    ("O", "order_execution", "orders"),
    ("N", "testnet_available", "testnet"),
)
"""(letter, the field of `Features`, word)."""

FEATURE_WORDS = {name: word for _, name, word in FEATURES}

LEGEND = " ".join(f"{letter} {word}" for letter, _, word in FEATURES)

SEGMENT_NAMES: Mapping[str, str] = {
    "CRYPTO_MAJOR": "Crypto major",
    "CRYPTO_DERIVATIVES": "Crypto derivatives",
    "CRYPTO_OTHER": "Crypto other",
    "US_BROKER": "US brokers",
    "EU_BROKER": "European brokers",
    "APAC_BROKER": "Asia-Pacific",
    "CIS_BROKER": "CIS brokers",
    "KZ_BROKER": "Kazakhstan",
    "FOREX": "Forex brokers",
    "FUTURES_DERIVATIVES": "Futures exchanges",
    "OTC_INSTITUTIONAL": "OTC desks",
    "MARKET_DATA": "Market data",
    "DEX": "Decentralised",
}
"""Short enough for the tree of a narrow terminal; the detail panel has the catalog's full label."""

MATURITY_WORDS: Mapping[str, str] = {
    "stable": "stable",
    "beta": "beta",
    "experimental": "experimental",
    "coming_soon": "coming soon",
}

STATUS_WORDS: Mapping[str, tuple[str, str, str]] = {
    "ACTIVE": ("●", "active", "$success"),
    "CONNECTING": ("◐", "connecting", "$warning"),
    "RECONNECTING": ("↻", "reconnect", "$warning"),
    "ERROR": ("✖", "error", "$error"),
    "STOPPING": ("◌", "stopping", "$warning"),
    "INACTIVE": ("○", "inactive", "$muted-text"),
    "NO_CODE": ("·", "no code", "$muted-text"),
    "BROKEN": ("✖", "broken", "$error"),
}
"""Status -> glyph, word, theme colour."""


def status_key(entry: "CatalogEntry", status: object) -> str:
    """The key into `STATUS_WORDS` of an entry whose manager status is `status`."""
    name = str(getattr(status, "name", status))
    if name == "INACTIVE" and not entry.has_code:
        return "NO_CODE"
    return name if name in STATUS_WORDS else "INACTIVE"


def feature_letters(entry: "CatalogEntry") -> str:
    """One letter a feature, always in the same place."""
    return "".join(
        letter if getattr(entry.features, name) else letter.lower() if getattr(entry.offered, name) else "·"
        for letter, name, _ in FEATURES
    )


def market_names(entry: "CatalogEntry") -> list[str]:
    return [market.value for market in entry.supported_markets]


def is_live(environment: str) -> bool:
    """Whether real money may be behind it: `live`, and also a region of it such as `us`."""
    return environment not in _PLAY


def environments_safest_first(names: Iterable[str]) -> list[str]:
    """The local emulator, then paper and test environments, real money last: a dialog preselects the first."""
    order = {name: place for place, name in enumerate(_PLAY)}
    return sorted(names, key=lambda name: (order.get(name, len(order)), name))


def environment_words(name: str) -> str:
    """What an environment means to a newcomer."""
    if not is_live(name):
        return f"{name}: {_PLAY[name]}"
    region = "" if name == LIVE else f" ({name})"
    return f"LIVE{region}: the real venue, REAL MONEY"


def environment_mark(name: str) -> str:
    """A word for titles: real money is in capitals."""
    return name.upper() if is_live(name) else name


@dataclass(frozen=True, slots=True)
class Filters:
    """What the catalog screen narrows by; `None` is any."""

    text: str = ""
    segment: str | None = None
    market: str | None = None
    feature: str | None = None
    maturity: str | None = None
    environment: str | None = None

    @property
    def narrowed(self) -> bool:
        return self != Filters()


def filter_values(entries: "Iterable[CatalogEntry]", kind: str) -> list[tuple[str, str]]:
    """The values of one filter that occur, with their words, in a fixed order."""
    everything = list(entries)
    if kind == "market":
        present = {market.value for entry in everything for market in entry.supported_markets}
        return [(name, name) for name in ("spot", "futures", "margin") if name in present]
    if kind == "feature":
        return [(name, word) for _, name, word in FEATURES]
    if kind == "maturity":
        present = {entry.maturity.value for entry in everything}
        return [(name, word) for name, word in MATURITY_WORDS.items() if name in present]
    names = {name for entry in everything for name in entry.environments}
    return [(name, name) for name in environments_safest_first(names)]
