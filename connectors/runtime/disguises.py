"""The forms in which a secret turns up in text."""

import base64
import html
import json
from collections.abc import Callable
from urllib.parse import quote, quote_plus

SHORTEST = 6
"""Shorter values are not looked for: they would be found everywhere."""

_SHORTEST_LINE = 16
"""Lines of a key shorter than this say nothing of it."""


def disguises(value: str) -> frozenset[str]:
    """`value` itself, in base64 (at any offset of a longer text), hex, URL quoting, JSON, HTML and `repr` escaping.

    Of a value with several lines each long line counts by itself.
    """
    value = value.strip()
    if len(value) < SHORTEST:
        return frozenset()
    raw = value.encode("utf-8", "surrogatepass")
    forms = {
        value,
        raw.hex(),
        raw.hex().upper(),
        quote(raw, safe=""),
        quote(raw),
        quote(quote(raw, safe=""), safe=""),
        quote_plus(raw),
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        json.dumps(value)[1:-1].replace("/", "\\/"),
        _unicode_escaped(value, lambda char: not char.isalnum()),
        _unicode_escaped(value, lambda char: char in "&<>'+="),
        _unicode_escaped(value, lambda _: True),
        repr(value)[1:-1],
        html.escape(value),
        html.escape(value, quote=False),
        *_base64_forms(raw),
    }
    if "\n" in value:
        forms.update(
            line for line in value.split("\n") if len(line) >= _SHORTEST_LINE and "-----" not in line
        )
    return frozenset(forms)


def _unicode_escaped(value: str, escaped: Callable[[str], bool]) -> str:
    """As JSON may spell any character, and some writers spell those that mean something in HTML."""
    return "".join(f"\\u{ord(char):04x}" if escaped(char) else char for char in value)


def _base64_forms(raw: bytes) -> set[str]:
    forms: set[str] = set()
    for offset in range(3):
        # The first and last characters mix with the neighbours' bits and are left out.
        encoded = base64.b64encode(b"\0" * offset + raw).decode()
        start = (0, 2, 3)[offset]
        end = len(encoded) - {0: 0, 1: 3, 2: 2}[(offset + len(raw)) % 3]
        core = encoded[start:end]
        if len(core) >= SHORTEST:
            forms |= {core, core.replace("+", "-").replace("/", "_")}
    return forms
