"""Numbers, ages and times as the market screen prints them. Nothing here is wider than it is told to be."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from math import isfinite

from connectors.contracts import Instrument
from connectors.contracts.instruments import nearly_whole

UNKNOWN = "–"
_MOST_DECIMALS = 12
_SUFFIXES = ((10**12, "T"), (10**9, "B"), (10**6, "M"), (10**3, "k"))


@dataclass(frozen=True, slots=True)
class Precision:
    """How an instrument's prices and quantities become whole numbers, so that sums and groups are exact.

    A tick is `tick_units` of 10^-`price_decimals`; a quantity counts units of 10^-`quantity_decimals`.
    """

    price_decimals: int
    tick_units: int
    quantity_decimals: int

    @classmethod
    def of(cls, instrument: Instrument) -> "Precision":
        tick = instrument.tick_size
        if tick is None or tick <= 0:
            tick = Decimal(1).scaleb(-instrument.price_decimals)
        units = int(tick.scaleb(instrument.price_decimals))
        return cls(instrument.price_decimals, max(1, units), instrument.quantity_decimals)

    def fits(self, price: float, quantity: float = 0.0) -> bool:
        """Whether the price is whole ticks and the quantity whole units."""
        return nearly_whole(price * 10**self.price_decimals / self.tick_units) and nearly_whole(
            quantity * 10**self.quantity_decimals
        )

    def fitted(self, price: float, quantity: float = 0.0) -> "Precision":
        """A precision in which these are shown with the digits that came."""
        decimals, units = self.price_decimals, self.tick_units
        if not nearly_whole(price * 10**decimals / units):
            decimals, units = decimals_for(price, decimals), 1
        return Precision(decimals, units, decimals_for(quantity, self.quantity_decimals))

    def ticks(self, price: float) -> int:
        """The price in ticks, to the nearest one."""
        return round(price * 10**self.price_decimals / self.tick_units)

    def units(self, quantity: float) -> int:
        """The quantity in its smallest units, to the nearest one."""
        return round(quantity * 10**self.quantity_decimals)

    def price(self, ticks: int) -> str:
        """The price of a whole number of ticks, in full."""
        return fixed(ticks * self.tick_units, self.price_decimals)

    def price_text(self, price: float) -> str:
        """A price as the venue sent it, at the instrument's precision."""
        return f"{price:,.{self.price_decimals}f}" if isfinite(price) else UNKNOWN

    def quantity(self, units: int, width: int) -> str:
        """A quantity in at most `width` cells: decimals go first, then thousands."""
        text = fixed(units, self.quantity_decimals)
        if len(text) <= width:
            return text
        return compact(units / 10**self.quantity_decimals, width)


def decimals_for(value: float, decimals: int) -> int:
    """The digits after the point with which a number is shown as it came: `decimals`, or more where it has more."""
    enough = (one for one in range(decimals, _MOST_DECIMALS) if nearly_whole(value * 10**one))
    return next(enough, max(decimals, _MOST_DECIMALS))


def fixed(units: int, decimals: int) -> str:
    """`units` of 10^-`decimals` written out, with thousands separated: the digits are exact."""
    sign, units = ("-", -units) if units < 0 else ("", units)
    if decimals == 0:
        return f"{sign}{units:,}"
    whole, part = divmod(units, 10**decimals)
    return f"{sign}{whole:,}.{part:0{decimals}d}"


def compact(value: float, width: int = 6) -> str:
    """The value in at most `width` cells (5 at least): `0.0123`, `1.2e-8`, `12.35`, `1234.5`, `12.3k`, `4.56M`."""
    if not isfinite(value):
        return UNKNOWN
    size = abs(value)
    for scale, suffix in _SUFFIXES:
        if size >= scale and (scale > 10**3 or size >= 10_000 or width < 6):
            return _trimmed(value / scale, width - 1) + suffix
    text = _trimmed(value, width)
    if 0 < size < 1 and _digits(text) < 2 and float(text) != value:
        return _tiny(value, width) or text
    return text


def _digits(text: str) -> int:
    """How many digits say something: those from the first that is no zero."""
    return len(text.lstrip("-0.").replace(".", ""))


def _tiny(value: float, width: int) -> str | None:
    """With an exponent, where that has room: what is not zero is never shown as zero."""
    for decimals in (2, 1, 0):
        mantissa, _, exponent = f"{value:.{decimals}e}".partition("e")
        text = f"{mantissa}e{int(exponent)}"
        if len(text) <= width:
            return text
    return None


def _trimmed(value: float, width: int) -> str:
    whole = len(f"{int(value)}") + (1 if -1 < value < 0 else 0)
    decimals = max(0, min(8, width - whole - 1))
    text = f"{value:.{decimals}f}"
    return text if len(text) <= width else f"{value:.{max(0, decimals - 1)}f}"[:width]


def age(seconds: float | None) -> str:
    """How long ago, in at most four cells: `0.4s`, `12s`, `3m`, `5h`, `2d`."""
    if seconds is None or seconds < 0:
        return UNKNOWN
    if seconds < 10:
        return f"{seconds:.1f}s"
    for limit, unit, letter in ((120, 1, "s"), (7_200, 60, "m"), (172_800, 3_600, "h")):
        if seconds < limit:
            return f"{int(seconds // unit)}{letter}"
    return f"{min(999, int(seconds // 86_400))}d"


def change(first: float | None, last: float | None) -> float | None:
    """The relative change in percent, or nothing where it has no meaning."""
    if first is None or last is None or first <= 0 or not isfinite(last):
        return None
    return (last / first - 1) * 100


def change_text(percent: float | None) -> str:
    """`▲ +1.23%` or `▼ -0.45%`: the sign is told thrice, by arrow, sign and (elsewhere) colour."""
    if percent is None:
        return ""
    rounded = round(percent, 2)
    return f"{'▲' if rounded > 0 else '▼' if rounded < 0 else '•'} {rounded:+.2f}%"


def clock_text(timestamp_ms: int, *, milliseconds: bool = False) -> str:
    """The UTC time of day of a venue's timestamp."""
    moment = moment_of(timestamp_ms)
    if moment is None:
        return UNKNOWN
    text = f"{moment:%H:%M:%S}"
    return f"{text}.{timestamp_ms % 1000:03d}" if milliseconds else text


def moment_of(timestamp_ms: int) -> datetime | None:
    """The UTC moment of a venue's timestamp, or nothing where it lies outside the calendar."""
    try:
        return datetime.fromtimestamp(timestamp_ms / 1000, UTC)
    except (OverflowError, OSError, ValueError):
        return None
