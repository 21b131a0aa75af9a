"""Bitstamp's candle intervals: `step` of `GET /ohlc/{market}/`, in seconds (HTTP API, "OHLC data")."""

from connectors.contracts.errors import UnsupportedTimeFrame
from connectors.contracts.timeframes import TimeFrame, parse_time_frame

STEPS: dict[TimeFrame, int] = {
    TimeFrame.M1: 60,
    TimeFrame.M3: 180,
    TimeFrame.M5: 300,
    TimeFrame.M15: 900,
    TimeFrame.M30: 1_800,
    TimeFrame.H1: 3_600,
    TimeFrame.H2: 7_200,
    TimeFrame.H4: 14_400,
    TimeFrame.H6: 21_600,
    TimeFrame.H12: 43_200,
    TimeFrame.D1: 86_400,
    TimeFrame.D3: 259_200,
}


def convert_time_frame(time_frame: TimeFrame | str) -> int:
    """The venue's step. Raises `UnsupportedTimeFrame`; never a silent substitute."""
    frame = parse_time_frame(time_frame)
    if frame not in STEPS:
        raise UnsupportedTimeFrame(frame.value, tuple(each.value for each in STEPS))
    return STEPS[frame]
