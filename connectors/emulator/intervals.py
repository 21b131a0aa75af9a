"""Candle intervals and where their candles open, in UTC. Weeks open on Monday, `1M` is a calendar month."""

from datetime import UTC, datetime

from connectors.emulator.candles import DAY, HOUR, MINUTE, SECOND

_FIXED: dict[str, int] = {
    "1s": SECOND,
    **{f"{count}m": count * MINUTE for count in (1, 3, 5, 15, 30)},
    **{f"{count}h": count * HOUR for count in (1, 2, 4, 6, 8, 12)},
    "1d": DAY,
    "3d": 3 * DAY,
    "1w": 7 * DAY,
}
INTERVALS = (*_FIXED, "1M")
_MONDAY = 4 * DAY
"""The epoch was a Thursday."""


def previous_open(interval: str, time: int) -> int:
    """When the candle that holds `time` opens. Raises `KeyError` on an unknown interval."""
    if interval == "1M":
        moment = datetime.fromtimestamp(time / 1_000, UTC)
        return _month(moment.year, moment.month)
    length = _FIXED[interval]
    shift = _MONDAY if interval == "1w" else 0
    return time - (time - shift) % length


def next_open(interval: str, time: int) -> int:
    """When the candle after the one that holds `time` opens."""
    if interval == "1M":
        moment = datetime.fromtimestamp(time / 1_000, UTC)
        return _month(moment.year + moment.month // 12, moment.month % 12 + 1)
    return previous_open(interval, time) + _FIXED[interval]


def _month(year: int, month: int) -> int:
    return int(datetime(year, month, 1, tzinfo=UTC).timestamp() * 1_000)
