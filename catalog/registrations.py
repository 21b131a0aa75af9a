"""The entry points by which installed packages offer a connector or a local venue, found without running any of them.

Barfinex itself has none: what it brings is in `catalog.built_in`, and a package that calls itself barfinex is a
stranger's. Light enough for an emulator's start.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, EntryPoint, distributions
from pathlib import Path

from catalog.built_in import CONNECTORS, EMULATORS
from catalog.import_path import import_path
from catalog.text import MESSAGE_LIMIT, clean

CONNECTOR_GROUP = "barfinex.connectors"
EMULATOR_GROUP = "barfinex.emulators"
OWN_DISTRIBUTION = "barfinex"

_BUILT_IN = {CONNECTOR_GROUP: CONNECTORS, EMULATOR_GROUP: EMULATORS}
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")


@dataclass(frozen=True, slots=True)
class BrokenEntry:
    """A manifest or a connector package that cannot be used, and why.

    `name` is the entry point's or, for a file of ours, the file's; `file` and `field` are empty where none applies.
    """

    name: str
    distribution: str
    file: str
    field: str
    reason: str

    @property
    def where(self) -> str:
        """The file and its field, in brackets; empty where there is none."""
        return f" ({self.file}{f', field {self.field}' if self.field else ''})" if self.file else ""


@dataclass(frozen=True, slots=True)
class Registration:
    """One entry point, with the package it came in; `built_in` for one of the program's own."""

    name: str
    distribution: str
    version: str
    entry_point: EntryPoint
    built_in: bool = False

    @property
    def package(self) -> str:
        """The package as a person is told of it: `barfinex-acme 1.2`."""
        return f"{self.distribution} {self.version}".rstrip()

    def broken(self, reason: str, *, file: Path | None = None, field: str = "") -> BrokenEntry:
        return BrokenEntry(
            name=self.name,
            distribution=self.distribution,
            file=clean(file, 300) if file else "",
            field=field,
            reason=clean(reason, MESSAGE_LIMIT),
        )


def built_in_registrations(group: str = CONNECTOR_GROUP) -> dict[str, Registration]:
    """The program's own, by type."""
    return {
        name: Registration(name, OWN_DISTRIBUTION, "", EntryPoint(name, value, group), built_in=True)
        for name, value in _BUILT_IN[group].items()
    }


def find_registrations(group: str = CONNECTOR_GROUP) -> tuple[list[Registration], list[BrokenEntry]]:
    """Every entry point of the group in the installed packages, by package and name, and those that cannot be used.

    The first copy of a package wins, as it does on import. Packages without the group cost one small read each.
    """
    found: list[Registration] = []
    broken: list[BrokenEntry] = []
    seen: set[str] = set()
    for distribution in distributions(path=import_path()):
        try:
            registrations = list(_registrations(distribution, group))
        except Exception as error:  # noqa: BLE001 - a stranger's damaged metadata must not cost the rest of the catalog
            name = _name(distribution)
            broken.append(
                BrokenEntry(name, name, "", "", f"its entry points cannot be read: {clean(error, 200)}")
            )
            continue
        if not registrations or (name := canonical(registrations[0].distribution)) in seen:
            continue
        seen.add(name)
        if name == OWN_DISTRIBUTION:
            broken += _claimed(registrations, group)
        elif not _NAME.fullmatch(registrations[0].distribution):
            broken += [
                item.broken("its package has a name that no package can have") for item in registrations
            ]
        else:
            found += registrations
    found.sort(key=lambda registration: (registration.distribution, registration.name))
    return found, broken


def claimed_once(registrations: list[Registration]) -> tuple[dict[str, Registration], list[BrokenEntry]]:
    """Of a type that several packages claim none is used, so that none takes another's place unseen."""
    by_name: dict[str, list[Registration]] = {}
    for item in registrations:
        by_name.setdefault(item.entry_point.name, []).append(item)
    single = {name: items[0] for name, items in by_name.items() if len(items) == 1}
    broken: list[BrokenEntry] = []
    for name, items in by_name.items():
        if len(items) > 1:
            packages = list(dict.fromkeys(item.package for item in items))
            told = " and ".join(packages) if len(packages) > 1 else f"{packages[0]} twice"
            reason = f"the type '{clean(name)}' is claimed by {told}; none is used: uninstall all but one"
            broken += [item.broken(reason, field="connector_type") for item in items]
    return single, broken


def canonical(name: str) -> str:
    """A distribution's name as the package index compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _registrations(distribution: Distribution, group: str) -> Iterator[Registration]:
    text = distribution.read_text("entry_points.txt")
    if not text or group not in text:
        return
    for entry_point in distribution.entry_points.select(group=group):
        yield Registration(
            name=clean(entry_point.name),
            distribution=_name(distribution),
            version=clean(distribution.version),
            entry_point=entry_point,
        )


def _claimed(registrations: list[Registration], group: str) -> list[BrokenEntry]:
    """What a package named as ours offers. An older installation of ours still lists what is built in."""
    return [
        item.broken("a package that calls itself barfinex offers it; barfinex needs no package for its own")
        for item in registrations
        if _BUILT_IN[group].get(item.entry_point.name) != item.entry_point.value
    ]


def _name(distribution: Distribution) -> str:
    try:
        return clean(distribution.metadata["Name"]) or "unnamed package"
    except Exception:  # noqa: BLE001 - the metadata of a damaged package; what it is called is all that is lost
        return "unnamed package"
