"""Exact numbers from a venue's text, for what a person owns or sends."""

import re
from decimal import Decimal
from functools import lru_cache

from connectors.contracts.errors import BadFrame

# `Decimal()` takes NaN, underscores, spaces and the digits of every script, and an exponent so large that printing
# the number takes half a minute. Venues send none of these.
_DECIMAL = re.compile(
    r"[+-]?(?:[0-9]{1,30}(?:\.[0-9]{0,30})?|\.[0-9]{1,30})(?:[eE][+-]?[0-9]{1,2})?", re.ASCII
)
_LIMIT = Decimal("1e18")


@lru_cache(maxsize=4096)
def decimal_of(text: str) -> Decimal:
    """The number, exactly as written, in any decimal notation. Raises `BadFrame` on all else, and from 1e18 on."""
    if len(text) > 64 or _DECIMAL.fullmatch(text) is None:
        raise BadFrame("a number is not a decimal number")
    number = Decimal(text)
    if abs(number) >= _LIMIT:
        raise BadFrame("a number is out of range")
    return number
