"""A connector's instruments and the emulator's listings, matched: a venue may spell and list them as it likes."""

from collections.abc import Iterable
from dataclasses import dataclass

from connectors.conformance.case import CaseFailed
from connectors.contracts.instruments import Instrument, normalise_symbol
from connectors.emulator.listing import Listing
from connectors.emulator.market import Market

WANTED = 2


@dataclass(frozen=True, slots=True)
class Pair:
    instrument: Instrument
    listing: Listing

    @property
    def symbol(self) -> str:
        """The connector's."""
        return self.instrument.symbol


def matched_pairs(market: Market, instruments: Iterable[Instrument]) -> list[Pair]:
    """The instruments that are found in the market, by their symbol or else by their assets, the busiest first."""
    by_symbol: dict[str, Instrument] = {}
    by_assets: dict[tuple[str, str], list[Instrument]] = {}
    for instrument in instruments:
        for spelling in (instrument.venue_symbol, instrument.symbol):
            by_symbol.setdefault(normalise_symbol(spelling), instrument)
        by_assets.setdefault((instrument.base_asset, instrument.quote_asset), []).append(instrument)
    pairs: list[Pair] = []
    for symbol, listing in market.listings.items():
        assets = by_assets.get((listing.instrument.base, listing.instrument.quote), [])
        found = by_symbol.get(normalise_symbol(symbol)) or (assets[0] if len(assets) == 1 else None)
        if found is not None and found.tradable:
            pairs.append(Pair(found, listing))
    return sorted(pairs, key=lambda pair: -pair.listing.instrument.activity)


def busiest_pairs(market: Market, instruments: Iterable[Instrument]) -> list[Pair]:
    """Raises `CaseFailed` where fewer than two instruments of the connector are the emulator's."""
    pairs = matched_pairs(market, instruments)[:WANTED]
    if len(pairs) < WANTED:
        raise CaseFailed(
            "at least two of the connector's instruments are pairs of the emulator's market, by base and quote asset"
        )
    return pairs
