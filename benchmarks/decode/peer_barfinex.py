"""Ours: what a session does with a frame, from routing to the consumer's handler, without the socket."""

import json
from typing import Any

from capture import Capture
from peer import serve

from catalog.model import MarketType
from connectors.contracts.events import OrderBookUpdate
from connectors.streaming.book_feed import BookFeed
from connectors.streaming.dialect import Channel
from connectors.streaming.feeds import CandleFeed, Listener, PriceFeed, TradeFeed
from connectors.streaming.sequencing import BinanceFuturesSequencing, BinanceSpotSequencing
from connectors.streaming.subscription import Subscription
from connectors.venues.binance.decode import decode_candle, decode_depth, decode_prices, decode_trade
from connectors.venues.binance.dialect import BinanceDialect


def ignore(_: object) -> None: ...


async def no_snapshot(_: float) -> OrderBookUpdate | None:
    return None


class Troubles:
    """Any fault ends the benchmark: a frame that was refused was not measured."""

    def quarantine(self, subscription: Subscription, error: Exception) -> None:
        raise SystemExit(f"{subscription.channel.name}: {error}")

    handler_failed = quarantine

    def revived(self, subscription: Subscription) -> None: ...


class Barfinex:
    def __init__(self, capture: Capture) -> None:
        self.route = BinanceDialect("wss://venue", MarketType.SPOT).route
        self.routes: dict[bytes, Subscription] = {}
        self.book_feeds: dict[str, BookFeed] = {}
        sequencing = BinanceSpotSequencing if capture.market == "spot" else BinanceFuturesSequencing
        for symbol, text in capture.snapshots.items():
            name = symbol.lower()
            book = BookFeed(Channel(f"{name}@depth@100ms", symbol), decode_depth, sequencing(), no_snapshot)
            candle = Channel(f"{name}@kline_1m", symbol)
            feeds: list[Any] = [
                book,
                TradeFeed(Channel(f"{name}@aggTrade", symbol), decode_trade, consecutive=False),
                CandleFeed(candle, lambda frame: decode_candle(frame, "1m")),
                PriceFeed(Channel(f"{name}@bookTicker", symbol), decode_prices),
            ]
            for feed in feeds:
                feed.add(Listener(ignore, None))
                self.routes[feed.channel.name.encode()] = Subscription(feed.channel, feed, Troubles())
            answer = json.loads(text)
            levels = {
                side: [(float(price), float(size)) for price, size in answer[side]]
                for side in ("bids", "asks")
            }
            book._sync.push(
                OrderBookUpdate(
                    symbol, **levels, timestamp=0, is_snapshot=True, last_sequence=answer["lastUpdateId"]
                )
            )
            self.book_feeds[symbol] = book

    async def run(self, frames: list[bytes]) -> None:
        route, routes = self.route, self.routes
        for frame in frames:
            routes[route(frame)].deliver(frame, 0.0)

    async def close(self) -> None: ...

    def books(self) -> dict[str, list[list[list[float]]]]:
        books: dict[str, list[list[list[float]]]] = {}
        for symbol, feed in self.book_feeds.items():
            view = feed.book.view(20)
            assert view.state == "SYNCED", (symbol, view.state)
            books[symbol] = [[list(level) for level in side] for side in (view.bids, view.asks)]
        return books


serve(Barfinex)
