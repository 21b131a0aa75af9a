"""The live feeds give what the general feeds give: over the captures, and where a frame is not as usual."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from catalog.model import MarketType
from connectors.contracts.errors import BadFrame
from connectors.contracts.events import OrderBookUpdate
from connectors.streaming.book_feed import BookFeed
from connectors.streaming.candle_feed import CandleFeed
from connectors.streaming.dialect import Channel
from connectors.streaming.feeds import Feed, Listener, PriceFeed, TradeFeed
from connectors.venues.binance.decode import (
    decode_candle,
    decode_depth,
    decode_prices,
    decode_trade,
    decoder,
    snapshot_of,
)
from connectors.venues.binance.live import LiveBookFeed, LiveBookTickerFeed, LiveCandleFeed, LiveTradeFeed
from connectors.venues.binance.market_streams import STREAMS
from connectors.venues.binance.symbols import SYMBOLS
from connectors.venues.binance.wire import DepthSnapshot
from tests.connectors.venues.binance.frames import captured

MARKETS = {"binance-spot-2021": MarketType.SPOT, "binance-futures-2021": MarketType.FUTURES}
Maker = Callable[[Channel], Feed[Any]]


def minute_candles(channel: Channel) -> CandleFeed:
    return CandleFeed(channel, lambda frame: decode_candle(frame, "1m"))


def pairs(market: MarketType) -> dict[str, tuple[Maker, Maker]]:
    """The live feed and the general one of each kind."""
    streams = STREAMS[market]
    return {
        "aggTrade": (
            lambda channel: LiveTradeFeed(channel, "aggTrade"),
            lambda channel: TradeFeed(channel, decode_trade, consecutive=True),
        ),
        "depth": (
            lambda channel: LiveBookFeed(channel, streams, None),
            lambda channel: BookFeed(channel, decode_depth, streams.sequencing(), None),
        ),
        "kline_1m": (lambda channel: LiveCandleFeed(channel, "1m"), minute_candles),
        "bookTicker": (LiveBookTickerFeed, lambda channel: PriceFeed(channel, decode_prices)),
    }


class Heard:
    """A feed with what its listener heard: events, books as they stood, and statuses without their times."""

    def __init__(self, make: Maker, channel: Channel) -> None:
        self.said: list[Any] = []
        self.feed = make(channel)
        self.feed.add(Listener(self._event, lambda status: self.said.append((status.kind, status.reason))))

    def _event(self, event: Any) -> None:
        self.said.append(event.view(1000) if hasattr(event, "view") else event)

    def take(self, frame: bytes) -> None:
        try:
            self.feed.frame(frame)
        except BadFrame as fault:
            self.said.append(str(fault))


@pytest.mark.parametrize("name", MARKETS)
def test_the_captures_sound_the_same(name: str) -> None:
    kinds = pairs(MARKETS[name])
    snapshot = decoder(DepthSnapshot)
    feeds: dict[str, tuple[Heard, Heard]] = {}
    for event in captured(name):
        if event["kind"] == "http" and "/depth" in event["url"]:
            symbol = event["url"].partition("symbol=")[2].partition("&")[0]
            book = snapshot_of(snapshot(event["data"].encode()), symbol)
            for heard in feeds[f"{symbol.lower()}@depth@100ms"]:
                assert isinstance(heard.feed, BookFeed)
                heard.feed.offer(book)
        if event["kind"] != "recv":
            continue
        frame = event["data"].encode()
        stream = json.loads(frame)["stream"]
        subject, _, kind = stream.partition("@")
        if stream not in feeds:
            channel = Channel(stream, SYMBOLS[subject.upper()])
            live, general = kinds[kind.removesuffix("@100ms")]
            feeds[stream] = Heard(live, channel), Heard(general, channel)
            for heard in feeds[stream]:
                heard.feed.opened()
        for heard in feeds[stream]:
            heard.take(frame)
    assert len(feeds) > 10
    for live_heard, general_heard in feeds.values():
        assert live_heard.said == general_heard.said != []


def enveloped(stream: str, data: str) -> bytes:
    return f'{{"stream":"btcusdt@{stream}","data":{data}}}'.encode()


def trade(number: int, price: str = "1.5", time: int = 1_700_000_000_000) -> bytes:
    fields = f'"E":{time},"T":{time},"p":"{price}","q":"2","m":true'
    return enveloped("aggTrade", f'{{"e":"aggTrade","s":"BTCUSDT","a":{number},{fields}}}')


def candle(start: int, close: str = "2", closed: str = "false", interval: str = "1m") -> bytes:
    prices = f'"o":"2","h":"3","l":"1","c":"{close}","v":"7"'
    kline = f'{{"t":{start},"s":"BTCUSDT","i":"{interval}","x":{closed},{prices}}}'
    return enveloped("kline_1m", f'{{"e":"kline","k":{kline}}}')


def ticker(bid: str, ask: str) -> bytes:
    return enveloped("bookTicker", f'{{"u":1,"s":"BTCUSDT","b":"{bid}","B":"1","a":"{ask}","A":"1"}}')


def depth(first: int, last: int, bid: str = "10", ask: str = "11") -> bytes:
    numbers = f'"E":1700000000000,"U":{first},"u":{last}'
    levels = f'"b":[["{bid}","1"]],"a":[["{ask}","1"]]'
    return enveloped("depth@100ms", f'{{"e":"depthUpdate","s":"BTCUSDT",{numbers},{levels}}}')


@pytest.mark.parametrize("broken_before", range(9))
def test_candles_over_a_break_sound_the_same(broken_before: int) -> None:
    channel = Channel("btcusdt@kline_1m", "BTCUSDT")
    both = [Heard(make, channel) for make in pairs(MarketType.SPOT)["kline_1m"]]
    frames = [
        *(candle(0), candle(0, "3"), candle(60_000), candle(60_000, "3"), candle(0, "1", closed="true")),
        *(candle(60_000, "1", closed="true"), candle(120_000), candle(180_000), candle(240_000)),
    ]
    for heard in both:
        for place, frame in enumerate(frames):
            if place == broken_before:
                heard.feed.closed("lost")
            heard.take(frame)
    live, general = both
    assert live.said == general.said


SPACED = b'{"stream":"btcusdt@aggTrade", "data": {"e":"trade"}}'

UNUSUAL = {
    "aggTrade": [
        *(trade(5), trade(6), trade(6), trade(5), trade(9), trade(8), trade(8), trade(10), trade(11, "0")),
        *(trade(11, "NaN"), trade(3, time=1_700_000_000_001), trade(4), SPACED, b"", b"[" * 10_000, b"\xff"),
    ],
    "kline_1m": [
        *(
            candle(0),
            candle(0, "3"),
            candle(0, "4"),
            candle(60_000),
            candle(0),
            candle(60_000, closed="true"),
        ),
        *(
            candle(60_000),
            candle(120_000, interval="5m"),
            candle(120_000),
            candle(120_000, interval="5m"),
            candle(120_000),
            b"{}",
            SPACED,
        ),
    ],
    "bookTicker": [ticker("1", "2"), ticker("0", "2"), ticker("0", "0"), ticker("-1", "2"), b"{}", SPACED],
    "depth": [
        *(
            depth(1, 4),
            depth(5, 6),
            depth(6, 5),
            depth(5, 6),
            depth(7, 7, bid="11"),
            depth(7, 7),
            b"{}",
            SPACED,
        ),
    ],
}


@pytest.mark.parametrize("kind", UNUSUAL)
def test_unusual_frames_are_dealt_with_alike(kind: str) -> None:
    channel = Channel(f"btcusdt@{kind}", "BTCUSDT")
    both = [Heard(make, channel) for make in pairs(MarketType.SPOT)[kind]]
    for heard in both:
        heard.feed.opened()
        if isinstance(heard.feed, BookFeed):
            heard.take(depth(1, 2))
            heard.feed.offer(OrderBookUpdate("BTCUSDT", [(9.0, 1.0)], [(12.0, 1.0)], 0, True, 3))
        for frame in UNUSUAL[kind]:
            heard.take(frame)
    live, general = both
    assert live.said == general.said
    assert any(isinstance(said, str) for said in live.said)
