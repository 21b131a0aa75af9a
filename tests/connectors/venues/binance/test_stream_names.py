"""The name of a stream decides its address: nothing can be asked for where it would stay silent."""

import pytest

from catalog.model import MarketType
from connectors.contracts.timeframes import TimeFrame
from connectors.emulator.binance.usdm.categories import category_of as served_under
from connectors.venues.binance.market_streams import STREAMS
from connectors.venues.binance.stream_names import ALL_PRICES, category_of, channel_of

PUBLIC = [
    "btcusdt@depth",
    "btcusdt@depth@100ms",
    "btcusdt@depth20@500ms",
    "btcusdt@bookTicker",
    "!bookTicker",
]
MARKET = [
    "btcusdt@aggTrade",
    "btcusdt@kline_1M",
    "btcusdt@ticker",
    "btcusdt@miniTicker",
    "btcusdt@markPrice",
    "btcusdt@markPrice@1s",
    "btcusdt_261225@kline_15m",
    "!miniTicker@arr",
    "!markPrice@arr@1s",
    "btcusdt@forceOrder",
]


@pytest.mark.parametrize("stream", PUBLIC)
def test_books_are_public(stream: str) -> None:
    assert category_of(stream) == "public" == served_under(stream)


@pytest.mark.parametrize("stream", MARKET)
def test_the_rest_is_market(stream: str) -> None:
    assert category_of(stream) == "market" == served_under(stream)


@pytest.mark.parametrize(
    "stream", ["btcusdt@trade", "btcusdt@avgPrice", "btcusdt", "", "!depth@arr", "a@b@depth"]
)
def test_what_no_address_is_known_to_serve_is_not_asked_for(stream: str) -> None:
    with pytest.raises(ValueError, match="no address"):
        category_of(stream)


def test_every_stream_the_connector_asks_for_has_its_address() -> None:
    streams = [
        *(f"btcusdt_261225@kline_{frame.value}" for frame in TimeFrame if frame is not TimeFrame.S1),
        f"btcusdt@{STREAMS[MarketType.FUTURES].trades}",
        "btcusdt@depth@100ms",
        "btcusdt@ticker",
        ALL_PRICES,
    ]
    for stream in streams:
        assert channel_of(MarketType.FUTURES, stream).category == served_under(stream)
        assert channel_of(MarketType.SPOT, stream).category == ""
