"""Cleaning of text that came from outside, done once, where it enters.

A name, a message or a URL from a venue or a plug-in may hold escape codes, control characters, bidirectional
overrides or more text than a screen can take. What leaves `clean` holds none of these, and none of the secrets that
the program knows of: a venue may send back what it was sent (`mask_with`).
"""

import unicodedata
from collections.abc import Callable

_REPLACED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})

NAME_LIMIT = 64
MESSAGE_LIMIT = 500
MESSAGE_LINES = 5

_LONGEST_SECRET = 4_096
"""Characters that are looked at beyond a text's limit, so that no secret is cut in two and missed."""


class _Masks:
    name: Callable[[str], str] = staticmethod(str)
    message: Callable[[str], str] = staticmethod(str)


def mask_with(*, name: Callable[[str], str], message: Callable[[str], str]) -> None:
    """From now on every text that is cleaned goes through `message` where it is prose, else through `name`."""
    _Masks.name, _Masks.message = staticmethod(name), staticmethod(message)


def masked(text: str) -> str:
    """Data that is printed or kept as it is, without the secrets that cannot be mistaken for anything else."""
    return _Masks.name(text)


def clean(text: object, limit: int = NAME_LIMIT) -> str:
    """One line of printable text of at most `limit` characters.

    Control, format (bidi) and surrogate characters become a space; runs of white space become one.
    A longer text ends in an ellipsis.
    """
    mask = _Masks.message if limit > NAME_LIMIT else _Masks.name
    raw = mask(str(text)[: limit * 4 + _LONGEST_SECRET])[: limit * 4]
    if raw.isascii() and raw.isprintable() and len(raw) <= limit and "  " not in raw:
        return raw.strip()
    normal = unicodedata.normalize("NFC", raw)
    shown = "".join(" " if unicodedata.category(char) in _REPLACED_CATEGORIES else char for char in normal)
    shown = " ".join(shown.split())
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def clean_message(text: object, limit: int = MESSAGE_LIMIT) -> str:
    """As `clean`, but up to five lines are kept as lines."""
    whole = _Masks.message(str(text)[: limit * 4 + _LONGEST_SECRET])
    lines = whole[: limit * 4].splitlines()[:MESSAGE_LINES]
    return "\n".join(line for line in (clean(line, limit) for line in lines) if line)[:limit]
