"""The help text of a screen, built from its own `HELP` and the bindings that are live on it."""

from collections.abc import Iterable
from typing import NamedTuple

from textual.binding import Binding
from textual.screen import Screen

from tui.typed import app_of

SYMBOLS = {
    "question_mark": "?",
    "slash": "/",
    "escape": "Esc",
    "enter": "Enter",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "plus": "+",
    "minus": "-",
    "equals_sign": "=",
    "full_stop": ".",
    "comma": ",",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "space": "Space",
    "home": "Home",
    "end": "End",
    "pageup": "PgUp",
    "pagedown": "PgDn",
}


_OF_EVERY_SCREEN = frozenset({"app.focus_next", "app.focus_previous", "screen.copy_text"})


class Key(NamedTuple):
    keys: str
    description: str
    where: str


def key_words(keys: str) -> str:
    """`ctrl+p,f1` as a person reads it."""
    return ", ".join(_one(key.strip()) for key in keys.split(","))


def _one(key: str) -> str:
    *modifiers, last = key.split("+")
    if len(last) == 1 and last.isupper():
        modifiers, last = [*modifiers, "shift"], last.lower()
    shown = SYMBOLS.get(last, last.capitalize() if len(last) > 1 or modifiers else last)
    return "+".join([*(name.capitalize() for name in modifiers), shown])


def live_keys(screen: Screen[object]) -> list[Key]:
    """The described bindings of a screen and what is focused on it, once each, the screen's own first."""
    found: dict[tuple[str, str], tuple[list[str], str]] = {}
    for item in screen.active_bindings.values():
        binding: Binding = item.binding
        if not binding.description or binding.system:
            continue
        where = "Focused"
        if item.node in (screen, app_of(screen)):
            own = item.node is screen and binding.action not in _OF_EVERY_SCREEN
            where = "This screen" if own else "Everywhere"
        keys, _ = found.setdefault((binding.action, binding.description), ([], where))
        keys.append(binding.key)
    order = {"This screen": 0, "Focused": 1, "Everywhere": 2}
    result = [
        Key(key_words(",".join(keys)), description, where)
        for (_, description), (keys, where) in found.items()
    ]
    return sorted(result, key=lambda key: order[key.where])


def key_lines(keys: Iterable[Key]) -> list[tuple[str, str]]:
    """(keys, description), with a heading (empty keys) where the place changes."""
    lines: list[tuple[str, str]] = []
    place = None
    for key in keys:
        if key.where != place:
            place = key.where
            lines.append(("", place))
        lines.append((key.keys, key.description))
    return lines
