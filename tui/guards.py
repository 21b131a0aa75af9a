"""Guards that stand from the start: no raw control code reaches the terminal, no typed value a log, and no timer spins.

Textual and Rich strip five control characters; escape, C1, DEL, bidi overrides and lone surrogates pass. The tables
extended here are the choke point every text goes through on its way to a cell (both names are private, hence the exact
version pins in `pyproject.toml`); `tests/tui/guards` holds the proof in a real terminal.
"""

from collections.abc import Iterable, Iterator
from functools import wraps
from typing import Any

import rich.control
import textual.content
from textual import events
from textual.timer import Timer

REPLACEMENT = 0xFFFD
"""Shown where a control character stood, so that tampering can be seen."""

_KEPT = frozenset({0x09, 0x0A})
"""Tab and newline: text has them by right."""

SHORTEST_INTERVAL = 0.001
"""Seconds. Textual's timers count missed ticks without awaiting anything, and never come to an end below zero."""

_RANGES = (
    range(0x20),
    range(0x7F, 0xA0),
    range(0x061C, 0x061D),
    range(0x200E, 0x2010),
    range(0x2028, 0x202F),
    range(0x2066, 0x206A),
    range(0xD800, 0xE000),
)


def unsafe_code_points() -> Iterator[int]:
    """C0, DEL, C1, bidi marks and overrides, line separators, and surrogates (which no terminal encoding can take)."""
    for codes in _RANGES:
        for code in codes:
            if code not in _KEPT:
                yield code


def install() -> None:
    """Close the choke point, keep typed text out of event reprs and timers above zero. Again it does nothing new."""
    table = dict.fromkeys(unsafe_code_points(), REPLACEMENT)
    for module in (textual.content, rich.control):
        shared: dict[int, Any] = getattr(module, "_CONTROL_STRIP_TRANSLATE")  # noqa: B009 - private by name
        shared.update(table)
    setattr(events.Paste, "__rich_repr__", _paste_repr)  # noqa: B010 - a method of a foreign class
    setattr(events.Key, "__rich_repr__", _key_repr)  # noqa: B010
    setattr(Timer, "__init__", _guarded_timer)  # noqa: B010


def _paste_repr(event: events.Paste) -> Iterable[tuple[str, object]]:
    yield "length", len(event.text)


def _key_repr(event: events.Key) -> Iterable[tuple[str, object]]:
    yield "key", "printable" if event.is_printable else event.key


def usable_interval(seconds: float) -> float:
    """The interval, or the shortest there is where it is not above zero (a toast whose time is over) or no number."""
    return seconds if seconds >= SHORTEST_INTERVAL else SHORTEST_INTERVAL


_make_timer = Timer.__init__


@wraps(_make_timer)
def _guarded_timer(self: Timer, event_target: Any, interval: float, **options: Any) -> None:
    if options.get("repeat") == 0:
        # A single tick that came late is not one of many that can be left out.
        options["skip"] = False
    _make_timer(self, event_target, usable_interval(interval), **options)
