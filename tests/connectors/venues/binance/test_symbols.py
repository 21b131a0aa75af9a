import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.model import MarketType
from connectors.contracts.timeframes import TimeFrame
from connectors.streaming.plan import StreamKind, Topic
from connectors.venues.binance.dialect import BinanceDialect
from connectors.venues.binance.stream_names import name_of, topic_of
from connectors.venues.binance.symbols import SYMBOLS

listed = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="@,"), min_size=1, max_size=20
).filter(lambda symbol: not any("a" <= char <= "z" for char in symbol))


@pytest.mark.parametrize("market_type", [MarketType.SPOT, MarketType.FUTURES])
@given(symbol=listed, kind=st.sampled_from(StreamKind))
def test_a_stream_leads_back_to_its_market_in_any_script(
    market_type: MarketType, symbol: str, kind: StreamKind
) -> None:
    topic = Topic(kind, symbol, TimeFrame.M1 if kind is StreamKind.CANDLES else None)
    assert topic_of(name_of(topic, market_type), market_type) == topic


def test_streams_of_a_chinese_name_are_spelled_in_its_letters() -> None:
    assert name_of(Topic(StreamKind.TRADES, "龙虾USDT"), MarketType.SPOT) == "龙虾usdt@trade"


@pytest.mark.parametrize(
    "stream", ["龙虾usdt@trade", "\\u9f99\\u867eusdt@trade", "%E9%BE%99%E8%99%BEusdt@trade"]
)
def test_a_frame_finds_its_stream_however_its_name_is_written(stream: str) -> None:
    dialect = BinanceDialect("wss://x", MarketType.SPOT)
    frame = f'{{"stream":"{stream}","data":{{}}}}'.encode()
    key = dialect.key("龙虾usdt@trade")
    assert dialect.route(frame) == key or dialect.control(frame).key == key


def test_another_coin_is_not_renamed() -> None:
    assert SYMBOLS["XBTUSDT"] == "XBTUSDT"
