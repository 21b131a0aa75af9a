"""A book's channel: updates in, one live book out, shared by all who watch it."""

from collections.abc import Callable
from typing import TypeAlias

from connectors.contracts.events import BookState, StreamStatus
from connectors.contracts.health import SubscriptionHealth
from connectors.contracts.services import LiveBook
from connectors.streaming.book import Book
from connectors.streaming.book_sync import BookSettings, BookSync, Fetch
from connectors.streaming.change import BookChange
from connectors.streaming.dialect import Channel
from connectors.streaming.feeds import Feed, Listener
from connectors.streaming.sequencing import Checksum, Sequencing
from connectors.streaming.silence_check import SilenceCheck

Renew: TypeAlias = Callable[[str], None]
"""Subscribes to the book's channel anew, for the reason given."""


class BookFeed(Feed[LiveBook]):
    """Keeps the book by its venue's rule and tells every listener of each change of it or of its state."""

    def __init__(
        self,
        channel: Channel,
        decode: Callable[[bytes], BookChange],
        sequencing: Sequencing,
        fetch: Fetch | None,
        settings: BookSettings | None = None,
        *,
        check: SilenceCheck | None = None,
        renew: Renew | None = None,
        checksum: Checksum | None = None,
    ) -> None:
        """`check` asks for the sequence that the venue's book stands at, or for its best levels. `checksum` calculates
        that of our book, to be compared with the one of every update that carries one.

        `renew` is for a venue without snapshots over REST, which sends one in the stream after every subscription: it
        subscribes anew, and `fetch` is then `None`. With neither, snapshots are offered by somebody else.
        """
        super().__init__(channel, check)
        self.book = Book(channel.symbol or channel.name)
        self._decode = decode
        self._renew = renew
        self._renewing = False
        self._renewed = False
        """We subscribed anew, and the venue has not acknowledged it yet."""
        self._on_its_way = False
        """The subscription is new: its snapshot comes unasked."""
        if renew is not None:
            fetch = self._subscribe_anew
        self._sync = BookSync(
            self.book,
            sequencing,
            fetch,
            self,
            checksum=checksum,
            settings=settings,
            in_stream=renew is not None,
        )
        self._push = self._sync.push
        self.offer = self._sync.offer
        self._silent = False
        """Stalled: however good a snapshot, the book is not kept up to date until data flows."""

    def add(self, listener: Listener[LiveBook]) -> None:
        super().add(listener)
        self._sync.deliver = self.deliver
        if self.book.version:
            listener.handler(self.book)

    def remove(self, listener: Listener[LiveBook]) -> None:
        super().remove(listener)
        self._sync.deliver = self.deliver

    def frame(self, frame: bytes) -> None:
        if self._silent:
            self._silent = False
            self._sync.opened()
        self._push(self._decode(frame))

    def opened(self) -> None:
        if self._renewed:
            # The book asked for it, and is waiting for the snapshot.
            self._renewed = False
        elif not self._silent:
            self._on_its_way = True
            self._sync.opened()

    def status(self, event: StreamStatus) -> None:
        if event.kind == "stale":
            self._silent = True
            self._sync.closed(event.reason)
        elif event.kind == "lost":
            self._silent = False
        super().status(event)

    def report(self, health: SubscriptionHealth) -> None:
        super().report(health)
        health.book_state = self.book.state.value

    def knows(self, answer: int | BookChange | None) -> bool:
        here = self.book.sequence
        told = answer if isinstance(answer, int | None) else answer.last_sequence
        if self.book.state is not BookState.SYNCED or here is None or told is None or told <= here:
            return True
        return not isinstance(answer, int) and answer is not None and self._holds(answer)

    def _holds(self, answer: BookChange) -> bool:
        """Whether the levels of an answer are the best ones here."""
        view = self.book.view(max(len(answer.bids), len(answer.asks)))
        return view.bids[: len(answer.bids)] == list(answer.bids) and view.asks[: len(answer.asks)] == list(
            answer.asks
        )

    def closed(self, reason: str) -> None:
        self._renewed = self._renewing
        if not self._renewing:
            self._sync.closed(reason)

    async def _subscribe_anew(self, timeout: float) -> None:
        """Make the stream send a snapshot, where none is on its way."""
        expected, self._on_its_way = self._on_its_way, False
        if expected or self._renew is None or self.book.state is BookState.SYNCED:
            return
        self._renewing = True
        try:
            self._renew("the book needs a new snapshot")
        finally:
            self._renewing = False

    async def stop(self) -> None:
        await self._sync.stop()
