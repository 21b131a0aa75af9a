"""A book's channel: updates in, one live book out, shared by all who watch it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from connectors.contracts.events import BookState, OrderBookUpdate, StreamStatus
from connectors.contracts.services import LiveBook
from connectors.streaming.book import Book
from connectors.streaming.book_sync import BookSettings, BookSync, Fetch
from connectors.streaming.dialect import Channel
from connectors.streaming.feeds import Feed, Listener
from connectors.streaming.sequencing import Sequencing

Probe: TypeAlias = Callable[[], Awaitable[int | None]]
"""Asks the venue, outside the stream, for the sequence its book stands at."""

_ON_ITS_WAY = 0.5
"""Seconds in which an update that the venue's answer already knows of reaches us, if the stream flows."""


class BookFeed(Feed[LiveBook]):
    """Keeps the book by its venue's rule and tells every listener of each change of it or of its state."""

    def __init__(
        self,
        channel: Channel,
        decode: Callable[[bytes], OrderBookUpdate],
        sequencing: Sequencing,
        fetch: Fetch | None,
        settings: BookSettings | None = None,
        *,
        probe: Probe | None = None,
    ) -> None:
        super().__init__(channel)
        self.book = Book(channel.symbol or channel.name)
        self._decode = decode
        self._sync = BookSync(self.book, sequencing, fetch, self, settings=settings)
        self._push = self._sync.push
        self.offer = self._sync.offer
        self._probe = probe
        self._silent = False
        """Stalled: however good a snapshot, the book is not kept up to date until data flows."""

    def add(self, listener: Listener[LiveBook]) -> None:
        super().add(listener)
        if self.book.version:
            listener.handler(self.book)

    def frame(self, frame: bytes) -> None:
        if self._silent:
            self._silent = False
            self._sync.opened()
        self._push(self._decode(frame))

    def opened(self) -> None:
        if not self._silent:
            self._sync.opened()

    def status(self, event: StreamStatus) -> None:
        if event.kind == "stale":
            self._silent = True
            self._sync.closed(event.reason)
        elif event.kind == "lost":
            self._silent = False
        super().status(event)

    def confirm_silence(self) -> Awaitable[bool] | None:
        return None if self._probe is None else self._is_quiet(self._probe)

    async def _is_quiet(self, probe: Probe) -> bool:
        """Whether the venue's own book still stands where ours does, what is on its way given time to arrive."""
        if self.book.state is not BookState.SYNCED:
            return True
        there = await probe()
        await asyncio.sleep(_ON_ITS_WAY)
        here = self.book.sequence
        return here is None or there is None or there <= here

    def closed(self, reason: str) -> None:
        self._sync.closed(reason)

    def changed(self) -> None:
        if len(self.listeners) == 1:
            self.listeners[0].handler(self.book)
        else:
            self.deliver(self.book)

    async def stop(self) -> None:
        await self._sync.stop()
