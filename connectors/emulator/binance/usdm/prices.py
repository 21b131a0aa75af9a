"""Index and mark price, and what longs pay shorts every eight hours."""

from decimal import Decimal

from connectors.emulator.binance.core import Core
from connectors.emulator.binance.usdm.contracts import is_perpetual
from connectors.emulator.candles import HOUR
from connectors.emulator.instruments import Instrument
from connectors.emulator.listing import Listing

FUNDING_RATE = Decimal("0.00010000")
INTEREST_RATE = Decimal("0.00010000")
FUNDING_MS = 8 * HOUR
_EIGHT_DIGITS = Decimal("1e-8")


def index_price(core: Core, instrument: Instrument) -> Decimal:
    """What the asset is worth on spot."""
    return Decimal(core.market.worth(instrument)).quantize(_EIGHT_DIGITS)


def mark_price(core: Core, listing: Listing) -> Decimal:
    """The price that positions are valued at."""
    fair = core.market.fair(listing) * float(listing.instrument.tick)
    return Decimal(fair).quantize(_EIGHT_DIGITS)


def funding_rate(instrument: Instrument) -> Decimal | None:
    """A dated contract has none."""
    return FUNDING_RATE if is_perpetual(instrument) else None


def next_funding(now: int) -> int:
    return now - now % FUNDING_MS + FUNDING_MS
