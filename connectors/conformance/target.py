"""Finding the connector that is to be checked: an installed type, an entry point, or a folder."""

import importlib
import os
import sys
from contextlib import suppress
from importlib.metadata import EntryPoint
from importlib.util import find_spec
from pathlib import Path

from catalog.catalog import Catalog
from catalog.manifest import ManifestError, read_manifest
from catalog.plugins import manifest_file, read_plugin
from catalog.registrations import (
    CONNECTOR_GROUP,
    OWN_DISTRIBUTION,
    BrokenEntry,
    Registration,
    built_in_registrations,
    find_registrations,
)
from catalog.text import clean
from connectors.conformance.folder import read_folder
from connectors.conformance.subject import Target
from connectors.conformance.unresolved import BadTarget, UnknownTarget
from connectors.contracts.errors import ComingSoon
from connectors.emulator.dialect import module_name
from connectors.emulator.errors import UnknownVenue

__all__ = ["BadTarget", "Target", "UnknownTarget", "resolve"]

_RECORDINGS = ("*.jsonl", "*.jsonl.gz")


def resolve(name: str) -> Target:
    """The connector of that name: an installed type, `package.module:function`, or a folder with a pyproject.toml.

    Nothing of it is imported. A broken manifest is told in the target. Raises `UnknownTarget`, `BadTarget`, or
    `ComingSoon` for an entry of the catalog that has no code.
    """
    folder = Path(name).expanduser()
    if os.sep in name or "/" in name or name in (".", ".."):
        return _of_folder(name, folder)
    if ":" in name:
        return _of_entry_point(name)
    catalog = Catalog.load()
    known = {item.name: item for item in _registrations()}
    if name in known:
        return _installed(name, catalog, known[name])
    if (entry := catalog.get(name)) is not None and not entry.has_code:
        raise ComingSoon(entry.display_name)
    if folder.is_dir():
        return _of_folder(name, folder)
    raise UnknownTarget("connector", name, known)


def _registrations() -> list[Registration]:
    """Those of packages and, after them, what is built in, which none of them replaces."""
    return [*find_registrations()[0], *built_in_registrations().values()]


def _installed(name: str, catalog: Catalog, registration: Registration) -> Target:
    entry = catalog.get(name)
    found = catalog.entry_point(name)
    reference = found.value if found is not None else registration.entry_point.value
    fault = None
    if entry is None or found is None:
        entry = None
        broken = next((item for item in catalog.broken if item.name == name), None)
        fault = _told(broken) if broken is not None else "it has no manifest in the catalog"
    folder = _module_folder(reference)
    return Target(
        name=name,
        connector_type=name,
        catalog=catalog,
        entry=entry,
        manifest_fault=fault,
        entry_point=reference,
        emulator=_installed_emulator(name),
        folder=folder,
        recordings=_recordings(folder),
    )


def _of_entry_point(reference: str) -> Target:
    for item in _registrations():
        if item.entry_point.value.replace(" ", "") == reference.replace(" ", ""):
            return _installed(item.name, Catalog.load(), item)
    module, _, function = reference.partition(":")
    package = module.partition(".")[0]
    if not all(part.isidentifier() for part in (*module.split("."), *function.split("."))):
        raise BadTarget(f"'{clean(reference)}' is not of the form package.module:function")
    root = Path.cwd() if _lies_here(package) else None
    if root is not None:
        _put_on_path(root)
    if find_spec(package) is None:
        raise BadTarget(f"there is no package '{clean(package)}' here; is it installed?")
    bare = EntryPoint(package, reference, CONNECTOR_GROUP)
    file = manifest_file(bare, package)
    connector_type = package
    if file is not None:
        with suppress(ManifestError):  # told when the registration is read
            connector_type = read_manifest(file).connector_type
    return _registered(
        reference, connector_type, reference, emulator=_installed_emulator(connector_type), root=root
    )


def _of_folder(name: str, folder: Path) -> Target:
    project = read_folder(folder)
    _put_on_path(project.import_root)
    return _registered(
        name,
        project.connector_type,
        project.entry_point,
        emulator=project.emulator,
        root=project.import_root,
        distribution=project.name,
    )


def _registered(
    name: str,
    connector_type: str,
    reference: str,
    *,
    emulator: str | None,
    root: Path | None,
    distribution: str = "",
) -> Target:
    """A connector that no installed package registers: its catalog holds nothing else."""
    entry_point = EntryPoint(connector_type, reference, CONNECTOR_GROUP)
    registration = Registration(connector_type, distribution or name, "", entry_point)
    read = read_plugin(registration)
    broken = isinstance(read, BrokenEntry)
    folder = _module_folder(reference)
    return Target(
        name=name,
        connector_type=connector_type,
        catalog=Catalog((), (read,)) if broken else Catalog((read,), (), (registration,)),
        entry=None if broken else read,
        manifest_fault=_told(read) if broken else None,
        entry_point=reference,
        emulator=emulator,
        import_root=root,
        folder=folder,
        recordings=_recordings(folder),
    )


def _recordings(folder: Path) -> tuple[Path, ...]:
    """The recordings beside the code; of those in parts, the first."""
    found = [file for pattern in _RECORDINGS for file in (folder / "recordings").glob(pattern)]
    first_parts = (file for file in found if not file.name.split(".", 1)[1].partition(".")[0].isdigit())
    return tuple(sorted(first_parts))


def _module_folder(reference: str) -> Path:
    """Where an entry point's module lies, without importing the packages above it as a search for it would."""
    package, *rest = reference.partition(":")[0].strip().split(".")
    try:
        spec = find_spec(package)
    except (ImportError, ValueError):
        spec = None
    if spec is None:
        raise BadTarget(f"there is no package '{clean(package)}' where its entry point says")
    places = [Path(place) for place in spec.submodule_search_locations or ()]
    if not places:
        return Path(spec.origin or "").parent
    for place in places:
        inside = place.joinpath(*rest)
        if inside.is_dir():
            return inside
        if inside.with_suffix(".py").is_file():
            return inside.parent
    return places[0]


def _lies_here(package: str) -> bool:
    """Whether a package that is named is meant as one of the working directory, where nothing else is looked for."""
    if not (Path(package).is_dir() or Path(f"{package}.py").is_file()):
        return False
    spec = find_spec(package)
    found = [] if spec is None else [*(spec.submodule_search_locations or ()), spec.origin or ""]
    return spec is None or any(place and Path(place).parent == Path.cwd() for place in found)


def _installed_emulator(connector_type: str) -> str | None:
    try:
        return module_name(connector_type)
    except UnknownVenue:
        return None


def _put_on_path(root: Path) -> None:
    if str(root) not in sys.path:
        sys.path.insert(0, str(root))
    importlib.invalidate_caches()


def _told(broken: BrokenEntry) -> str:
    file = "" if broken.distribution == OWN_DISTRIBUTION and not broken.file else broken.file
    return ": ".join(part for part in (file, broken.field, broken.reason) if part)
