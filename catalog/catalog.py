"""The catalog: every exchange, broker and provider that can be connected, ours and those of installed packages."""

from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

from catalog.manifest import ManifestError, read_manifest
from catalog.model import CatalogEntry, ExchangeMaturity, ExchangeSegment, Features, MarketType
from catalog.plugins import (
    GROUP,
    OWN_DISTRIBUTION,
    BrokenEntry,
    Registration,
    find_registrations,
    read_plugin,
)
from catalog.text import clean

__all__ = ["FEATURES", "GROUP", "BrokenEntry", "Catalog", "Source", "to_json"]

EXCHANGES = Path(__file__).parent / "exchanges"
FEATURES = tuple(Features.model_fields)
"""The names of the nine features, in the model's order."""

_SEGMENT_ORDER = {segment: place for place, segment in enumerate(ExchangeSegment)}


@dataclass(frozen=True, slots=True)
class Source:
    """Where an entry came from."""

    distribution: str
    version: str
    builtin: bool


class Catalog:
    """An immutable view of what was found when it was loaded."""

    def __init__(
        self,
        entries: Iterable[CatalogEntry],
        broken: Iterable[BrokenEntry] = (),
        registrations: Iterable[Registration] = (),
    ) -> None:
        """`registrations` are the entry points of those entries that have code."""
        self.entries = tuple(sorted(entries, key=_place))
        self.broken = tuple(broken)
        self._by_type = {entry.connector_type: entry for entry in self.entries}
        self._registrations = {item.entry_point.name: item for item in registrations}
        self._searched = {entry.connector_type: _searched_text(entry) for entry in self.entries}

    @classmethod
    def load(cls, folder: Path = EXCHANGES) -> "Catalog":
        """The manifests of `folder` and of the packages installed now. A broken one is listed in `broken`.

        A package may bring the connector that one of our own entries only announces; its entry then stands.
        """
        registrations, broken = find_registrations()
        entries: dict[str, CatalogEntry] = {}
        used: list[Registration] = []
        own = {item.entry_point.name: item for item in registrations if item.own}
        for entry in _built_in(folder, own, broken):
            entries[entry.connector_type] = entry
        for name, item in own.items():
            if name in entries:
                used.append(item)
            elif not any(fault.name == name for fault in broken):
                broken.append(item.broken("its entry point has no manifest in the catalog"))
        for item in registrations:
            if item.own:
                continue
            read = read_plugin(item)
            if isinstance(read, BrokenEntry):
                broken.append(read)
            elif (taken := entries.get(read.connector_type)) is not None and taken.has_code:
                owner = taken.display_name
                reason = f"the type '{read.connector_type}' is taken by {owner}; choose another"
                broken.append(item.broken(reason, field="connector_type"))
            else:
                entries[read.connector_type] = read
                used.append(item)
        return cls(entries.values(), broken, used)

    def get(self, connector_type: str) -> CatalogEntry | None:
        return self._by_type.get(connector_type)

    def entry_point(self, connector_type: str) -> EntryPoint | None:
        """What loads the connector's code; `None` where there is no code or no such entry."""
        item = self._registrations.get(connector_type)
        return item.entry_point if item else None

    def source(self, connector_type: str) -> Source:
        """The package that contributed an entry. `KeyError` for an unknown type."""
        if connector_type not in self._by_type:
            raise KeyError(connector_type)
        item = self._registrations.get(connector_type)
        if item is None or item.own:
            return Source(OWN_DISTRIBUTION, item.version if item else "", builtin=True)
        return Source(item.distribution, item.version, builtin=False)

    def by_segment(self) -> dict[ExchangeSegment, tuple[CatalogEntry, ...]]:
        """All segments in their order, the empty ones included."""
        return {
            segment: tuple(entry for entry in self.entries if entry.segment is segment)
            for segment in ExchangeSegment
        }

    def search(self, text: str) -> tuple[CatalogEntry, ...]:
        """The entries whose name, type, segment or description hold every word of `text`, in any case.

        Those whose name or type begins with `text` come first; no text finds everything.
        """
        words = text.casefold().split()
        start = " ".join(words)
        found = [
            entry
            for entry in self.entries
            if all(word in self._searched[entry.connector_type] for word in words)
        ]
        return tuple(sorted(found, key=lambda entry: not _begins(entry, start))) if words else tuple(found)

    def filter(
        self,
        text: str = "",
        *,
        segment: ExchangeSegment | str | None = None,
        market: MarketType | str | None = None,
        feature: str | None = None,
        maturity: ExchangeMaturity | str | None = None,
        environment: str | None = None,
    ) -> tuple[CatalogEntry, ...]:
        """As `search`, narrowed. `feature` is one of `FEATURES` and asks what the venue offers.

        Raises `ValueError` for a segment, market, feature or maturity that there is none of.
        """
        wanted_segment = ExchangeSegment(segment.upper()) if segment else None
        wanted_market = MarketType(market) if market else None
        wanted_maturity = ExchangeMaturity(maturity) if maturity else None
        if feature and feature not in FEATURES:
            raise ValueError(f"unknown feature '{clean(feature)}'; choose one of {', '.join(FEATURES)}")
        return tuple(
            entry
            for entry in self.search(text)
            if (wanted_segment is None or entry.segment is wanted_segment)
            and (wanted_market is None or wanted_market in entry.supported_markets)
            and (not feature or getattr(entry.offered, feature))
            and (wanted_maturity is None or entry.maturity is wanted_maturity)
            and (not environment or environment in entry.environments)
        )


def to_json(entry: CatalogEntry) -> dict[str, Any]:
    """Every field in plain JSON types, and what follows from them: `segment_label`, `has_code`, `data_only`."""
    plain = entry.model_dump(mode="json")
    plain["capabilities"] = entry.offered.model_dump(mode="json")
    return plain | {
        "segment_label": entry.segment.label,
        "has_code": entry.has_code,
        "data_only": entry.data_only,
    }


def _built_in(
    folder: Path, own: dict[str, Registration], broken: list[BrokenEntry]
) -> Iterable[CatalogEntry]:
    types: dict[str, str] = {}
    for file in sorted(folder.glob("*.toml")):
        try:
            entry = read_manifest(file)
        except ManifestError as error:
            broken.append(_broken_file(file, error.field, error.reason))
            continue
        name = entry.connector_type
        if name in types:
            broken.append(_broken_file(file, "connector_type", f"'{name}' is taken by {types[name]}"))
        elif entry.has_code and name not in own:
            reason = f"it claims code, but no entry point '{name}' is installed; install the project (pip install -e .)"
            broken.append(_broken_file(file, "maturity", reason))
        elif not entry.has_code and name in own:
            broken.append(_broken_file(file, "maturity", "it says coming_soon, yet there is an entry point"))
        else:
            types[name] = file.name
            yield entry


def _broken_file(file: Path, field: str, reason: str) -> BrokenEntry:
    return BrokenEntry(clean(file.stem), OWN_DISTRIBUTION, clean(file, 300), field, reason)


def _place(entry: CatalogEntry) -> tuple[int, str, str]:
    return _SEGMENT_ORDER[entry.segment], entry.display_name.casefold(), entry.connector_type


def _searched_text(entry: CatalogEntry) -> str:
    parts = (
        entry.display_name,
        entry.connector_type,
        entry.segment.label,
        entry.segment.value,
        entry.description,
    )
    return "\n".join(parts).casefold()


def _begins(entry: CatalogEntry, start: str) -> bool:
    return entry.display_name.casefold().startswith(start) or entry.connector_type.startswith(start)
