"""Cleaning of text that came from outside, done once, where it enters.

A name, a message or a URL from a venue or a plug-in may hold escape codes, control characters, bidirectional
overrides or more text than a screen can take. What leaves `clean` holds none of these.
"""

import unicodedata

_REPLACED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})

NAME_LIMIT = 64
MESSAGE_LIMIT = 500
MESSAGE_LINES = 5


def clean(text: object, limit: int = NAME_LIMIT) -> str:
    """One line of printable text of at most `limit` characters.

    Control, format (bidi) and surrogate characters become a space; runs of white space become one.
    A longer text ends in an ellipsis.
    """
    raw = str(text)[: limit * 4]
    if raw.isascii() and raw.isprintable() and len(raw) <= limit and "  " not in raw:
        return raw.strip()
    normal = unicodedata.normalize("NFC", raw)
    shown = "".join(" " if unicodedata.category(char) in _REPLACED_CATEGORIES else char for char in normal)
    shown = " ".join(shown.split())
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def clean_message(text: object, limit: int = MESSAGE_LIMIT) -> str:
    """As `clean`, but up to five lines are kept as lines."""
    lines = str(text)[: limit * 4].splitlines()[:MESSAGE_LINES]
    return "\n".join(line for line in (clean(line, limit) for line in lines) if line)[:limit]
