"""Candle intervals."""

from datetime import UTC, datetime
from enum import StrEnum

from connectors.contracts.errors import UnsupportedTimeFrame


class TimeFrame(StrEnum):
    """How long a candle is. The value is the usual name; `1M` is a month, `1m` a minute."""

    S1 = "1s"
    M1 = "1m"
    M3 = "3m"
    M5 = "5m"
    M15 = "15m"
    M30 = "30m"
    H1 = "1h"
    H2 = "2h"
    H4 = "4h"
    H6 = "6h"
    H8 = "8h"
    H12 = "12h"
    D1 = "1d"
    D3 = "3d"
    W1 = "1w"
    MN1 = "1M"

    @property
    def milliseconds(self) -> int:
        """Length in milliseconds; a month counts 30 days (use the venue's own candle times to align)."""
        return _MILLISECONDS[self]

    def next_open(self, opened: int) -> int:
        """When the candle after the one that opens at `opened` does (ms)."""
        return self.shifted(opened, 1)

    def shifted(self, opened: int, steps: int) -> int:
        """When the candle opens that is so many steps after the one that opens at `opened`, or before it (ms).

        A month is the calendar's, in UTC.
        """
        if self is not TimeFrame.MN1 or not steps:
            return opened + steps * self.milliseconds
        moment = datetime.fromtimestamp(opened / 1000, UTC)
        years, month = divmod(moment.month - 1 + steps, 12)
        return int(datetime(moment.year + years, month + 1, 1, tzinfo=UTC).timestamp() * 1000)

    def steps(self, earlier: int, later: int) -> int:
        """How many candles on the one that opens at `later` is from the one that opens at `earlier`.

        A venue's day may be an hour longer or shorter: the nearest whole number counts.
        """
        if self is not TimeFrame.MN1:
            return round((later - earlier) / self.milliseconds)
        first, last = (datetime.fromtimestamp(each / 1000, UTC) for each in (earlier, later))
        return (last.year - first.year) * 12 + last.month - first.month


_UNIT = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000, "M": 2_592_000_000}
_MILLISECONDS = {frame: int(frame.value[:-1]) * _UNIT[frame.value[-1]] for frame in TimeFrame}

_ALIASES = {
    "min1": TimeFrame.M1,
    "min3": TimeFrame.M3,
    "min5": TimeFrame.M5,
    "min15": TimeFrame.M15,
    "min30": TimeFrame.M30,
    "h1": TimeFrame.H1,
    "h2": TimeFrame.H2,
    "h4": TimeFrame.H4,
    "day": TimeFrame.D1,
    "week": TimeFrame.W1,
    "month": TimeFrame.MN1,
}


def parse_time_frame(text: str) -> TimeFrame:
    """`1m`, `4h`, `1M` or an older name (`min1`, `h4`, `day`). Raises `UnsupportedTimeFrame`."""
    try:
        return _ALIASES.get(text) or TimeFrame(text)
    except ValueError:
        raise UnsupportedTimeFrame(text, tuple(frame.value for frame in TimeFrame)) from None
