"""What a connector package contributes to the catalog, read without running a line of its code.

A package offers a connector by an entry point in the group `barfinex.connectors`, named for the connector's type,
and a file `manifest.toml` in the top-level package that the entry point's module belongs to.
"""

import importlib.util
import re
from importlib.metadata import EntryPoint
from pathlib import Path

from catalog.manifest import ManifestError, read_manifest
from catalog.model import CatalogEntry
from catalog.registrations import BrokenEntry, Registration

MANIFEST_NAME = "manifest.toml"

_REFERENCE = re.compile(r"(?P<module>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\s*:\s*[A-Za-z_][\w.]*\s*")


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
