"""Binance's candle intervals of `/api/v3/klines` and `/fapi/v1/klines`. They are case sensitive: `1M` is a month."""

from catalog.model import MarketType
from connectors.contracts.errors import UnsupportedTimeFrame
from connectors.contracts.timeframes import TimeFrame, parse_time_frame

SPOT_TIME_FRAMES: tuple[TimeFrame, ...] = tuple(TimeFrame)
FUTURES_TIME_FRAMES: tuple[TimeFrame, ...] = tuple(frame for frame in TimeFrame if frame is not TimeFrame.S1)


def supported_time_frames(market_type: MarketType) -> tuple[TimeFrame, ...]:
    """The intervals a market has: one second is spot's alone."""
    return SPOT_TIME_FRAMES if market_type is MarketType.SPOT else FUTURES_TIME_FRAMES


def convert_time_frame(time_frame: TimeFrame | str, market_type: MarketType = MarketType.SPOT) -> str:
    """The venue's name of an interval. Raises `UnsupportedTimeFrame`; never a silent substitute."""
    frame = parse_time_frame(time_frame)
    supported = supported_time_frames(market_type)
    if frame not in supported:
        raise UnsupportedTimeFrame(frame.value, tuple(each.value for each in supported))
    return frame.value
