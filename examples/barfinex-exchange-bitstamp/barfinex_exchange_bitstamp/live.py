"""Bitstamp's live books.

`order_book_` sends the whole book, 100 levels a side, at every change; `diff_order_book_` sends the changed levels of
all. Nothing in a difference tells that the one before it was lost, so a book kept from differences can be wrong for
ever and not know it. A book that comes whole cannot: the next frame puts right whatever the last one did. That is
worth more than the levels beyond the hundredth.

The channel sends nothing until the book changes, so each begins with a snapshot over REST. The venue warns that a book
may now and then be crossed for one message; it is then out of sync until the next.
"""

from barfinex_exchange_bitstamp.decode import decode_book
from barfinex_exchange_bitstamp.dialect import microtime
from connectors.contracts.events import BookState
from connectors.toolkit import BookFeed, BookParts, Channel, UnnumberedSequencing

_LATE = 5_000_000
"""Microseconds. A book that is older than the one here by no more was on its way when the snapshot was taken; by
more, the venue's clock was set back."""


class WholeBookFeed(BookFeed):
    """Every frame is a book, and replaces the one before it."""

    def __init__(self, channel: Channel, parts: BookParts) -> None:
        super().__init__(
            channel, decode_book, UnnumberedSequencing(), parts.fetch, parts.settings, check=parts.check
        )

    def frame(self, frame: bytes) -> None:
        at, time = self.book.sequence, microtime(frame)
        late = at is not None and time is not None and 0 < at - time <= _LATE
        if late and self.book.state is BookState.SYNCED:
            return
        super().frame(frame)
