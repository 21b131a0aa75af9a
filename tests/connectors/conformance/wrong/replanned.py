"""Binance's streams with other feeds: a subclass changes what each channel's feed is."""

from dataclasses import replace

from connectors.venues.binance.ws import BinanceWsManager


class Replanned(BinanceWsManager):
    def __init__(self, client, market_api, **options):
        super().__init__(client, market_api, **options)
        plan = self._plan
        self._plan = replace(
            plan,
            trades=lambda channel, check: self.trade_feed(channel, plan.trades(channel, check)),
            books=lambda channel, parts: self.book_feed(channel, plan.books(channel, parts)),
            candles=lambda channel, interval, check: self.candle_feed(
                channel, plan.candles(channel, interval, check)
            ),
        )

    def trade_feed(self, channel, feed):
        return feed

    def book_feed(self, channel, feed):
        return feed

    def candle_feed(self, channel, feed):
        return feed
