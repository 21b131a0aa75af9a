"""A connector's project folder, read from its pyproject.toml: nothing is installed or imported."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from catalog.registrations import CONNECTOR_GROUP, EMULATOR_GROUP
from catalog.text import clean
from connectors.conformance.unresolved import BadTarget, UnknownTarget

PROJECT_FILE = "pyproject.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectFolder:
    name: str
    """Of the distribution."""
    connector_type: str
    entry_point: str
    emulator: str | None
    import_root: Path
    """What has to be on the import path for its packages to be found."""


def read_folder(folder: Path) -> ProjectFolder:
    """Raises `BadTarget` where there is no folder, no project, or not exactly one connector in it."""
    if not folder.is_dir():
        raise _no_folder(folder)
    folder = folder.resolve()
    file = folder / PROJECT_FILE
    try:
        project = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except OSError:
        raise BadTarget(f"{clean(folder, 300)} has no {PROJECT_FILE} that can be read") from None
    except (ValueError, RecursionError) as error:
        raise BadTarget(f"{clean(file, 300)} is not TOML: {error}") from None
    connectors = _group(project, CONNECTOR_GROUP)
    if not connectors:
        raise BadTarget(
            f'{clean(file, 300)} offers no connector: [project.entry-points."{CONNECTOR_GROUP}"] is missing'
        )
    if len(connectors) > 1:
        raise BadTarget(
            f"{clean(file, 300)} offers {', '.join(map(clean, connectors))}; install it and check each by its type"
        )
    ((connector_type, entry_point),) = connectors.items()
    return ProjectFolder(
        name=str(_table(project, "project").get("name", folder.name)),
        connector_type=connector_type,
        entry_point=entry_point,
        emulator=_group(project, EMULATOR_GROUP).get(connector_type),
        import_root=_import_root(folder, project, entry_point),
    )


def _no_folder(folder: Path) -> BadTarget:
    if folder.parent.is_dir():
        beside = (item.name for item in folder.parent.iterdir() if (item / PROJECT_FILE).is_file())
        return UnknownTarget("folder", str(folder), (str(folder.parent / name) for name in sorted(beside)))
    return BadTarget(f"there is no folder {clean(folder, 300)}")


def _group(project: Mapping[str, Any], group: str) -> dict[str, str]:
    entries = _table(project, "project", "entry-points", group)
    return {clean(name): value for name, value in entries.items() if isinstance(value, str)}


def _import_root(folder: Path, project: Mapping[str, Any], entry_point: str) -> Path:
    """Where the build takes the package from: what hatch is told, else `src`, else the folder itself."""
    package = entry_point.partition(":")[0].strip().partition(".")[0]
    packages = _table(project, "tool", "hatch", "build", "targets", "wheel").get("packages", ())
    for named in cast("list[object]", packages) if isinstance(packages, list) else ():
        place = folder / str(named)
        if place.name == package and place.is_dir():
            return place.parent
    source = folder / "src"
    return source if source.is_dir() else folder


def _table(project: Mapping[str, Any], *path: str) -> Mapping[str, Any]:
    table = project
    for part in path:
        table = _mapping(table.get(part))
    return table


def _mapping(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}
