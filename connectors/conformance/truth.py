"""The truth of an emulated market at every moment, whatever the venue's protocol makes of it.

A book that is read as SYNCED must be one that the venue had; a trade must be one that was made, or a taker order's
fills at one price put together, as venues also tell them. Numbers are compared to eight digits after the point, and
nothing depends on a venue's sequence numbers.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from connectors.contracts.events import BookState, Level, OrderBook, Trade
from connectors.contracts.services import LiveBook
from connectors.emulator.emulator import Emulator
from connectors.emulator.instruments import Instrument as Listed
from connectors.emulator.listing import Listing
from connectors.emulator.market import Market
from connectors.emulator.orders import Trade as MadeTrade

DEPTHS = (20, 10, 5)
"""Books are compared by so many levels a side, the most that the view has."""
_CLOSE_MS = 1_000
"""A venue may date its trades to the second."""
_PRICE_DIGITS = 8


@dataclass(slots=True)
class Made:
    """One trade as the venue may tell it."""

    price: float
    quantity: float
    side: str
    time: int
    order: int

    def is_told_by(self, trade: Trade) -> bool:
        return (
            trade.side == self.side
            and abs(trade.timestamp - self.time) <= _CLOSE_MS
            and rounded(trade.price) == self.price
            and rounded(trade.quantity) == self.quantity
        )


class _Record:
    """What is known of one pair."""

    def __init__(self, listing: Listing) -> None:
        self.listing = listing
        self.books: set[tuple[int, int]] = set()
        self.update_id = -1
        self.single: list[Made] = []
        self.joined: list[Made] = []
        self.spreads: list[tuple[float, float]] = []


class Truth:
    """Watches the books and trades of some listings, by their engine symbols."""

    def __init__(self, emulator: Emulator, market: Market, listings: Iterable[Listing]) -> None:
        self._clock = emulator.clock
        self._records = {listing.instrument.symbol: _Record(listing) for listing in listings}
        self._numbers: dict[str, float] = {}
        market.book_watchers.append(self._changed)
        market.trade_watchers.append(self._traded)
        for record in self._records.values():
            self._changed(record.listing)

    # --- books ----------------------------------------------------------------------------------------------------

    def _changed(self, listing: Listing) -> None:
        record = self._records.get(listing.instrument.symbol)
        if record is None or record.update_id == listing.book.update_id:
            return
        record.update_id = listing.book.update_id
        bids, asks = self.book(listing)
        for depth in DEPTHS:
            record.books.add((depth, hash((bids[:depth], asks[:depth]))))
        if bids and asks:
            record.spreads.append((bids[0][0], asks[0][0]))

    def book(self, listing: Listing) -> tuple[tuple[Level, ...], tuple[Level, ...]]:
        """The best bids and asks as they are now, best first."""
        most = DEPTHS[0]
        book, instrument = listing.book, listing.instrument
        return self._levels(instrument, book.bids.top(most)), self._levels(instrument, book.asks.top(most))

    def book_fault(self, listing: Listing, view: OrderBook) -> str | None:
        """What is wrong with a view that calls itself SYNCED; `None` where the venue had exactly this book."""
        bids, asks = _rounded(view.bids), _rounded(view.asks)
        fault = shape_fault(view)
        if fault is not None:
            return fault
        depth = next((one for one in DEPTHS if min(len(bids), len(asks)) >= one), None)
        if depth is None:
            return f"{view.symbol} has {len(bids)} bids and {len(asks)} asks where the venue has more"
        self._changed(listing)
        if (depth, hash((bids[:depth], asks[:depth]))) in self._records[listing.instrument.symbol].books:
            return None
        return f"{view.symbol} is SYNCED with best {bids[0]} and {asks[0]}: the venue never had this book"

    def is_current(self, listing: Listing, book: LiveBook) -> bool:
        """Whether the book is SYNCED and exactly the venue's as it is now."""
        view = book.view(DEPTHS[0])
        depth = next((one for one in DEPTHS if min(len(view.bids), len(view.asks)) >= one), None)
        if view.state is not BookState.SYNCED or depth is None:
            return False
        bids, asks = self.book(listing)
        return (_rounded(view.bids)[:depth], _rounded(view.asks)[:depth]) == (bids[:depth], asks[:depth])

    def had_spread(self, listing: Listing, price: float) -> bool:
        """Whether a price ever lay within the best bid and ask."""
        price = rounded(price)
        return any(bid <= price <= ask for bid, ask in self._records[listing.instrument.symbol].spreads)

    # --- trades ---------------------------------------------------------------------------------------------------

    def _traded(self, trade: MadeTrade) -> None:
        record = self._records.get(trade.instrument.symbol)
        if record is None:
            return
        instrument = trade.instrument
        made = Made(
            self._number(instrument.price_text(trade.price)),
            self._number(instrument.quantity_text(trade.quantity)),
            "sell" if trade.maker_is_buyer else "buy",
            trade.time + self._clock.offset,
            trade.taker.id,
        )
        record.single.append(made)
        last = record.joined[-1] if record.joined else None
        if last is not None and (last.order, last.price) == (made.order, made.price):
            last.quantity = rounded(last.quantity + made.quantity)
        else:
            record.joined.append(Made(made.price, made.quantity, made.side, made.time, made.order))

    def trades(self, listing: Listing) -> list[list[Made]]:
        """Both ways to tell what was made since the watch began, in order: one by one, and put together."""
        record = self._records[listing.instrument.symbol]
        return [record.single, record.joined]

    def trades_fault(self, listing: Listing, told: Sequence[Trade], *, gaps: bool = False) -> str | None:
        """What is wrong with trades as a connector told them: one that was never made, twice, or out of turn.

        Without `gaps`, one that is missing between the first and the last is wrong too.
        """
        faults = [_order_fault(made, told, gaps) for made in self.trades(listing)]
        return None if None in faults else faults[0]

    def _levels(self, instrument: Listed, top: list[tuple[int, int]]) -> tuple[Level, ...]:
        number, price, quantity = self._number, instrument.price_text, instrument.quantity_text
        return tuple((number(price(ticks)), number(quantity(lots))) for ticks, lots in top)

    def _number(self, text: str) -> float:
        known = self._numbers.get(text)
        if known is None:
            known = self._numbers[text] = rounded(float(text))
        return known


