import pytest

from catalog.model import MarketType
from connectors.contracts import TimeFrame
from connectors.contracts.errors import UnsupportedTimeFrame
from connectors.venues.binance.timeframes import convert_time_frame, supported_time_frames

# Section "Kline/Candlestick chart intervals" of the venue's documentation.
VENUE = ["1s", "1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d", "3d", "1w", "1M"]


def test_spot_has_every_interval() -> None:
    assert [convert_time_frame(frame) for frame in TimeFrame] == VENUE


def test_futures_lack_the_second_alone() -> None:
    supported = supported_time_frames(MarketType.FUTURES)
    assert [convert_time_frame(frame, MarketType.FUTURES) for frame in supported] == VENUE[1:]
    with pytest.raises(UnsupportedTimeFrame, match="1s"):
        convert_time_frame(TimeFrame.S1, MarketType.FUTURES)


def test_a_month_is_not_a_minute() -> None:
    assert convert_time_frame("1M") == "1M"
    assert convert_time_frame("1m") == "1m"
    assert convert_time_frame("min1") == "1m"


@pytest.mark.parametrize("text", ["", "2m", "1H", "1D", "1y", "1 m", "１m", "\x1b[31m"])
def test_nothing_is_substituted(text: str) -> None:
    with pytest.raises(UnsupportedTimeFrame):
        convert_time_frame(text)
