"""The instruments the emulator lists: their assets, steps, limits and starting prices.

Prices are whole ticks and quantities whole lots everywhere inside the emulator; this module knows the scale.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

_E8 = 10**8


@dataclass(frozen=True, slots=True)
class Instrument:
    """One pair. `activity` is its trade rate as a share of the busiest pair's."""

    symbol: str
    base: str
    quote: str
    tick: Decimal
    lot: Decimal
    min_notional: Decimal
    activity: float
    typical_notional: float
    """The usual size of a trade, in units of the quote asset."""
    premium: float = 0.0
    """How far above what its base asset is worth it trades, as a share: a dated contract's carry."""
    tick_e8: int = field(init=False)
    lot_e8: int = field(init=False)
    max_quantity: int = field(init=False)
    """In lots."""
    max_price: int = field(init=False)
    """In ticks."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "tick_e8", int(self.tick * _E8))
        object.__setattr__(self, "lot_e8", int(self.lot * _E8))
        object.__setattr__(self, "max_quantity", int(Decimal(9_000_000) / self.lot))
        object.__setattr__(self, "max_price", int(Decimal(1_000_000) / self.tick))

    def price(self, ticks: int) -> Decimal:
        return self.tick * ticks

    def quantity(self, lots: int) -> Decimal:
        return self.lot * lots

    def price_text(self, ticks: int) -> str:
        """Eight digits after the point, as most venues print prices."""
        whole, rest = divmod(ticks * self.tick_e8, _E8)
        return f"{whole}.{rest:08d}"

    def quantity_text(self, lots: int) -> str:
        whole, rest = divmod(lots * self.lot_e8, _E8)
        return f"{whole}.{rest:08d}"

    def level_texts(self, levels: Iterable[tuple[int, int]]) -> list[tuple[str, str]]:
        """Price levels as (price, quantity) in text."""
        return [(self.price_text(price), self.quantity_text(lots)) for price, lots in levels]

    def notional_text(self, tick_lots: int) -> str:
        """Text of a sum of `ticks * lots` products, in the quote asset, cut to eight digits."""
        whole, rest = divmod(tick_lots * self.tick_e8 * self.lot_e8 // _E8, _E8)
        return f"{whole}.{rest:08d}"


USD_PRICES: dict[str, float] = {
    "BTC": 65_000.0,
    "ETH": 3_400.0,
    "BNB": 590.0,
    "SOL": 150.0,
    "XRP": 0.62,
    "DOGE": 0.125,
    "ADA": 0.46,
    "LTC": 84.0,
    "LINK": 14.2,
    "AVAX": 27.5,
    "EUR": 1.085,
    "币安人生": 0.12,
    "USDT": 1.0,
}
"""What an asset is worth in USDT at the first moment; pairs between assets follow from it."""


def _pair(base: str, quote: str, steps: str, activity: float, typical: float) -> Instrument:
    """`steps` are tick and lot. The smallest order is worth 5 units of a currency, 0.0001 of a coin."""
    tick, lot = steps.split()
    least = Decimal("0.0001") if quote == "BTC" else Decimal(5)
    return Instrument(base + quote, base, quote, Decimal(tick), Decimal(lot), least, activity, typical)


LIVE_INSTRUMENTS: tuple[Instrument, ...] = (
    _pair("BTC", "USDT", "0.01 0.00001", 1.0, 900),
    _pair("ETH", "USDT", "0.01 0.0001", 0.8, 700),
    _pair("BNB", "USDT", "0.01 0.001", 0.3, 400),
    _pair("SOL", "USDT", "0.01 0.001", 0.5, 450),
    _pair("XRP", "USDT", "0.0001 0.1", 0.4, 350),
    _pair("DOGE", "USDT", "0.00001 1", 0.4, 300),
    _pair("ADA", "USDT", "0.0001 0.1", 0.2, 250),
    _pair("LTC", "USDT", "0.01 0.001", 0.2, 250),
    _pair("LINK", "USDT", "0.01 0.01", 0.2, 250),
    _pair("AVAX", "USDT", "0.01 0.01", 0.2, 250),
    _pair("ETH", "BTC", "0.00001 0.0001", 0.2, 0.01),
    _pair("BTC", "EUR", "0.01 0.00001", 0.2, 600),
    _pair("EUR", "USDT", "0.0001 0.1", 0.15, 500),
)

CHINESE = _pair("币安人生", "USDT", "0.0001 0.1", 0.1, 150)
"""A pair whose name is not of ASCII letters, as some venues have them."""


def padding_instruments(count: int) -> Iterator[Instrument]:
    """Quiet pairs with made-up names (`QAAUSDT`, `QABUSDT`, ...) that fill a long instrument list."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    for index in range(count):
        high, low = divmod(index, 26)
        middle = letters[high % 26]
        top = letters[high // 26] if high >= 26 else ""
        yield _pair(f"Q{top}{middle}{letters[low]}", "USDT", "0.0001 0.1", 0.01, 120)


def starting_price(asset: str) -> float:
    """In USDT. A padding asset's price follows from its name."""
    known = USD_PRICES.get(asset)
    if known is not None:
        return known
    code = sum((ord(letter) - 64) * 26**place for place, letter in enumerate(asset[1:]))
    return 0.2 + (code % 997) / 10
