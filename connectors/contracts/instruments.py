"""Instruments and symbols."""

from decimal import Decimal

import msgspec

from catalog.model import MarketType


class Instrument(msgspec.Struct, frozen=True):
    """One thing that can be traded.

    `symbol` is the normal form used on screen and in commands (`BTCUSDT`); `venue_symbol` is the venue's own
    (`BTC_USDT`, `XBT/USDT`), so the way back is exact. Step and limit fields are `None` where the venue names none.
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


def decimals(step: Decimal | None, otherwise: int) -> int:
    """How many digits after the point a multiple of `step` needs."""
    if step is None or step <= 0:
        return otherwise
    exponent = step.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else otherwise


def normalise_symbol(text: str) -> str:
    """The display form of any spelling: separators dropped, upper case, `XBT` read as `BTC`.

    >>> normalise_symbol("btc_usdt"), normalise_symbol("BTC/USDT"), normalise_symbol("XBTUSDT")
    ('BTCUSDT', 'BTCUSDT', 'BTCUSDT')
    """
    joined = "".join(char for char in text.upper() if char not in "_/-: .")
    return "BTC" + joined[3:] if joined.startswith("XBT") else joined
