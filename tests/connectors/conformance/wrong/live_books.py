"""Books with one defect each."""

from typing import Any

import msgspec

from connectors.contracts.events import BookState, OrderBook
from connectors.streaming.book_feed import BookFeed
from connectors.streaming.sequencing import Verdict
from connectors.venues.binance.ws import BinanceWsManager
from tests.connectors.conformance.wrong.live_registry import wrong
from tests.connectors.conformance.wrong.replanned import Replanned


class _Seen:
    """A live book seen through `change`."""

    def __init__(self, book: Any, change) -> None:
        self._book, self._change = book, change
        self.symbol = book.symbol

    @property
    def state(self):
        return self.view(1).state

    @property
    def version(self) -> int:
        return self._book.version

    def view(self, depth: int = 20) -> OrderBook:
        return self._change(self._book, depth)


class _Changed(BinanceWsManager):
    async def subscribe_to_order_book(self, options, handler):
        return await super().subscribe_to_order_book(options, lambda book: handler(_Seen(book, self.change)))

    def change(self, book: Any, depth: int) -> OrderBook:
        return book.view(depth)


@wrong("K01", "the venue never had this book")
class RoundsQuantities(_Changed):
    def change(self, book, depth):
        view = book.view(depth)
        return msgspec.structs.replace(
            view, bids=[(price, round(lots, 1) or 0.1) for price, lots in view.bids]
        )


@wrong("K02", "not best first")
class WorstFirst(_Changed):
    def change(self, book, depth):
        view = book.view(depth)
        return msgspec.structs.replace(view, bids=view.bids[::-1])


@wrong("K02", "a quantity that is not above zero")
class KeepsEmptyLevels(_Changed):
    def change(self, book, depth):
        view = book.view(depth)
        return msgspec.structs.replace(
            view, asks=[*view.asks[:-1], (view.asks[-1][0], 0.0)] if view.asks else []
        )


class _Stops(BookFeed):
    """Follows the first updates and no later ones, though it stays SYNCED."""

    updates = 0

    def frame(self, frame: bytes) -> None:
        self.updates += 1
        if self.updates < 8:
            super().frame(frame)
        else:
            self.deliver(self.book)


@wrong("K03", "comes to equal the venue's book")
class FallsAsleep(Replanned):
    def book_feed(self, channel, feed):
        feed.__class__ = type("Sleepy", (_Stops,), {})
        feed.updates = 0
        return feed


class _BelievesAll:
    """Applies whatever is newer."""

    last = 0

    def start(self, snapshot) -> None:
        self.last = snapshot.last_sequence

    def judge(self, update) -> Verdict:
        if update.last_sequence <= self.last:
            return Verdict.IGNORE
        self.last = update.last_sequence
        return Verdict.APPLY


@wrong("K04", "read as SYNCED")
class IgnoresGaps(Replanned):
    def book_feed(self, channel, feed):
        believing = _BelievesAll()
        feed._sync._sequencing, feed._sync._judge = believing, believing.judge
        feed._sync._fault = lambda update: None
        return feed


def _believed(book: Any, depth: int) -> OrderBook:
    view = book.view(depth)
    return msgspec.structs.replace(view, state=BookState.SYNCED) if view.bids and view.asks else view


@wrong("K05", "a book whose connection broke is not SYNCED")
class BelievesABrokenConnection(_Changed):
    def change(self, book, depth):
        return _believed(book, depth)


@wrong("K06", "the books are SYNCED again after refused snapshots")
class AsksForASnapshotOnce(BinanceWsManager):
    _asked: frozenset[str] = frozenset()

    async def _snapshot(self, instrument):
        if instrument.symbol in self._asked:
            raise RuntimeError("once is enough")
        snapshot = await super()._snapshot(instrument)
        self._asked |= {instrument.symbol}
        return snapshot


@wrong("K07", "the best 1 levels a side")
class IgnoresTheDepth(_Changed):
    def change(self, book, depth):
        return book.view(1_000)


@wrong("K08", "the books of a silent stream stop being SYNCED")
class TrustsASilentStream(Replanned):
    def book_feed(self, channel, feed):

        async def quiet() -> bool:
            return True

        feed.confirm_silence = quiet
        return feed


@wrong("K09", "the venue never had this book")
class TakesACutSnapshotForTheWholeBook(BinanceWsManager):
    async def _snapshot(self, instrument):
        return msgspec.structs.replace(await super()._snapshot(instrument), depth=None)


@wrong("M21", "is implemented, as the manifest claims")
class ClaimsBooksItDoesNotHave(BinanceWsManager):
    async def subscribe_to_order_book(self, options, handler):
        from connectors.contracts.errors import NotYetImplemented

        raise NotYetImplemented("books come later")


@wrong("M20", "which the manifest does not claim", trade_streaming=False)
class HasTradesItDoesNotClaim(BinanceWsManager):
    """Nothing but the manifest is wrong."""
