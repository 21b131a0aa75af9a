"""What an instrument list must be, whatever the venue."""

import re
from collections.abc import Iterable
from decimal import Decimal

from connectors.contracts.instruments import Instrument, normalise_symbol

_SYMBOL = re.compile(r"[A-Z0-9%.()]{1,80}")
_STEPS = ("tick_size", "lot_size")
_LIMITS = ("min_quantity", "max_quantity", "min_notional", "min_price", "max_price", "leverage")
_RANGES = (("min_quantity", "max_quantity"), ("min_price", "max_price"))


def instrument_faults(instruments: Iterable[Instrument]) -> list[str]:
    """One phrase for each fault of the list; empty: it is sane."""
    faults: list[str] = []
    symbols: dict[str, str] = {}
    venue_symbols: set[str] = set()
    for one in instruments:
        name = one.symbol or one.venue_symbol or "an instrument"
        faults += [f"{name}: {fault}" for fault in _faults_of(one)]
        if one.symbol in symbols:
            faults.append(f"{name}: '{one.venue_symbol}' and '{symbols[one.symbol]}' have the same symbol")
        if one.venue_symbol in venue_symbols:
            faults.append(f"{name}: the venue symbol '{one.venue_symbol}' is listed twice")
        symbols[one.symbol] = one.venue_symbol
        venue_symbols.add(one.venue_symbol)
    return faults if symbols else ["the list is empty"]


def _faults_of(one: Instrument) -> Iterable[str]:
    if not one.symbol or normalise_symbol(one.symbol) != one.symbol or not _SYMBOL.fullmatch(one.symbol):
        yield f"'{one.symbol}' is no normal symbol: upper case, no separators"
    for field in ("base_asset", "quote_asset", "venue_symbol"):
        text = getattr(one, field)
        if not text or text != text.strip() or not text.isprintable():
            yield f"{field} '{text}' is empty, padded or not printable"
    if one.base_asset == one.quote_asset:
        yield f"base and quote are both '{one.base_asset}'"
    if one.status != one.status.upper() or not one.status:
        yield f"status '{one.status}' is not the venue's word in upper case"
    for field in (*_STEPS, *_LIMITS):
        value = getattr(one, field)
        if value is not None and not _is_amount(value, positive=field in _STEPS):
            yield f"{field} is {value!r}, not a finite Decimal above zero"
    for least, most in _RANGES:
        low, high = getattr(one, least), getattr(one, most)
        if _is_amount(low) and _is_amount(high) and low > high:
            yield f"{least} {low} is above {most} {high}"


def _is_amount(value: object, *, positive: bool = False) -> bool:
    if not isinstance(value, Decimal) or not value.is_finite():
        return False
    return value > 0 if positive else value >= 0
