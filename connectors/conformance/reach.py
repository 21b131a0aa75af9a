"""Which objects can be reached from others, through attributes, containers and what functions close over."""

import gc
from collections.abc import Iterable
from types import ModuleType
from typing import Any

_MOST = 200_000


def reaches(starts: Iterable[Any], wanted: object) -> bool:
    """Whether `wanted` is among what `starts` lead to. Modules and classes are not entered: they are everybody's."""
    waiting = list(starts)
    seen: set[int] = set()
    while waiting and len(seen) < _MOST:
        item = waiting.pop()
        if item is wanted:
            return True
        if id(item) in seen or isinstance(item, ModuleType | type):
            continue
        seen.add(id(item))
        waiting += _parts(item)
    return False


def _parts(item: Any) -> list[Any]:
    if callable(item) and hasattr(item, "__globals__"):
        # A function leads to its module's globals, which are everybody's.
        cells = getattr(item, "__closure__", None) or ()
        return [cell.cell_contents for cell in cells if _is_filled(cell)]
    return [part for part in gc.get_referents(item) if gc.is_tracked(part) or hasattr(part, "reveal")]


def _is_filled(cell: Any) -> bool:
    try:
        _ = cell.cell_contents
    except ValueError:
        return False
    return True
