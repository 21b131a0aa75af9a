"""From choices to files: the layers of the template that belong to them, laid over each other.

A layer is a folder of whole files; a file is in one of the chosen layers only. `package` stands for the package's own
name, and the ending `.txt`, which keeps tools from reading a template as code, is dropped.
"""

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import PurePosixPath
from string import Template

from connectors.scaffold.choices import Choices, Feature, Keys, Transport
from connectors.scaffold.values import values_of

_ENDING = ".txt"
_HIDDEN = frozenset({"gitignore"})
"""Names that begin with a dot where they are used, which would make them act in the template too."""

_TRANSPORTS = {
    Transport.WEBSOCKET: ("streamed", "websocket"),
    Transport.HTTP_STREAM: ("streamed", "http_stream"),
    Transport.POLLING: ("polling",),
}


def project_files(choices: Choices, version: str) -> dict[PurePosixPath, str]:
    """Every file of the new package but its recordings, by its path in the project's folder."""
    values = values_of(choices, version)
    template = files("connectors.scaffold") / "template"
    made: dict[PurePosixPath, str] = {}
    for layer in layers_of(choices):
        for path, text in _read(template / layer, PurePosixPath()):
            made[_renamed(path, choices.package)] = Template(text).substitute(values)
    return made


def layers_of(choices: Choices) -> list[str]:
    """The layers' folders."""
    orders, keyed = Feature.ORDERS in choices.features, choices.keys is Keys.KEY_SECRET
    layers = ["common", *_TRANSPORTS[choices.transport], "keyed" if keyed else "keyless"]
    if keyed and not orders:
        layers.append("keyed_reading")
    layers.append("orders" if orders else "no_orders")
    layers.append("history" if Feature.HISTORY in choices.features else "no_history")
    return layers


def _read(folder: Traversable, path: PurePosixPath) -> list[tuple[PurePosixPath, str]]:
    found: list[tuple[PurePosixPath, str]] = []
    for item in sorted(folder.iterdir(), key=lambda item: item.name):
        here = path / item.name
        if item.is_dir():
            found += _read(item, here)
        elif item.name.endswith(_ENDING):
            found.append((here, item.read_text(encoding="utf-8")))
    return found


def _renamed(path: PurePosixPath, package: str) -> PurePosixPath:
    parts = [package if part == "package" else part for part in path.parts]
    name = parts[-1].removesuffix(_ENDING)
    return PurePosixPath(*parts[:-1], f".{name}" if name in _HIDDEN else name)
