"""A book's channel: updates in, one live book out, shared by all who watch it."""

from collections.abc import Awaitable, Callable

from connectors.contracts.events import OrderBookUpdate
from connectors.contracts.services import LiveBook
from connectors.streaming.book import Book
from connectors.streaming.book_sync import BookSettings, BookSync
from connectors.streaming.dialect import Channel
from connectors.streaming.feeds import Feed, Listener
from connectors.streaming.sequencing import Sequencing


class BookFeed(Feed[LiveBook]):
    """Keeps the book by its venue's rule and tells every listener of each change of it or of its state."""

    def __init__(
        self,
        channel: Channel,
        decode: Callable[[bytes], OrderBookUpdate],
        sequencing: Sequencing,
        fetch: Callable[[float], Awaitable[OrderBookUpdate | None]],
        settings: BookSettings | None = None,
    ) -> None:
        super().__init__(channel)
        self.book = Book(channel.symbol or channel.name)
        self._decode = decode
        self._sync = BookSync(self.book, sequencing, fetch, self, settings=settings)
        self._push = self._sync.push

    def add(self, listener: Listener[LiveBook]) -> None:
        super().add(listener)
        if self.book.version:
            listener.handler(self.book)

    def frame(self, frame: bytes) -> None:
        self._push(self._decode(frame))

    def opened(self) -> None:
        self._sync.opened()

    def closed(self, reason: str) -> None:
        self._sync.closed(reason)

    def changed(self) -> None:
        if len(self.listeners) == 1:
            self.listeners[0].handler(self.book)
        else:
            self.deliver(self.book)

    async def stop(self) -> None:
        await self._sync.stop()
