"""Whose code a connector's keys go to: the package, and what its files are.

Keys are filed by the connector's type, which any package can claim. So what is stored says which package it was given
to, and another one, or the same with other files, gets it only once the person has allowed it.
"""

import hashlib
import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution
from pathlib import Path

from catalog.catalog import Catalog
from catalog.registrations import canonical
from connectors.contracts.errors import BarfinexError, BrokenConnector
from connectors.runtime.credential_index import BUILT_IN, StoredCredentials
from connectors.runtime.daemon_call import call_in_daemon_thread

_SECONDS = 30.0


class PackageNotAllowed(BarfinexError):
    """Stored credentials were given to another package than would get them now, or to other files of it."""

    def __init__(self, record: StoredCredentials, reason: str) -> None:
        self.reason = reason
        super().__init__(
            f"{reason}; if you trust it with them: barfinex credentials allow {record.connector_type}"
        )


@dataclass(frozen=True, slots=True)
class PackageIdentity:
    """`name` is the distribution's, or `BUILT_IN`; `digest` that of its files; `label` is what a person is told."""

    name: str
    digest: str
    label: str

    def check(self, record: StoredCredentials) -> None:
        """Raises `PackageNotAllowed` where the record's credentials are not this package's."""
        given = record.package
        what = f"the credentials of {record.name}"
        if self.name == BUILT_IN:
            # Before it was noted whom they are given to, barfinex itself was all that was known by name.
            if given not in (None, BUILT_IN):
                raise PackageNotAllowed(
                    record, f"{what} were given to the package {given}, not to {self.label}"
                )
        elif given is None or canonical(given) != canonical(self.name):
            owner = {None: "before it was noted to which package", BUILT_IN: "to barfinex itself"}.get(
                given, f"to the package {given}"
            )
            raise PackageNotAllowed(
                record, f"{what} were given {owner}, and now the package {self.label} asks for them"
            )
        elif record.package_hash != self.digest:
            raise PackageNotAllowed(
                record, f"the package {self.label} is not what it was when {what} were given to it"
            )


async def package_identity(catalog: Catalog, connector_type: str) -> PackageIdentity:
    """Who would get the credentials of a connector now. Raises `BrokenConnector` where the files cannot be read."""
    source = catalog.source(connector_type)
    if source.builtin:
        return PackageIdentity(BUILT_IN, "", "barfinex itself")
    entry_point = catalog.entry_point(connector_type)
    module = entry_point.module if entry_point is not None else ""
    distribution = entry_point.dist if entry_point is not None else None
    reason: str
    try:
        digest = await call_in_daemon_thread(
            lambda: _digest(module.partition(".")[0], distribution), _SECONDS, name="package-files"
        )
        return PackageIdentity(source.distribution, digest, source.package)
    except TimeoutError:
        reason = f"reading the files of {source.package} took longer than {_SECONDS:g} s"
    except (OSError, ImportError, ValueError) as error:
        reason = f"the files of {source.package} cannot be read: {error}"
    raise BrokenConnector(connector_type, reason)


def _digest(package: str, distribution: Distribution | None) -> str:
    """Of what an import would run, editable installs included, and of whatever else the distribution installed."""
    total = hashlib.sha256()
    for name, file in sorted({**dict(_installed(distribution)), **dict(_imported(package))}.items()):
        with file.open("rb") as opened:
            content = hashlib.file_digest(opened, "sha256").hexdigest()
        total.update(f"{name}\0{content}\n".encode(errors="surrogateescape"))
    return total.hexdigest()


def _imported(package: str) -> Iterator[tuple[str, Path]]:
    spec = importlib.util.find_spec(package)
    for place in (spec.submodule_search_locations or ()) if spec is not None else ():
        folder = Path(place)
        for file in folder.rglob("*"):
            if file.is_file() and "__pycache__" not in file.parts:
                yield f"{package}/{file.relative_to(folder).as_posix()}", file


def _installed(distribution: Distribution | None) -> Iterator[tuple[str, Path]]:
    for path in (distribution.files or ()) if distribution is not None else ():
        # Of a version, an installer's notes and byte code nothing is to be told; commands differ by where Python is.
        apart = path.parts[0].endswith((".dist-info", ".egg-info")) or path.parts[0] == ".."
        file = Path(str(path.locate()))
        if not apart and "__pycache__" not in path.parts and file.is_file():
            yield path.as_posix(), file
