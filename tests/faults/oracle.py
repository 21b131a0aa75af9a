"""The truth of an emulated market at every moment, and consumers that hold a connector to it at every call."""

from collections import Counter, OrderedDict
from collections.abc import Sequence
from itertools import takewhile

from catalog.model import MarketType
from connectors.contracts import BookState, LiveBook, StreamStatus, Trade
from connectors.emulator.listing import Listing
from connectors.emulator.market import Market
from connectors.emulator.orders import Trade as MadeTrade
from connectors.emulator.tape import AggregateTrade

_KEPT_BOOKS = 20_000
_ALL = 10_000


class Truth:
    """Remembers every book by its update id, as a hash of all its levels, and every trade by its id.

    Futures number their trades one by one as they are aggregated: those are their trades here.
    """

    def __init__(self, market: Market, market_type: MarketType, symbols: tuple[str, ...]) -> None:
        self.symbols = symbols
        self.trades: dict[str, dict[int, tuple[float, float]]] = {symbol: {} for symbol in symbols}
        self._market = market
        self._aggregated = market_type is MarketType.FUTURES
        self._last = dict.fromkeys(symbols, 0)
        self._books: dict[str, OrderedDict[int, int]] = {symbol: OrderedDict() for symbol in symbols}
        self._numbers: dict[str, float] = {}
        self.note()

    def note(self) -> None:
        """Remember books and trades as they are now: to be called after every step of the market."""
        for symbol in self.symbols:
            listing, books = self._market.listings[symbol], self._books[symbol]
            self._note_trades(symbol, listing)
            if listing.book.update_id not in books:
                books[listing.book.update_id] = hash(self.book(symbol))
                if len(books) > _KEPT_BOOKS:
                    books.popitem(last=False)

    def book(self, symbol: str) -> tuple[tuple[tuple[float, float], ...], ...]:
        """All bids and asks as they are now, best first."""
        listing = self._market.listings[symbol]
        return tuple(self._side(listing, half.top(_ALL)) for half in (listing.book.bids, listing.book.asks))

    def is_right(self, book: LiveBook) -> bool:
        """Whether the venue's book had exactly these levels at this sequence."""
        view = book.view(_ALL)
        right = self._books[book.symbol].get(view.sequence or 0)
        return right == hash((tuple(view.bids), tuple(view.asks)))

    def _side(self, listing: Listing, top: list[tuple[int, int]]) -> tuple[tuple[float, float], ...]:
        price, quantity, number = (
            listing.instrument.price_text,
            listing.instrument.quantity_text,
            self._number,
        )
        return tuple((number(price(ticks)), number(quantity(lots))) for ticks, lots in top)

    def _number(self, text: str) -> float:
        known = self._numbers.get(text)
        if known is None:
            known = self._numbers[text] = float(text)
        return known

    def _tape(self, symbol: str) -> Sequence[MadeTrade | AggregateTrade]:
        tape = self._market.listings[symbol].tape
        return tape.aggregates if self._aggregated else tape.trades

    def _note_trades(self, symbol: str, listing: Listing) -> None:
        instrument, last = listing.instrument, self._last[symbol]
        for trade in takewhile(lambda made: made.id > last, reversed(self._tape(symbol))):
            self.trades[symbol][trade.id] = (
                float(instrument.price_text(trade.price)),
                float(instrument.quantity_text(trade.quantity)),
            )
            self._last[symbol] = max(self._last[symbol], trade.id)


class Witness:
    """The handlers of one connector. It notes every lie in `wrong`, and what it was told by kind."""

    def __init__(self, truth: Truth) -> None:
        self.wrong: list[str] = []
        self.books: dict[str, LiveBook] = {}
        self.synced_reads = 0
        self.told: Counter[str] = Counter()
        self.events: list[StreamStatus] = []
        self.delivered: Counter[str] = Counter()
        self.missing: dict[str, set[int]] = {symbol: set() for symbol in truth.symbols}
        self.late = 0
        self.first: dict[str, int] = {}
        self.last: dict[str, int] = {}
        self._truth = truth
        self._told_missing: dict[str, int] = {}

    def book(self, book: LiveBook) -> None:
        self.books[book.symbol] = book
        if book.state is not BookState.SYNCED:
            return
        self.synced_reads += 1
        if not self._truth.is_right(book):
            self.wrong.append(f"{book.symbol} is wrong at {book.view(1).sequence}")

    def trade(self, trade: Trade) -> None:
        symbol, number = trade.symbol, int(trade.trade_id)
        self.delivered[symbol] += 1
        if self._truth.trades[symbol].get(number) != (trade.price, trade.quantity):
            self.wrong.append(f"{symbol} never had trade {number} at {trade.price}")
        last, told = self.last.get(symbol), self._told_missing.pop(symbol, 0)
        if last is None:
            self.first[symbol] = self.last[symbol] = number
        elif number > last:
            self.last[symbol] = number
            self.missing[symbol].update(range(last + 1, number))
            if told != number - last - 1:
                self.wrong.append(f"{symbol}: {told} told missing of {number - last - 1} before {number}")
        elif number in self.missing[symbol]:
            self.missing[symbol].remove(number)
            self.late += 1
        else:
            self.wrong.append(f"{symbol} trade {number} came twice")

    def status(self, event: StreamStatus) -> None:
        self.told[event.kind] += 1
        if event.channel is not None:
            self.events.append(event)
        if not event.reason:
            self.wrong.append(f"a status without a reason: {event}")
        if event.kind == "gap" and event.symbol and (event.channel or "").endswith(("@trade", "@aggTrade")):
            if event.count is None:
                self.wrong.append(f"no count of missing trades: {event.reason}")
            self._told_missing[event.symbol] = event.count or 0

    def settle(self) -> None:
        """After the last trade: what was made from the first to the last was delivered or told missing."""
        for symbol, first in self.first.items():
            made = {number for number in self._truth.trades[symbol] if first <= number <= self.last[symbol]}
            if len(made) != self.delivered[symbol] + len(self.missing[symbol]):
                self.wrong.append(f"{symbol}: {len(made)} trades made, {self.delivered[symbol]} delivered")
