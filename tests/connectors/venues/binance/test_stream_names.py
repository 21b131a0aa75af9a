"""The name of a stream decides its address: nothing can be asked for where it would stay silent."""

import pytest

from catalog.model import MarketType
from connectors.contracts.timeframes import TimeFrame
from connectors.emulator.binance.usdm.categories import category_of as served_under
from connectors.streaming.plan import StreamKind, Topic
from connectors.venues.binance.stream_names import ALL_PRICES, category_of, name_of, topic_of
from connectors.venues.binance.ws import plan_for

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


TOPICS = [
    *(Topic(kind, "BTCUSDT_261225") for kind in StreamKind if kind is not StreamKind.CANDLES),
    *(Topic(StreamKind.CANDLES, "BTCUSDT", frame) for frame in TimeFrame if frame is not TimeFrame.S1),
]


@pytest.mark.parametrize("topic", TOPICS)
def test_every_stream_the_connector_asks_for_has_its_address_and_tells_its_topic(topic: Topic) -> None:
    for market_type in (MarketType.SPOT, MarketType.FUTURES):
        name = name_of(topic, market_type)
        assert topic_of(name, market_type) == topic
        if market_type is MarketType.FUTURES:
            assert plan_for(market_type, "wss://venue").category_of(name) == served_under(name)
        else:
            assert plan_for(market_type, "wss://venue").category_of(name) == ""


@pytest.mark.parametrize("name", ["btcusdt", "btcusdt@", "btcusdt@kline_7m", "btcusdt@depth20", ALL_PRICES])
def test_a_stream_that_is_not_the_connectors_own_has_no_topic(name: str) -> None:
    assert topic_of(name, MarketType.SPOT) is None


def test_all_prices_have_their_address() -> None:
    assert category_of(ALL_PRICES) == served_under(ALL_PRICES)