def shape_fault(view: OrderBook) -> str | None:
    """What no believable book may be: crossed, out of order, or with a level of nothing."""
    bids, asks = [price for price, _ in view.bids], [price for price, _ in view.asks]
    if bids and asks and bids[0] >= asks[0]:
        return f"{view.symbol} is crossed: bid {bids[0]} and ask {asks[0]}"
    if bids != sorted(set(bids), reverse=True) or asks != sorted(set(asks)):
        return f"{view.symbol}'s levels are not best first, or one comes twice"
    if any(not quantity > 0 for _, quantity in (*view.bids, *view.asks)):
        return f"{view.symbol} has a level with a quantity that is not above zero"
    return None


def rounded(number: float) -> float:
    return round(number, _PRICE_DIGITS)


def _rounded(levels: Sequence[Level]) -> tuple[Level, ...]:
    return tuple((rounded(price), rounded(quantity)) for price, quantity in levels)


def _order_fault(made: Sequence[Made], told: Sequence[Trade], gaps: bool) -> str | None:
    at = 0
    for index, trade in enumerate(told):
        start = at
        while at < len(made) and not made[at].is_told_by(trade):
            at += 1
        if at == len(made):
            known = any(one.is_told_by(trade) for one in made)
            what = "came twice or out of turn" if known else "was never made"
            return f"trade {trade.trade_id} ({trade.side} {trade.quantity} at {trade.price}) {what}"
        if index and not gaps and at != start:
            return f"{at - start} trades are missing before {trade.trade_id}"
        at += 1
    return None
