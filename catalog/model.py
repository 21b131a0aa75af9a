"""The catalog's model: what a manifest says about an exchange, a broker or a data provider.

The fields are those of step 7 of the connector guide, and beside them environments, a documentation link and the
date on which the facts were checked. Reading a manifest never imports the connector's code.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from catalog.text import MESSAGE_LIMIT, clean

CONTRACT_VERSION = 1
"""The version of `connectors.contracts` this release speaks; a manifest names the one its connector was written for."""


def _cleaned_name(value: str) -> str:
    return clean(value)


def _cleaned_message(value: str) -> str:
    return clean(value, MESSAGE_LIMIT)


Name = Annotated[str, Field(min_length=1), AfterValidator(_cleaned_name)]
Text = Annotated[str, Field(min_length=1), AfterValidator(_cleaned_message)]
HttpUrl = Annotated[str, Field(pattern=r"^https?://[!-~]+$", max_length=300)]
EndpointUrl = Annotated[str, Field(pattern=r"^(https?|wss?)://[!-~]+$", max_length=300)]
ConnectorType = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(?:[_-][a-z0-9]+)*$", max_length=40)]
"""An open string id. Adding a connector changes no line of the core."""


class ExchangeSegment(StrEnum):
    CRYPTO_MAJOR = "CRYPTO_MAJOR"
    CRYPTO_DERIVATIVES = "CRYPTO_DERIVATIVES"
    CRYPTO_OTHER = "CRYPTO_OTHER"
    US_BROKER = "US_BROKER"
    EU_BROKER = "EU_BROKER"
    APAC_BROKER = "APAC_BROKER"
    CIS_BROKER = "CIS_BROKER"
    KZ_BROKER = "KZ_BROKER"
    FOREX = "FOREX"
    FUTURES_DERIVATIVES = "FUTURES_DERIVATIVES"
    OTC_INSTITUTIONAL = "OTC_INSTITUTIONAL"
    MARKET_DATA = "MARKET_DATA"
    DEX = "DEX"

    @property
    def label(self) -> str:
        return SEGMENT_LABELS[self]


SEGMENT_LABELS: dict[ExchangeSegment, str] = {
    ExchangeSegment.CRYPTO_MAJOR: "Crypto — major exchanges",
    ExchangeSegment.CRYPTO_DERIVATIVES: "Crypto — derivatives",
    ExchangeSegment.CRYPTO_OTHER: "Crypto — other exchanges",
    ExchangeSegment.US_BROKER: "US brokers",
    ExchangeSegment.EU_BROKER: "European brokers",
    ExchangeSegment.APAC_BROKER: "Asia-Pacific brokers",
    ExchangeSegment.CIS_BROKER: "CIS brokers",
    ExchangeSegment.KZ_BROKER: "Kazakhstan brokers",
    ExchangeSegment.FOREX: "Forex brokers",
    ExchangeSegment.FUTURES_DERIVATIVES: "Futures exchanges",
    ExchangeSegment.OTC_INSTITUTIONAL: "OTC and institutional desks",
    ExchangeSegment.MARKET_DATA: "Market data providers",
    ExchangeSegment.DEX: "Decentralised exchanges",
}


class ExchangeMaturity(StrEnum):
    STABLE = "stable"
    """Verified against the live venue."""
    BETA = "beta"
    """Complete, built from the published protocol; not yet verified against the live venue in full."""
    EXPERIMENTAL = "experimental"
    """Works in part."""
    COMING_SOON = "coming_soon"
    """No code yet: the entry cannot be activated."""


class MarketType(StrEnum):
    """What is traded: assets, contracts on them, or assets on credit."""

    SPOT = "spot"
    FUTURES = "futures"
    MARGIN = "margin"


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class CredentialField(_Model):
    """One value the setup wizard asks for.

    `text` is shown as typed, `password` is masked, `multiline` is masked and may hold line breaks (a PEM key),
    `url` is checked as a URL, `file` names a file whose content is stored.
    """

    key: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,39}$")]
    label: Name
    type: Literal["text", "password", "multiline", "url", "file"]
    required: bool
    help: Text | None = None


class Features(_Model):
    """What the entry's connector does in this release; all false where it has no code."""

    spot_trading: bool = False
    futures_trading: bool = False
    margin_trading: bool = False
    orderbook_streaming: bool = False
    trade_streaming: bool = False
    candle_streaming: bool = False
    historical_data: bool = False
    order_execution: bool = False
    testnet_available: bool = False


MarketKey = Annotated[str, Field(pattern=r"^(all|spot|futures|margin)$")]
EndpointName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,19}$")]
EnvironmentName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,19}$")]

LOCAL = "local"
"""The environment served by the emulator on loopback; its URLs are found when it runs."""


class Environment(_Model):
    """Where an entry can be reached: `live`, `testnet`, `paper`, `demo` or `local`.

    `urls` maps a market type (or `all`) to named endpoints (`rest`, `ws`, ...).
    """

    label: Name | None = None
    urls: dict[MarketKey, dict[EndpointName, EndpointUrl]] = Field(default_factory=dict[str, dict[str, str]])

    def endpoints(self, market_type: MarketType) -> dict[str, str]:
        """The named endpoints of one market: the common ones overlaid by the market's own."""
        return {**self.urls.get("all", {}), **self.urls.get(market_type.value, {})}


class CatalogEntry(_Model):
    """One exchange, broker or provider."""

    connector_type: ConnectorType
    display_name: Name
    segment: ExchangeSegment
    supported_markets: Annotated[tuple[MarketType, ...], Field(min_length=1)]
    credentials: tuple[CredentialField, ...] = ()
    website: HttpUrl
    documentation: HttpUrl | None = None
    description: Text
    maturity: ExchangeMaturity
    features: Features
    capabilities: Features | None = None
    """What the venue itself offers, whatever our connector does. Absent: the same as `features`."""
    environments: dict[EnvironmentName, Environment] = Field(default_factory=dict[str, Environment])
    keyless_market_data: bool = False
    """Market data needs no credentials; the required fields are then required for account calls only."""
    verified_on: date | None = None
    """When the facts above were last checked against published sources: the venue's documentation or clients in use."""
    contract: int = CONTRACT_VERSION

    @model_validator(mode="after")
    def _coherent(self) -> "CatalogEntry":
        keys = [field.key for field in self.credentials]
        if len(keys) != len(set(keys)):
            raise ValueError("credentials: two fields have the same key")
        if len(set(self.supported_markets)) != len(self.supported_markets):
            raise ValueError("supported_markets: a market is named twice")
        if self.maturity is ExchangeMaturity.COMING_SOON and any(self.features.model_dump().values()):
            raise ValueError("features: an entry without code (coming_soon) claims a feature")
        return self

    def __hash__(self) -> int:
        # The maps inside have no hash; equal entries have equal types, and a catalog holds each type once.
        return hash(self.connector_type)

    @property
    def has_code(self) -> bool:
        return self.maturity is not ExchangeMaturity.COMING_SOON

    @property
    def data_only(self) -> bool:
        """The venue takes no orders at all (a market data provider)."""
        return self.segment is ExchangeSegment.MARKET_DATA

    @property
    def required_credentials(self) -> tuple[CredentialField, ...]:
        return tuple(field for field in self.credentials if field.required)

    @property
    def offered(self) -> Features:
        """What the venue offers."""
        return self.capabilities or self.features
