"""Writes the table of bindings in configuration.md from the code: python docs/make_keys.py."""

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

from textual.binding import Binding
from textual.dom import DOMNode

import tui

PAGE = Path(__file__).with_name("configuration.md")
BEGIN, END = "<!-- bindings, made by make_keys.py -->\n", "<!-- end of the bindings -->\n"


def bindings() -> dict[str, Binding]:
    """Every binding of the app that has an id."""
    for module in pkgutil.walk_packages(tui.__path__, f"{tui.__name__}."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    return {
        binding.id: binding
        for node in _below(DOMNode)
        if node.__module__.startswith(f"{tui.__name__}.")
        for binding in node.__dict__.get("BINDINGS", ())
        if isinstance(binding, Binding) and binding.id
    }


def _below(kind: type[DOMNode]) -> Iterator[type[DOMNode]]:
    for node in kind.__subclasses__():
        yield node
        yield from _below(node)


def table() -> str:
    rows = [
        f"| `{name}` | `{one.key}` | {one.tooltip or one.description} |\n"
        for name, one in sorted(bindings().items())
    ]
    return "| id | keys | does |\n|---|---|---|\n" + "".join(rows)


def page(text: str) -> str:
    """The page with its table as the code has it."""
    before, _, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}\n{table()}\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
