"""Keys that can be changed: every binding of the app has an id, and `[keymap]` of the configuration maps ids to keys.

[keymap]
"catalog.search" = "slash,ctrl+f"
"""

from collections.abc import Iterable, Mapping

from textual.binding import Binding, BindingType
from textual.keys import KEY_NAME_REPLACEMENTS, Keys, key_to_character

from tui.binding_ids import binding_ids

RESERVED: Mapping[str, str] = {
    "ctrl+c": "copies and leaves",
    "ctrl+i": "is Tab in a terminal",
    "ctrl+m": "is Enter in a terminal",
    "ctrl+j": "is a line break in a terminal",
    "ctrl+h": "is Backspace in a terminal",
    "tab": "moves the focus",
    "shift+tab": "moves the focus",
    "escape": "goes back",
}
"""Keys that cannot be given away, and why."""

MODIFIERS = frozenset({"alt", "ctrl", "hyper", "meta", "shift", "super"})
_NAMED = frozenset(
    [*KEY_NAME_REPLACEMENTS.values(), *(key.value.rpartition("+")[2] for key in Keys if "<" not in key.value)]
)

_MOST_GUESSES = 6
"""For so many wrong names the right one is looked up, which takes a millisecond each."""


def checked(keymap: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """The part of a keymap that can be used, and one plain line for each part that cannot."""
    chosen: dict[str, str] = {}
    refused: list[str] = []
    taken: dict[str, str] = {}
    known = binding_ids()
    for binding_id, keys in keymap.items():
        wanted = [_as_named(key.strip()) for key in keys.split(",") if key.strip()]
        strange = next((key for key in wanted if not _is_key(key)), None)
        reserved = next((key for key in wanted if key in RESERVED), None)
        if binding_id not in known:
            near = _near(binding_id, known) if len(refused) < _MOST_GUESSES else ""
            refused.append(f"keymap: {binding_id}: nothing has this name{near}; ignored")
            continue
        if not wanted:
            refused.append(f"keymap: {binding_id}: no key is named; ignored")
            continue
        if strange is not None:
            near = f", perhaps {strange.lower()} is meant" if _is_key(strange.lower()) else ""
            refused.append(f"keymap: {binding_id}: there is no key {strange}{near}; ignored")
            continue
        if reserved is not None:
            refused.append(f"keymap: {binding_id}: {reserved} {RESERVED[reserved]}; ignored")
            continue
        for key in wanted:
            if key in taken:
                refused.append(f"keymap: {key} is given to {taken[key]} and to {binding_id}")
            taken[key] = binding_id
        chosen[binding_id] = ",".join(wanted)
    return chosen, refused


def _as_named(key: str) -> str:
    """`/` is a key too, and `slash` its name."""
    if len(key) != 1:
        return key
    (named,) = Binding.make_bindings([(key, "")])
    return named.key


def _is_key(key: str) -> bool:
    *modifiers, last = key.split("+")
    return MODIFIERS.issuperset(modifiers) and (last in _NAMED or key_to_character(last) is not None)


def _near(binding_id: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - for a mistake only

    near = get_close_matches(binding_id, sorted(known), n=1, cutoff=0.6)
    return f", perhaps {near[0]} is meant" if near else ""


def clashes(owners: Iterable[tuple[str, Iterable[BindingType]]], keymap: Mapping[str, str]) -> list[str]:
    """One plain line for each binding that a keymap's key takes its default key from."""
    bindings = [
        (owner, item) for owner, items in owners for item in items if isinstance(item, Binding) and item.id
    ]
    wanted = {key: name for name, keys in keymap.items() for key in keys.split(",")}
    return [
        f"keymap: {wanted[key]} takes {key}, so {item.id} ({owner}) has lost it"
        for owner, item in bindings
        if item.id not in keymap
        for key in item.key.split(",")
        if key in wanted
    ]
