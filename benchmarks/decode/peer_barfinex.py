"""Ours: what a session does with a frame, from the link that received it to the consumer's handler, without the socket.

The link, its routes, the subscriptions, the feeds and the books are the live ones, put together as the connector does.
"""

import json
from typing import Any

from capture import Capture
from peer import serve

from catalog.model import MarketType
from connectors.contracts.events import OrderBookUpdate
from connectors.streaming.book_feed import BookFeed
from connectors.streaming.dialect import Channel
from connectors.streaming.feeds import Listener
from connectors.streaming.link import Link
from connectors.streaming.settings import SessionSettings
from connectors.streaming.subscription import Subscription
from connectors.venues.binance.dialect import BinanceDialect
from connectors.venues.binance.live import LiveBookFeed, LiveBookTickerFeed, LiveCandleFeed, LiveTradeFeed
from connectors.venues.binance.market_streams import STREAMS


def ignore(_: object) -> None: ...


class Troubles:
    """Any fault ends the benchmark: a frame that was refused was not measured."""

    def quarantine(self, subscription: Subscription, error: Exception) -> None:
        raise SystemExit(f"{subscription.channel.name}: {error}")

    handler_failed = quarantine

    def revived(self, subscription: Subscription) -> None: ...

    def bad_frame(self, link: Link, error: Exception) -> None:
        raise SystemExit(f"{link.name}: {error}")


class Barfinex:
    def __init__(self, capture: Capture) -> None:
        spot = capture.market == "spot"
        dialect = BinanceDialect("wss://venue", MarketType.SPOT)
        troubles: Any = Troubles()
        self.link = Link(
            dialect, SessionSettings(), troubles, name="benchmark", url="wss://venue", generation=1
        )
        self.book_feeds: dict[str, BookFeed] = {}
        streams = STREAMS[MarketType.SPOT if spot else MarketType.FUTURES]
        for symbol, text in capture.snapshots.items():
            name = symbol.lower()
            book = LiveBookFeed(Channel(f"{name}@depth@100ms", symbol), streams, None)
            feeds: list[Any] = [
                book,
                LiveTradeFeed(Channel(f"{name}@aggTrade", symbol), "aggTrade"),
                LiveCandleFeed(Channel(f"{name}@kline_1m", symbol), "1m"),
                LiveBookTickerFeed(Channel(f"{name}@bookTicker", symbol)),
            ]
            for feed in feeds:
                feed.add(Listener(ignore, None))
                self.link.attach(dialect.key(feed.channel.name), Subscription(feed.channel, feed, troubles))
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
        received = self.link.received
        for frame in frames:
            received(frame, 0.0)

    async def close(self) -> None: ...

    def books(self) -> dict[str, list[list[list[float]]]]:
        books: dict[str, list[list[list[float]]]] = {}
        for symbol, feed in self.book_feeds.items():
            view = feed.book.view(20)
            assert view.state == "SYNCED", (symbol, view.state)
            books[symbol] = [[list(level) for level in side] for side in (view.bids, view.asks)]
        return books


serve(Barfinex)
