"""Connector packages, found through their entry points and without running a line of their code.

A package offers a connector by an entry point in the group `barfinex.connectors`, named for the connector's type,
and a file `manifest.toml` in the top-level package that the entry point's module belongs to.
"""

import importlib.util
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, EntryPoint, distributions
from pathlib import Path

from catalog.manifest import ManifestError, read_manifest
from catalog.model import CatalogEntry
from catalog.text import MESSAGE_LIMIT, clean

GROUP = "barfinex.connectors"
OWN_DISTRIBUTION = "barfinex"
MANIFEST_NAME = "manifest.toml"

_REFERENCE = re.compile(r"(?P<module>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\s*:\s*[A-Za-z_][\w.]*\s*")


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


@dataclass(frozen=True, slots=True)
class Registration:
    """One entry point of the group, with the package it came in."""

    name: str
    distribution: str
    version: str
    entry_point: EntryPoint

    @property
    def own(self) -> bool:
        return _canonical(self.distribution) == OWN_DISTRIBUTION

    def broken(self, reason: str, *, file: Path | None = None, field: str = "") -> BrokenEntry:
        return BrokenEntry(
            name=self.name,
            distribution=self.distribution,
            file=clean(file, 300) if file else "",
            field=field,
            reason=clean(reason, MESSAGE_LIMIT),
        )


def find_registrations() -> tuple[list[Registration], list[BrokenEntry]]:
    """Every entry point of the group on `sys.path`, by package and name, and the packages that cannot be read.

    The first copy of a package wins, as it does on import. Packages without the group cost one small read each.
    """
    found: list[Registration] = []
    broken: list[BrokenEntry] = []
    seen: set[str] = set()
    for distribution in distributions():
        try:
            registrations = list(_registrations(distribution))
        except Exception as error:  # noqa: BLE001 - a stranger's damaged metadata must not cost the rest of the catalog
            name = _name(distribution)
            broken.append(
                BrokenEntry(name, name, "", "", f"its entry points cannot be read: {clean(error, 200)}")
            )
            continue
        if registrations and (name := _canonical(registrations[0].distribution)) not in seen:
            seen.add(name)
            found.extend(registrations)
    found.sort(key=lambda registration: (registration.distribution, registration.name))
    return found, broken


def read_plugin(registration: Registration) -> CatalogEntry | BrokenEntry:
    """The entry a package contributes. Only its manifest is read; nothing of it is imported."""
    reference = _REFERENCE.fullmatch(registration.entry_point.value)
    if reference is None:
        return registration.broken("its entry point is not of the form 'package.module:function'")
    package = reference["module"].partition(".")[0]
    file = manifest_file(registration.entry_point, package)
    if file is None:
        return registration.broken(f"its package '{package}' has no {MANIFEST_NAME}")
    try:
        entry = read_manifest(file)
    except ManifestError as error:
        return registration.broken(error.reason, file=file, field=error.field)
    if entry.connector_type != registration.entry_point.name:
        reason = f"the manifest is for '{entry.connector_type}', the entry point for '{registration.name}'"
        return registration.broken(reason, file=file, field="connector_type")
    if not entry.has_code:
        return registration.broken(
            "the manifest says coming_soon, yet there is an entry point", file=file, field="maturity"
        )
    return entry


def _registrations(distribution: Distribution) -> Iterator[Registration]:
    text = distribution.read_text("entry_points.txt")
    if not text or GROUP not in text:
        return
    for entry_point in distribution.entry_points.select(group=GROUP):
        yield Registration(
            name=clean(entry_point.name),
            distribution=_name(distribution),
            version=clean(distribution.version),
            entry_point=entry_point,
        )


def manifest_file(entry_point: EntryPoint, package: str) -> Path | None:
    """Where a top-level package's manifest lies, `None` where it has none: among the installed files or, for an
    editable install, where the import would look."""
    installed = f"{package}/{MANIFEST_NAME}"
    distribution = entry_point.dist
    for path in (distribution.files or []) if distribution else []:
        # A recorded file that is gone is left out by some versions of the standard library and told by others.
        if path.as_posix() == installed and (file := Path(str(path.locate()))).is_file():
            return file
    try:
        # For a top-level name this asks the finders and executes nothing.
        spec = importlib.util.find_spec(package)
    except (ImportError, ValueError):
        return None
    for folder in (spec.submodule_search_locations or []) if spec else []:
        file = Path(folder) / MANIFEST_NAME
        if file.is_file():
            return file
    return None


def _name(distribution: Distribution) -> str:
    try:
        return clean(distribution.metadata["Name"]) or "unnamed package"
    except Exception:  # noqa: BLE001 - the metadata of a damaged package; what it is called is all that is lost
        return "unnamed package"


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
