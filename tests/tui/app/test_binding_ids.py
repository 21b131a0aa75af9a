"""The table of binding ids is the code's: nothing in it that is not there, nothing there that is not in it."""

import importlib
import pkgutil
from collections.abc import Iterator

from textual.binding import Binding
from textual.dom import DOMNode

import tui
from tui.binding_ids import binding_ids


def test_the_table_holds_every_binding_of_the_app() -> None:
    for module in pkgutil.walk_packages(tui.__path__, f"{tui.__name__}."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    found = {
        binding.id
        for node in nodes(DOMNode)
        if node.__module__.startswith(f"{tui.__name__}.")
        for binding in node.__dict__.get("BINDINGS", ())
        if isinstance(binding, Binding) and binding.id
    }
    assert binding_ids() == found


def nodes(kind: type[DOMNode]) -> Iterator[type[DOMNode]]:
    for below in kind.__subclasses__():
        yield below
        yield from nodes(below)
