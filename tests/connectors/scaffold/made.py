"""Generated packages: of any choices, on disk, and on the import path as an installer would have left them."""

import importlib
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from catalog.model import MarketType
from catalog.registrations import EMULATOR_GROUP as EMULATORS
from connectors.scaffold.building import build
from connectors.scaffold.choices import DATA, Choices, Feature, Keys, Transport
from connectors.scaffold.project import project_files
from tests.catalog.packages import write_metadata

SPOT, FUTURES, MARGIN = MarketType.SPOT, MarketType.FUTURES, MarketType.MARGIN
ALL = frozenset({*DATA, Feature.ORDERS})

VARIANTS: dict[str, dict[str, Any]] = {
    "plain": {},
    "keyed": {"keys": Keys.KEY_SECRET, "markets": (SPOT, FUTURES)},
    "trading": {"keys": Keys.KEY_SECRET, "features": ALL, "markets": (SPOT, FUTURES, MARGIN)},
    "lone": {"features": frozenset({Feature.TRADES}), "markets": (FUTURES,)},
    "past": {"features": frozenset({Feature.HISTORY})},
    "http": {"transport": Transport.HTTP_STREAM},
    "http-trading": {"transport": Transport.HTTP_STREAM, "keys": Keys.KEY_SECRET, "features": ALL},
    "polled": {"transport": Transport.POLLING, "markets": (SPOT, FUTURES)},
    "polled-trading": {"transport": Transport.POLLING, "keys": Keys.KEY_SECRET, "features": ALL},
}


def choices(name: str = "plain", variant: str | None = None, **changes: Any) -> Choices:
    facts: dict[str, Any] = {
        "name": name,
        "display_name": name.title(),
        "website": f"https://www.{name}.example",
        "description": f"{name.title()}, connected by a package of its own.",
    }
    return Choices(**facts | VARIANTS[variant or "plain"] | changes)


def made(folder: Path, chosen: Choices) -> Path:
    """The project's folder, with metadata beside its package, as an editable install has it."""
    return _registered(build(chosen, folder, "0.1.0"), chosen)


def written(folder: Path, chosen: Choices) -> Path:
    """As `made`, without the recordings."""
    project = folder / chosen.distribution
    for path, text in project_files(chosen, "0.1.0").items():
        file = project / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return _registered(project, chosen)


def _registered(project: Path, chosen: Choices) -> Path:
    info = write_metadata(project, chosen.distribution, {chosen.name: f"{chosen.package}:create_connector"})
    with (info / "entry_points.txt").open("a") as file:
        file.write(f"\n[{EMULATORS}]\n{chosen.name} = {chosen.package}.emulator\n")
    return project


@contextmanager
def installed(project: Path, chosen: Choices) -> Generator[None]:
    """The package can be found and imported inside the block."""
    sys.path.insert(0, str(project))
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path.remove(str(project))
        for name in [name for name in sys.modules if name.partition(".")[0] == chosen.package]:
            del sys.modules[name]
