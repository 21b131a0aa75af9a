"""Sharing channels: one subscription at the venue, however many consumers."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias, TypeVar

from connectors.contracts.services import Unsubscribe
from connectors.streaming.dialect import Channel
from connectors.streaming.feeds import Feed, Listener
from connectors.streaming.pool import Pool

T = TypeVar("T")

FeedMaker: TypeAlias = Callable[[Channel], Feed[T]]


class Hub:
    """Joins listeners to channels. The first makes the subscription at the venue, the last to leave ends it."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._feeds: dict[str, Feed[Any]] = {}
        self._turns: dict[str, asyncio.Lock] = {}

    def __len__(self) -> int:
        """How many channels are listened to."""
        return len(self._feeds)

    async def join(
        self, channels: Iterable[Channel], make: FeedMaker[T], listener: Listener[T]
    ) -> Unsubscribe:
        """Listen to channels; returns once the venue acknowledged all of them, with the way to leave them.

        Raises `SubscriptionFailed` where one fails; then none is joined.
        """
        wanted = {channel.name: channel for channel in channels}
        joins = [asyncio.create_task(self._join(channel, make, listener)) for channel in wanted.values()]
        try:
            await asyncio.gather(*joins)
        except BaseException:
            for join in joins:
                join.cancel()
            await asyncio.gather(*joins, return_exceptions=True)
            await self._leave_all(wanted, listener)
            raise
        left = False

        async def leave() -> None:
            nonlocal left
            if not left:
                left = True
                await self._leave_all(wanted, listener)

        return leave

    async def close(self) -> None:
        """Stop all feeds; the pool is closed by its owner."""
        feeds, self._feeds = self._feeds, {}
        await asyncio.gather(*(feed.stop() for feed in feeds.values()))

    async def _join(self, channel: Channel, make: FeedMaker[T], listener: Listener[T]) -> None:
        async with self._turn(channel.name):
            feed = self._feeds.get(channel.name)
            if feed is not None:
                feed.add(listener)
                return
            feed = make(channel)
            feed.add(listener)
            self._feeds[channel.name] = feed
            try:
                await self._pool.subscribe(channel, feed)
            except BaseException:
                del self._feeds[channel.name]
                await feed.stop()
                raise

    async def _leave_all(self, channels: Iterable[str], listener: Listener[Any]) -> None:
        for channel in channels:
            if (feed := self._feeds.get(channel)) is not None:
                feed.remove(listener)
        await asyncio.gather(*(self._end_unheard(channel) for channel in channels))

    async def _end_unheard(self, channel: str) -> None:
        async with self._turn(channel):
            feed = self._feeds.get(channel)
            if feed is not None and not feed.listeners:
                del self._feeds[channel]
                await self._pool.unsubscribe(channel)
                await feed.stop()

    def _turn(self, channel: str) -> asyncio.Lock:
        return self._turns.setdefault(channel, asyncio.Lock())
