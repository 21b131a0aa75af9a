"""What can be wrong with a venue's instrument list."""

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal

from catalog.model import MarketType
from catalog.text import clean
from connectors.contracts.instruments import Instrument, is_step, normalise_symbol

_STEPS = ("tick_size", "lot_size")
_LIMITS = ("min_quantity", "max_quantity", "min_notional", "min_price", "max_price", "leverage")


def instrument_faults(instruments: Sequence[Instrument], market_type: MarketType) -> Iterator[str]:
    """One line for each fault: symbols that are not normal or lead to two instruments, steps that are none."""
    if not instruments:
        yield "the list is empty"
    forms = Counter(normalise_symbol(instrument.venue_symbol) for instrument in instruments)
    by_symbol: dict[str, Instrument] = {}
    by_venue_symbol: dict[str, Instrument] = {}
    for instrument in instruments:
        name = clean(instrument.symbol) or clean(instrument.venue_symbol) or "an instrument"
        contested = forms[normalise_symbol(instrument.venue_symbol)] > 1
        yield from (f"{name}: {fault}" for fault in _faults(instrument, market_type, contested=contested))
        if by_symbol.setdefault(instrument.symbol, instrument) is not instrument:
            other = clean(by_symbol[instrument.symbol].venue_symbol)
            yield f"{name}: '{other}' and '{clean(instrument.venue_symbol)}' have one and the same symbol"
        if by_venue_symbol.setdefault(instrument.venue_symbol, instrument) is not instrument:
            yield f"{name}: the venue symbol '{clean(instrument.venue_symbol)}' is there twice"


def _faults(instrument: Instrument, market_type: MarketType, *, contested: bool) -> Iterator[str]:
    symbol, venue_symbol = instrument.symbol, instrument.venue_symbol
    # Of two markets with one normal form, one is named as the venue spells it.
    if not symbol or symbol != clean(symbol, 200) or (symbol != normalise_symbol(symbol) and not contested):
        yield f"its symbol is not in the normal form '{clean(normalise_symbol(symbol))}'"
    if not venue_symbol:
        yield "its venue symbol is empty, so there is no way back"
    elif not _is_plain(venue_symbol):
        yield f"its venue symbol '{clean(venue_symbol)}' is padded or not printable"
    if not instrument.base_asset or not instrument.quote_asset:
        yield "its base or quote asset is empty"
    elif not (_is_plain(instrument.base_asset) and _is_plain(instrument.quote_asset)):
        yield "its base or quote asset is padded or not printable"
    elif instrument.base_asset == instrument.quote_asset:
        yield f"base and quote are both '{instrument.base_asset}'"
    if instrument.market_type is not market_type:
        yield f"it is of the market {instrument.market_type}, in a list of {market_type}"
    if not instrument.status or instrument.status != instrument.status.upper():
        yield f"its status '{clean(instrument.status)}' is not the venue's word in upper case"
    for name in _STEPS:
        step = getattr(instrument, name)
        if step is not None and not (_is_number(step, positive=True) and is_step(step)):
            yield f"{name} is {step}, which is no step"
    for name in _LIMITS:
        limit = getattr(instrument, name)
        if limit is not None and not _is_number(limit, positive=False):
            yield f"{name} is {limit}"
    yield from _upside_down(instrument)


def _upside_down(instrument: Instrument) -> Iterator[str]:
    for least, most in (("min_quantity", "max_quantity"), ("min_price", "max_price")):
        low, high = getattr(instrument, least), getattr(instrument, most)
        if _is_number(low, positive=False) and _is_number(high, positive=False) and low > high:
            yield f"{least} {low} is above {most} {high}"


def _is_plain(text: str) -> bool:
    return text == text.strip() and text.isprintable()


def _is_number(value: object, *, positive: bool) -> bool:
    if not isinstance(value, Decimal) or not value.is_finite():
        return False
    return value > 0 if positive else value >= 0
