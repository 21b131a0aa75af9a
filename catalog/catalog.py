"""The catalog: every exchange, broker and provider that can be connected, ours and those of installed packages."""

from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

from catalog.manifest import ManifestError, read_manifest
from catalog.model import CatalogEntry, ExchangeMaturity, ExchangeSegment, Features, MarketType
from catalog.plugins import read_plugin
from catalog.registrations import (
    OWN_DISTRIBUTION,
    BrokenEntry,
    Registration,
    built_in_registrations,
    claimed_once,
    find_registrations,
)
from catalog.text import clean

__all__ = ["FEATURES", "BrokenEntry", "Catalog", "Source", "to_json"]

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

    @property
    def package(self) -> str:
        """The package it is in, as a person is told: `barfinex-acme 1.2`; empty where it is built in."""
        return "" if self.builtin else f"{self.distribution} {self.version}".rstrip()


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

        A package may bring the connector that one of our own entries only announces; its entry then stands. One that
        claims a type of ours is listed in `broken`, and so are all that claim the same one.
        """
        registrations, broken = find_registrations()
        built_in = built_in_registrations()
        entries = {entry.connector_type: entry for entry in _built_in(folder, built_in, broken)}
        used = [item for name, item in built_in.items() if name in entries]
        plugins: dict[str, CatalogEntry] = {}
        usable: list[Registration] = []
        for item in registrations:
            read = read_plugin(item)
            if isinstance(read, BrokenEntry):
                broken.append(read)
            elif item.entry_point.name in built_in:
                taken = entries.get(read.connector_type)
                owner = taken.display_name if taken else OWN_DISTRIBUTION
                reason = f"the type '{read.connector_type}' is taken by {owner}; choose another"
                broken.append(item.broken(reason, field="connector_type"))
            else:
                plugins[read.connector_type] = read
                usable.append(item)
        single, disputed = claimed_once(usable)
        broken += disputed
        entries |= {name: plugins[name] for name in single}
        used += single.values()
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
        if item is None or item.built_in:
            return Source(OWN_DISTRIBUTION, "", builtin=True)
        return Source(item.distribution, item.version, builtin=False)

    def fault(self, connector_type: str) -> BrokenEntry | None:
        """Why what was to bring this type's code is not used: of a package that claims it, or of a manifest of ours.

        `None` where the type has code, whoever else claims it, and where nothing claims it.
        """
        if connector_type in self._registrations:
            return None
        return next((item for item in self.broken if item.name == connector_type), None)

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
    folder: Path, built_in: dict[str, Registration], broken: list[BrokenEntry]
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
        elif entry.has_code and name not in built_in:
            reason = f"it claims code, but there is no '{name}' among what is built in"
            broken.append(_broken_file(file, "maturity", reason))
        elif not entry.has_code and name in built_in:
            broken.append(_broken_file(file, "maturity", "it says coming_soon, yet its code is built in"))
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
