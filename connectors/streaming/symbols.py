"""A venue's symbols in their normal form.

Most are plain ASCII; some, among them test listings and coins named in Chinese, are not: those are percent-encoded,
which keeps them distinct and safe to print. `Instrument.venue_symbol` keeps the way back.
"""

import re
from urllib.parse import quote

from connectors.contracts.errors import BadFrame
from connectors.contracts.instruments import normalise_symbol

_PLAIN = re.compile(r"[A-Za-z0-9._:/-]{1,64}")
_ROOM = 20_000


class SymbolTable(dict[str, str]):
    """Normal symbols by venue symbol, made on first sight.

    A hit checks and interns a symbol in one look-up, and the trades that are kept share one string. What has no place
    in the table is made every time, so a venue that invents symbols cannot fill the memory.
    """

    def __missing__(self, venue_symbol: str) -> str:
        normal = _normal(venue_symbol)
        if len(self) < _ROOM:
            self[venue_symbol] = normal
        return normal


def _normal(venue_symbol: str) -> str:
    if not 1 <= len(venue_symbol) <= 64:
        raise BadFrame("a symbol is empty or longer than 64 characters")
    try:
        safe = venue_symbol if _PLAIN.fullmatch(venue_symbol) else quote(venue_symbol, safe=":/")
    except UnicodeEncodeError:
        raise BadFrame("a symbol is not text") from None
    normal = normalise_symbol(safe)
    if not normal:
        raise BadFrame("a symbol has no letters or digits")
    return normal
