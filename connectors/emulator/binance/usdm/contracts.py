"""The contracts: perpetuals and one dated, and when it is delivered."""

from calendar import monthrange
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from connectors.emulator.candles import DAY
from connectors.emulator.instruments import Instrument

PERPETUAL_DELIVERY = 4_133_404_800_000
"""What the venue names as delivery of a contract that has none: the year 2100."""
LEAST_NOTIONAL = Decimal(5)
_SOONEST = 30 * DAY
_CARRY = 0.012
_FRIDAY = 4


def _perpetual(base: str, steps: str, activity: float, typical: float) -> Instrument:
    tick, lot = steps.split()
    return Instrument(
        f"{base}USDT", base, "USDT", Decimal(tick), Decimal(lot), LEAST_NOTIONAL, activity, typical
    )


PERPETUALS = (
    _perpetual("BTC", "0.10 0.001", 1.0, 2_500),
    _perpetual("ETH", "0.01 0.001", 0.8, 1_500),
    _perpetual("BNB", "0.010 0.01", 0.3, 600),
    _perpetual("SOL", "0.0100 0.01", 0.5, 700),
    _perpetual("XRP", "0.0001 0.1", 0.4, 500),
    _perpetual("DOGE", "0.000010 1", 0.4, 400),
)


def next_delivery(now: int) -> int:
    """The last Friday of the quarter, 08:00 UTC, that is at least thirty days away."""
    moment = datetime.fromtimestamp((now + _SOONEST) / 1_000, UTC)
    year, month = moment.year, (moment.month + 2) // 3 * 3
    while True:
        last = datetime(year, month, monthrange(year, month)[1], 8, tzinfo=UTC)
        delivery = last - timedelta(days=(last.weekday() - _FRIDAY) % 7)
        if delivery >= moment:
            return int(delivery.timestamp() * 1_000)
        year, month = (year, month + 3) if month < 12 else (year + 1, 3)


def dated(delivery: int) -> Instrument:
    """The quarter's bitcoin contract, `BTCUSDT_261225` for one delivered on 2026-12-25."""
    day = datetime.fromtimestamp(delivery / 1_000, UTC).strftime("%y%m%d")
    return Instrument(
        f"BTCUSDT_{day}",
        "BTC",
        "USDT",
        Decimal("0.1"),
        Decimal("0.001"),
        LEAST_NOTIONAL,
        0.2,
        2_000,
        premium=_CARRY,
    )


def pair_of(instrument: Instrument) -> str:
    return instrument.base + instrument.quote


def is_perpetual(instrument: Instrument) -> bool:
    return instrument.symbol == pair_of(instrument)
