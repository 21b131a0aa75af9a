"""Which instruments fit what was typed, best first. Made for thousands of them at every key."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from connectors.contracts import Instrument, normalise_symbol

_QUOTES = {"USDT": 0, "USD": 0, "USDC": 1, "EUR": 2, "BTC": 3}


@dataclass(frozen=True, slots=True)
class Candidate:
    """An instrument with what is matched, made once when the picker opens."""

    instrument: Instrument
    symbol: str
    """In the normal form, so that separators do not matter."""
    base: str
    quote_rank: int


def candidates(instruments: Iterable[Instrument]) -> list[Candidate]:
    """In the order shown while nothing is typed: by the usual quote assets, then by name."""
    made = [
        Candidate(
            one,
            normalise_symbol(one.symbol),
            normalise_symbol(one.base_asset),
            _QUOTES.get(one.quote_asset.upper(), 4),
        )
        for one in instruments
    ]
    made.sort(key=lambda one: (not one.instrument.tradable, one.quote_rank, one.symbol))
    return made


def search(
    query: str, found: Sequence[Candidate], recent: Mapping[str, int] | None = None, limit: int = 500
) -> list[Candidate]:
    """The candidates that fit `query`, best first: exact, base asset, start, inside, then letters in order.

    `recent` maps a symbol to its age (0 the latest); these come first among equals, and before all where nothing is
    typed.
    """
    recent = recent or {}
    typed = normalise_symbol(query)
    if not typed:
        used = [one for one in found if one.instrument.symbol in recent]
        used.sort(key=lambda one: recent[one.instrument.symbol])
        rest = [one for one in found if one.instrument.symbol not in recent]
        return used + rest[: max(0, limit - len(used))]
    scattered = re.compile(".*?".join(map(re.escape, typed))).search
    scored: list[tuple[int, int, int, int, str, Candidate]] = []
    for one in found:
        symbol = one.symbol
        at = symbol.find(typed)
        if at < 0:
            letters = scattered(symbol)
            if letters is None:
                continue
            rank = 40 + letters.end() - letters.start()
        elif at == 0:
            rank = 0 if symbol == typed else 1 if one.base == typed else 10
        else:
            rank = 20 + min(at, 9)
        name = one.instrument.symbol
        if query in (name, one.instrument.venue_symbol):
            rank = -1
        old = recent.get(name, 1_000)
        scored.append((rank, old, one.quote_rank, len(symbol), name, one))
    scored.sort(key=lambda entry: entry[:5])
    return [entry[5] for entry in scored[:limit]]
