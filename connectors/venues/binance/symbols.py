"""Binance's symbols: their names on the screen, and how its streams spell them.

No asset has a second name here: `XBT` is whatever the venue lists under it.
"""

import string

from connectors.streaming.symbols import SymbolTable

SYMBOLS = SymbolTable()

_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_UPPER = str.maketrans(string.ascii_lowercase, string.ascii_uppercase)


def subject_of(venue_symbol: str) -> str:
    """What a stream's name begins with. Only the letters A to Z have a small form that leads back."""
    return venue_symbol.translate(_LOWER)


def venue_symbol_of(stream: str) -> str:
    """The symbol that a stream's name begins with."""
    return stream.partition("@")[0].translate(_UPPER)
