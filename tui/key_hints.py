"""Keys as they are named in hints and prose: what the configuration gave them, else their usual ones."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from textual.app import App
from textual.binding import Binding, BindingType

from tui.help import key_words

_TICKED = re.compile(r"`([^`\n]+)`")


def key_of(app: App[Any], binding_id: str, usual: str) -> str:
    """The first key of a binding, as a person reads it."""
    return _first(keymap_of(app).get(binding_id, usual))


def keymap_of(app: App[Any]) -> Mapping[str, str]:
    keymap: Mapping[str, str] = getattr(app, "keymap", {})
    return keymap


def with_own_keys(prose: str, bindings: Iterable[BindingType], keymap: Mapping[str, str]) -> str:
    """Prose that names usual keys between ticks, with the keymap's in their place; the first binding counts."""
    named: dict[str, str] = {}
    for item in bindings:
        if isinstance(item, Binding) and item.id is not None:
            for key in item.key.split(","):
                own = keymap.get(item.id)
                named.setdefault(key_words(key).lower(), "" if own is None else _first(own))
    return _TICKED.sub(lambda found: f"`{named.get(found[1].lower()) or found[1]}`", prose)


def _first(keys: str) -> str:
    return key_words(keys.split(",", maxsplit=1)[0])
