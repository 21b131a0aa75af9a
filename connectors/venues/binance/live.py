"""Binance's live feeds: the usual frame of a stream in one function, without a call that is not needed.

What is unusual - a repeated or missing trade, a frame in another form, one that cannot be right - goes the general way
of the base class, which decodes it anew and deals with it; measured on the captures, that way costs a third more a
frame. The symbol is the channel's: the stream's name, by which a frame was routed, tells it.

What is stored in an attribute is loaded before it is called: CPython 3.11 looks up `self.attribute(...)` as a method
first, which is 130 instructions more of about 10,000. Numbers are subtracted where they could be added, because a small
result is not made anew, and comparisons stand alone, because those in a chain are not specialised.
"""

from connectors.contracts.events import Candle, Price, Trade
from connectors.streaming.book_feed import BookFeed
from connectors.streaming.book_sync import BookSettings, Fetch
from connectors.streaming.candle_feed import CandleFeed
from connectors.streaming.decoding import quick_decoder
from connectors.streaming.dialect import Channel
from connectors.streaming.feeds import PriceFeed, TradeFeed
from connectors.streaming.silence_check import SilenceCheck
from connectors.venues.binance import wire
from connectors.venues.binance.decode import (
    FAULTS,
    decode_candle,
    decode_depth,
    decode_prices,
    decode_trade,
)
from connectors.venues.binance.market_streams import MarketStreams

_TRADES = {
    "trade": quick_decoder(wire.Envelope[wire.LiveTrade]),
    "aggTrade": quick_decoder(wire.Envelope[wire.LiveAggregateTrade]),
}
_kline = quick_decoder(wire.Envelope[wire.LiveKlineFrame])
_book_ticker = quick_decoder(wire.Envelope[wire.LiveBookTicker])


class LiveTradeFeed(TradeFeed):
    """`@trade` or `@aggTrade`, the one whose trades the market numbers one by one."""

    def __init__(self, channel: Channel, stream: str, *, check: SilenceCheck | None = None) -> None:
        super().__init__(channel, decode_trade, consecutive=True, check=check)
        self._symbol = channel.symbol or ""
        self._live = _TRADES[stream]

    def frame(self, frame: bytes) -> None:
        try:
            decode = self._live
            trade = decode(frame).data
        except FAULTS:
            super().frame(frame)
            return
        number = trade.id
        if number - self._last != 1:
            super().frame(frame)
            return
        self._last = number
        self._latest = time = trade.time
        side = "sell" if trade.buyer_is_maker else "buy"
        deliver = self.deliver
        deliver(Trade(self._symbol, trade.price, trade.quantity, time, side, f"{number}"))


class LiveBookFeed(BookFeed):
    """`@depth`: the decoded frame itself changes the book."""

    def __init__(
        self,
        channel: Channel,
        streams: MarketStreams,
        fetch: Fetch | None,
        settings: BookSettings | None = None,
        *,
        check: SilenceCheck | None = None,
    ) -> None:
        super().__init__(channel, decode_depth, streams.sequencing(), fetch, settings, check=check)
        self._live = streams.depth
        self._push = self._sync.change

    def frame(self, frame: bytes) -> None:
        try:
            decode = self._live
            change = decode(frame).data
        except FAULTS:
            super().frame(frame)
            return
        if self._silent or change.first_sequence > change.last_sequence:
            super().frame(frame)
        else:
            push = self._push
            push(change)


class LiveCandleFeed(CandleFeed):
    """`@kline_<interval>`: nearly always the open candle once more, or the successor of a closed one."""

    def __init__(self, channel: Channel, interval: str, *, check: SilenceCheck | None = None) -> None:
        super().__init__(channel, lambda frame: decode_candle(frame, interval), check=check)
        self._symbol = channel.symbol or ""
        self._interval = interval
        self._newest = -1
        """The time of the newest candle; while something is unsettled, one that no candle has."""
        self._open = False

    def _break(self) -> None:
        super()._break()
        self._look()

    def frame(self, frame: bytes) -> None:
        try:
            kline = _kline(frame).data.kline
        except FAULTS:
            super().frame(frame)
            return
        time, first, high, low, close = kline.open_time, kline.open, kline.high, kline.low, kline.close
        if (
            (time != self._newest if self._open else time <= self._newest)
            or first > high
            or first < low
            or close > high
            or close < low
            or kline.interval != self._interval
        ):
            super().frame(frame)
            return
        closed = kline.closed
        candle = Candle(self._symbol, self._interval, time, first, high, low, close, kline.volume, closed)
        self._newest = time
        self._last = candle
        self._open = not closed
        if closed:
            self._remember(candle)
        deliver = self.deliver
        deliver(candle)

    def _take(self, candle: Candle) -> None:
        try:
            super()._take(candle)
        finally:
            self._look()

    def _look(self) -> None:
        """What the next frame is to be compared with."""
        last = self._last
        if not self._settled:
            self._newest, self._open = -1, True
        elif last is not None:
            self._newest, self._open = last.timestamp, not last.closed


class LiveBookTickerFeed(PriceFeed):
    """`@bookTicker` with both sides."""

    def __init__(self, channel: Channel) -> None:
        super().__init__(channel, decode_prices)
        self._symbol = channel.symbol or ""

    def frame(self, frame: bytes) -> None:
        try:
            ticker = _book_ticker(frame).data
        except FAULTS:
            super().frame(frame)
            return
        bid, ask = ticker.bid, ticker.ask
        if bid and ask:
            # A float times a float is quicker than divided by an integer, and as exact.
            deliver = self.deliver
            deliver(Price(self._symbol, (bid + ask) * 0.5, ticker.event_time, bid, ask))
        else:
            super().frame(frame)
