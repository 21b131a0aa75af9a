"""Instruments and symbols."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from decimal import Decimal
from itertools import islice
from math import isfinite
from types import MappingProxyType

import msgspec

from catalog.model import MarketType

_LOOKED_AT = 20
_SEPARATORS = re.compile(r"[_/\-:\s.]+")
_NO_ALIASES: Mapping[str, str] = MappingProxyType({})


class Instrument(msgspec.Struct, frozen=True):
    """One thing that can be traded.

    `symbol` is the name used on screen and in commands, the normal form (`BTCUSDT`) unless two of the venue's markets
    have the same one; `venue_symbol` is the venue's own (`BTC_USDT`), so the way back is exact. Step and limit fields
    are `None` where the venue names none.
    `status` is the venue's word, upper case; `tradable` says whether orders and data flow now.
    """

    symbol: str
    base_asset: str
    quote_asset: str
    venue_symbol: str
    market_type: MarketType
    tick_size: Decimal | None = None
    lot_size: Decimal | None = None
    min_quantity: Decimal | None = None
    max_quantity: Decimal | None = None
    min_notional: Decimal | None = None
    min_price: Decimal | None = None
    max_price: Decimal | None = None
    status: str = "TRADING"
    tradable: bool = True
    margin_allowed: bool = False
    leverage: Decimal | None = None

    @property
    def price_decimals(self) -> int:
        return decimals(self.tick_size, 8)

    @property
    def quantity_decimals(self) -> int:
        return decimals(self.lot_size, 8)


SMALLEST_STEP, LARGEST_STEP = Decimal("1e-18"), Decimal("1e9")
"""No venue has finer or coarser ones; what claims so would be drawn with a hundred digits, or make one price of all."""


def is_step(value: Decimal | None) -> bool:
    """Whether a tick or a lot may be one; `None` where the venue names none."""
    return value is None or (value.is_finite() and SMALLEST_STEP <= value <= LARGEST_STEP)


def decimals(step: Decimal | None, otherwise: int) -> int:
    """How many digits after the point a multiple of `step` needs."""
    if step is None or step <= 0:
        return otherwise
    exponent = step.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else otherwise


def nearly_whole(number: float) -> bool:
    """As far as a float tells; what is not finite passes."""
    return not isfinite(number) or abs(number - round(number)) <= abs(number) * 1e-13


def fits_tick(prices: Iterable[float], tick: Decimal | None) -> bool:
    """Whether prices (the first few are looked at) are whole ticks: if not, the tick that is known is out of date."""
    if tick is None or tick <= 0:
        return True
    step = float(tick)
    return all(nearly_whole(price / step) for price in islice(prices, _LOOKED_AT))


def normalise_symbol(text: str, aliases: Mapping[str, str] = _NO_ALIASES) -> str:
    """The display form of any spelling: separators dropped, upper case, letters of any script kept as they are.

    `aliases` are the other names of assets on a venue that says so (`{"XBT": "BTC"}`): nothing is renamed without.

    >>> normalise_symbol("btc_usdt"), normalise_symbol("BTC/USDT"), normalise_symbol("XBT/USD", {"XBT": "BTC"})
    ('BTCUSDT', 'BTCUSDT', 'BTCUSD')
    """
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    if not aliases:
        return "".join(map(_upper, _SEPARATORS.sub("", text)))
    parts = ["".join(map(_upper, part)) for part in _SEPARATORS.split(text) if part]
    if len(parts) > 1:
        return "".join(aliases.get(part, part) for part in parts)
    joined = "".join(parts)
    for name, usual in aliases.items():
        if joined.startswith(name):
            return usual + joined.removeprefix(name)
        if joined.endswith(name):
            return joined.removesuffix(name) + usual
    return joined


def _upper(char: str) -> str:
    """One letter for one letter: what grows in upper case (`ß`) stays."""
    upper = char.upper()
    return upper if len(upper) == 1 else char
