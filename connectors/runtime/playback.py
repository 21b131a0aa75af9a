"""A recording opened for replay: the file, and the connector's part that can play it."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from catalog.catalog import Catalog
from catalog.model import CatalogEntry, MarketType
from connectors.contracts.errors import BarfinexError, BrokenConnector, NotSupported
from connectors.runtime.activation import checked_market
from connectors.runtime.factory import ExchangeConnectorFactory
from connectors.runtime.foreign import describe, pass_ours
from connectors.streaming.recording_reader import RecordingReader
from connectors.streaming.replay import VenueReplay

REPLAY_FUNCTION = "create_replay"
"""The function, beside the one that the entry point names, that makes a market's `VenueReplay`. A connector may lack
it; its recordings are then kept but not played."""


@dataclass(frozen=True, slots=True)
class Playback:
    """`venue` is made anew for every run, because its feeds and books remember."""

    reader: RecordingReader
    entry: CatalogEntry
    market_type: MarketType
    venue: Callable[[], VenueReplay]


def open_recording(catalog: Catalog, path: Path, *, stream: BinaryIO | None = None) -> Playback:
    """Raises `RecordingError`, the errors of the factory, `UnsupportedMarket`, and `NotSupported` where the connector
    cannot play recordings."""
    reader = RecordingReader(path, stream)
    connector_type = reader.header.connector_type
    factory = ExchangeConnectorFactory(catalog)
    entry = factory.entry(connector_type)
    factory.load(connector_type)
    entry_point = catalog.entry_point(connector_type)
    module = importlib.import_module(entry_point.module) if entry_point is not None else None
    make = getattr(module, REPLAY_FUNCTION, None)
    if make is None:
        raise NotSupported(f"the connector of {entry.display_name} cannot play recordings")
    create = cast("Callable[[MarketType], VenueReplay]", make)
    market_type = _market(entry, reader.header.market_type)
    try:
        create(market_type)
    except BarfinexError:
        raise
    except BaseException as error:  # noqa: BLE001 - the boundary to a stranger's code
        pass_ours(error)
        raise BrokenConnector(connector_type, f"its replay failed to start: {describe(error)}") from None
    return Playback(reader, entry, market_type, lambda: create(market_type))


def _market(entry: CatalogEntry, name: str) -> MarketType:
    """A market the connector may have ended or not yet offer live: only its replay has to know it."""
    known = {market.value: market for market in MarketType}
    return known[name] if name in known else checked_market(entry, name)
