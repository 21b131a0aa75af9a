"""Binance's part of a replay: which feed a stream's name stands for, and which REST answers matter."""

import json
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

from catalog.model import MarketType
from connectors.contracts.errors import BadFrame
from connectors.contracts.events import OrderBookUpdate
from connectors.contracts.instruments import Instrument
from connectors.streaming.dialect import Channel
from connectors.streaming.feeds import Feed, PriceFeed
from connectors.streaming.list_feeds import TradeListFeed
from connectors.streaming.replay import Answer, Requested
from connectors.venues.binance.decode import (
    FAULTS,
    bad_frame,
    decode_prices,
    decode_trades,
    decoder,
    snapshot_of,
)
from connectors.venues.binance.dialect import BinanceDialect
from connectors.venues.binance.endpoints import endpoints_for
from connectors.venues.binance.instruments import decode_exchange_info, instruments_of
from connectors.venues.binance.live import LiveBookFeed, LiveBookTickerFeed, LiveCandleFeed, LiveTradeFeed
from connectors.venues.binance.market_streams import STREAMS
from connectors.venues.binance.symbols import SYMBOLS, venue_symbol_of
from connectors.venues.binance.timeframes import supported_time_frames
from connectors.venues.binance.truth import PROBE_DEPTH
from connectors.venues.binance.wire import DepthSnapshot

_DEPTHS = ("depth", "depth@100ms", "depth@250ms", "depth@500ms")
_TICKERS = ("ticker", "miniTicker", "bookTicker")
_USUAL_LEVELS = {MarketType.SPOT: 100, MarketType.FUTURES: 500}
"""What a snapshot holds a side where none are asked for."""
_snapshot = decoder(DepthSnapshot)


class BinanceReplay:
    """Implements `VenueReplay` for recordings of one market. Raises `UnsupportedMarket`."""

    def __init__(self, market_type: MarketType) -> None:
        self.dialect = BinanceDialect("wss://recording", market_type)
        self._market_type = market_type
        self._streams = STREAMS[market_type]
        endpoints = endpoints_for(market_type)
        self._most_levels = endpoints.depth.most
        self._answers: dict[str, Callable[[str, bytes], Answer]] = {
            endpoints.depth.path: self._depth,
            endpoints.exchange_info.path: self._instruments,
        }

    def channels_of(self, url: str) -> Sequence[str]:
        """The combined endpoint's `?streams=a/b`."""
        return [
            name for value in parse_qs(urlsplit(url).query).get("streams", ()) for name in value.split("/")
        ]

    def requested(self, frame: bytes) -> Requested:
        try:
            request = json.loads(frame)
            method, names = request["method"], [str(name) for name in request["params"]]
        except (ValueError, KeyError, TypeError, RecursionError):
            return Requested()
        match method:
            case "SUBSCRIBE":
                return Requested(subscribed=names)
            case "UNSUBSCRIBE":
                return Requested(unsubscribed=names)
            case _:
                return Requested()

    def feed(self, key: bytes) -> Feed[Any] | None:
        name = self.dialect.channel(key)
        subject, _, stream = name.partition("@")
        if subject.startswith("!"):
            return PriceFeed(Channel(name), decode_prices) if subject[1:] in _TICKERS else None
        try:
            channel = Channel(name, SYMBOLS[venue_symbol_of(name)])
        except BadFrame:
            return None
        if stream in _DEPTHS:
            return LiveBookFeed(channel, self._streams, None)
        if stream == self._streams.trades:
            return LiveTradeFeed(channel, stream)
        if stream in ("trade", "aggTrade"):
            return TradeListFeed(channel, decode_trades, consecutive=False)
        if stream == "bookTicker":
            return LiveBookTickerFeed(channel)
        if stream in _TICKERS:
            return PriceFeed(channel, decode_prices)
        kind, _, interval = stream.partition("_")
        if kind == "kline" and interval in supported_time_frames(self._market_type):
            return LiveCandleFeed(channel, interval)
        return None

    def answer(self, url: str, body: bytes) -> Answer:
        """A path may stand behind another, as behind a gateway."""
        parts = urlsplit(url)
        for path, read in self._answers.items():
            if parts.path.endswith(path):
                return read(parts.query, body)
        return None

    def _instruments(self, query: str, body: bytes) -> Sequence[Instrument]:
        return instruments_of(decode_exchange_info(body), self._market_type)

    def _depth(self, query: str, body: bytes) -> OrderBookUpdate | None:
        """The few levels of a probe are no book."""
        asked = parse_qs(query)
        limit = asked.get("limit", [""])[0]
        try:
            usual = _USUAL_LEVELS[self._market_type]
            levels = min(int(limit), self._most_levels) if limit.isdecimal() else usual
            if levels <= PROBE_DEPTH:
                return None
            return snapshot_of(_snapshot(body), asked.get("symbol", [""])[0], levels)
        except FAULTS as fault:
            raise bad_frame(fault) from None
