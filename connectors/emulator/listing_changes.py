"""What a venue does to its list at run time: a new pair, another status or tick, a pair that is gone."""

from decimal import Decimal, InvalidOperation
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from connectors.emulator.instruments import Instrument
from connectors.emulator.market import Market

MOST = 10_000
"""So many pairs may be listed at a time."""
_FINEST, _COARSEST = Decimal("0.00000001"), Decimal(1_000)
_LOT, _LEAST_NOTIONAL = Decimal("0.1"), Decimal(5)
_ACTIVITY, _TYPICAL_NOTIONAL = 0.2, 200.0

_Asset = Annotated[str, Meta(min_length=1, max_length=16, pattern=r"^[^\Wa-z_]+$")]
_Status = Annotated[str, Meta(max_length=32, pattern="^[A-Z][A-Z_]*$")]


class BadChange(Exception):
    """A change that cannot be made; the text says why."""


class ListingChange(msgspec.Struct, forbid_unknown_fields=True):
    """Of a pair that is listed: `status` (`HALT`, `BREAK`, `TRADING` again), the `tick` that the list names from now
    on, whatever the prices have, or `listed` false. With `base` and `quote` a new pair is listed."""

    symbol: Annotated[str, Meta(min_length=1, max_length=32)]
    market: Literal["spot", "futures"] = "spot"
    status: _Status | None = None
    tick: str | None = None
    listed: bool = True
    base: _Asset | None = None
    quote: _Asset | None = None


def change_listing(market: Market, change: ListingChange) -> None:
    """Raises `BadChange`; nothing is changed then."""
    tick = None if change.tick is None else _tick(change.tick)
    symbol = change.symbol
    if change.base is not None and change.quote is not None:
        _add(market, change, tick)
    if symbol not in market.listings:
        raise BadChange("there is no such pair")
    if not change.listed:
        market.remove(symbol)
        return
    listing = market.listings[symbol]
    listing.status = change.status or listing.status
    listing.told_tick = tick or listing.told_tick


def _add(market: Market, change: ListingChange, tick: Decimal | None) -> None:
    base, quote = change.base or "", change.quote or ""
    if base + quote != change.symbol:
        raise BadChange("the symbol of a new pair is its base and its quote")
    if change.symbol in market.listings:
        raise BadChange("the pair is listed already")
    if len(market.listings) >= MOST:
        raise BadChange(f"more than {MOST} pairs are not listed")
    tick = tick or Decimal("0.0001")
    market.add(
        Instrument(change.symbol, base, quote, tick, _LOT, _LEAST_NOTIONAL, _ACTIVITY, _TYPICAL_NOTIONAL)
    )


def _tick(text: str) -> Decimal:
    try:
        tick = Decimal(text[:32])
    except InvalidOperation:
        raise BadChange("the tick is no number") from None
    if not (tick.is_finite() and _FINEST <= tick <= _COARSEST):
        raise BadChange(f"the tick is not between {_FINEST} and {_COARSEST}")
    return tick
