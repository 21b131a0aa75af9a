"""Keys that can be changed: every binding of the app has an id, and `[keymap]` of the configuration maps ids to keys.

[keymap]
"catalog.search" = "slash,ctrl+f"
"""

from collections.abc import Iterable, Mapping

from textual.binding import Binding, BindingType

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

_MOST_GUESSES = 6
"""For so many wrong names the right one is looked up, which takes a millisecond each."""


def checked(keymap: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """The part of a keymap that can be used, and one plain line for each part that cannot."""
    chosen: dict[str, str] = {}
    refused: list[str] = []
    taken: dict[str, str] = {}
    known = binding_ids()
    for binding_id, keys in keymap.items():
        wanted = [key.strip() for key in keys.split(",") if key.strip()]
        reserved = next((key for key in wanted if key in RESERVED), None)
        if binding_id not in known:
            near = _near(binding_id, known) if len(refused) < _MOST_GUESSES else ""
            refused.append(f"keymap: {binding_id}: nothing has this name{near}; ignored")
            continue
        if not wanted:
            refused.append(f"keymap: {binding_id}: no key is named; ignored")
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
