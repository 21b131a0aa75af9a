"""What is checked: a connector as its package offers it, and one market of it."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from catalog.catalog import Catalog
from catalog.model import CatalogEntry, MarketType
from connectors.contracts.services import ConnectorContext, ExchangeConnectorBundle
from connectors.emulator.dialect import VenueModule
from connectors.runtime.factory import ExchangeConnectorFactory


class Claim(StrEnum):
    """What a manifest claims, as far as cases depend on it."""

    TRADES = "trade_streaming"
    BOOKS = "orderbook_streaming"
    CANDLES = "candle_streaming"
    HISTORY = "historical_data"
    ORDERS = "order_execution"
    CREDENTIALS = "credentials"
    """It asks for credentials, so account calls are signed."""


def claims_of(entry: CatalogEntry) -> frozenset[Claim]:
    features = {claim for claim in Claim if getattr(entry.features, claim.value, False)}
    return frozenset(features | ({Claim.CREDENTIALS} if entry.credentials else set()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A connector, found by its installed type, its entry point or its folder.

    `entry` is `None` where there is no usable manifest; `manifest_fault` then says why. `catalog` is one in which the
    connector is registered, as the app would have it. `recordings` are the files beside its code.
    """

    name: str
    connector_type: str
    catalog: Catalog
    entry: CatalogEntry | None
    manifest_fault: str | None
    entry_point: str
    """`package.module:function`."""
    folder: Path
    """Where the module that the entry point names lies."""
    emulator: str | None
    """The module of its emulator dialect, where its package offers one."""
    recordings: tuple[Path, ...]
    import_root: Path | None = None
    """What has to be on the import path besides, for a connector that is not installed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One market of a target, with what is loaded of it. Cases that need no market get the first."""

    target: Target
    entry: CatalogEntry
    market_type: MarketType
    factory: ExchangeConnectorFactory
    """Makes its bundles, as the app would."""
    venue: VenueModule | None
    """Its emulator dialect; `None` where it has none, or where `venue_fault` says why it cannot be used."""
    venue_fault: str | None = None

    @property
    def claims(self) -> frozenset[Claim]:
        return claims_of(self.entry)

    def create(self, context: ConnectorContext) -> ExchangeConnectorBundle:
        """A complete bundle. Raises `BrokenConnector` or the connector's own typed error."""
        return self.factory.create(context)
