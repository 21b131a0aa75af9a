"""A venue's symbols as they are shown and typed: in their normal form, letters of any script as they are.

What is no letter and no usual separator (control characters, brackets) is percent-encoded: distinct, and safe to print.
Two markets never share a name. `Instrument.venue_symbol` keeps the way back.
"""

import re
import threading
import unicodedata
from collections.abc import Iterable, Mapping
from itertools import count
from urllib.parse import quote

from connectors.contracts.errors import BadFrame
from connectors.contracts.instruments import normalise_symbol

_PLAIN = re.compile(r"[A-Za-z0-9._:/ -]{1,64}")
_LONGEST = 64
_ROOM = 20_000
_LISTED = 200_000


class SymbolTable(dict[str, str]):
    """Names by venue symbol, made on first sight. `aliases` are the venue's other names of assets, if it has such.

    A hit checks and interns a symbol in one look-up, and the trades that are kept share one string. What has no place
    in the table is made every time, so a venue that invents symbols cannot fill the memory.
    """

    def __init__(self, aliases: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self._aliases = dict(aliases or {})
        self._naming = threading.Lock()
        self._listed: dict[str, str] = {}
        """The normal forms of the symbols that were listed, by venue symbol."""

    def __missing__(self, venue_symbol: str) -> str:
        name = self._form(venue_symbol)
        if len(self) < _ROOM:
            self[venue_symbol] = name
        return name

    def normal(self, text: str) -> str:
        """The normal form of what somebody typed."""
        return normalise_symbol(text, self._aliases)

    def name_apart(self, venue_symbols: Iterable[str]) -> None:
        """Give each market of the venue's list a name of its own; to be called before the list is read.

        Where two have one normal form, it is that of the market which the venue itself spells so; the others are named
        as the venue spells them. What is no symbol is passed over.
        """
        with self._naming:
            self._name_apart(venue_symbols)

    def _name_apart(self, venue_symbols: Iterable[str]) -> None:
        known = len(self._listed)
        for symbol in venue_symbols:
            if symbol in self._listed or len(self._listed) >= _LISTED:
                continue
            try:
                self._listed[symbol] = self._form(symbol)
            except BadFrame:
                continue
        if len(self._listed) == known:
            return
        alike: dict[str, list[str]] = {}
        for symbol, form in self._listed.items():
            alike.setdefault(form, []).append(symbol)
        taken: set[str] = set()
        contested: list[tuple[str, str]] = []
        for form, symbols in alike.items():
            for symbol in symbols:
                if len(symbols) == 1 or symbol == form:
                    self[symbol] = form
                    taken.add(form)
                else:
                    contested.append((symbol, form))
        for symbol, form in sorted(contested):
            name = self[symbol] = next(one for one in _spellings(symbol, form) if one not in taken)
            taken.add(name)

    def _form(self, venue_symbol: str) -> str:
        if "\ufffd" in venue_symbol:
            raise BadFrame("a symbol is not text")
        if not 1 <= len(venue_symbol) <= _LONGEST:
            raise BadFrame("a symbol is empty or longer than 64 characters")
        try:
            form = self.normal(_printable(venue_symbol))
        except UnicodeEncodeError:
            raise BadFrame("a symbol is not text") from None
        if not form:
            raise BadFrame("a symbol has no letters or digits")
        return form


def _spellings(venue_symbol: str, form: str) -> Iterable[str]:
    shown = _printable(venue_symbol)
    yield shown.upper()
    yield shown
    for number in count(2):
        yield f"{form}~{number}"


def _printable(text: str) -> str:
    if _PLAIN.fullmatch(text):
        return text
    whole = unicodedata.normalize("NFC", text)
    return "".join(
        char if _PLAIN.fullmatch(char) or (char >= "\x80" and char.isprintable()) else quote(char, safe="")
        for char in whole
    )
