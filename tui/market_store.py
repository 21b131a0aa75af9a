"""What the market screen shows, kept without any terminal.

Handlers of a feed only change it and raise a version number; the screen's frame compares versions and reads. There is
one store a symbol and one series a timeframe: a switch makes a new one, so nothing old can appear under a new title.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from connectors.contracts import (
    BookState,
    Candle,
    Instrument,
    Level,
    LiveBook,
    Price,
    StreamStatus,
    TimeFrame,
    Trade,
)
from tui.candle_series import CandleSeries
from tui.formatting import Precision
from tui.pane_state import Condition

TRADES_KEPT = 2_000
STATUSES_KEPT = 50
_MEAN_WEIGHT = 0.05
_MAX_DECAY = 0.995


class TradeRing:
    """The newest trades, and the figures against which one trade is called large."""

    __slots__ = ("_trades", "condition", "largest", "mean", "total")

    def __init__(self, kept: int = TRADES_KEPT) -> None:
        self._trades: deque[Trade] = deque(maxlen=kept)
        self.condition = Condition()
        self.total = 0
        """Trades ever added; also the version."""
        self.largest = 0.0
        """The largest recent quantity: it fades, so that one giant does not flatten the bars for ever."""
        self.mean = 0.0

    def add(self, trade: Trade) -> None:
        self._trades.append(trade)
        self.total += 1
        quantity = trade.quantity
        faded = self.largest * _MAX_DECAY
        self.largest = quantity if quantity > faded else faded
        self.mean += (quantity - self.mean) * (_MEAN_WEIGHT if self.total > 1 else 1.0)

    @property
    def evicted(self) -> int:
        """How many were pushed out by newer ones."""
        return self.total - len(self._trades)

    def newest(self, count: int, skip: int = 0) -> list[Trade]:
        """Up to `count` trades, newest first, after the `skip` newest."""
        size = len(self._trades)
        return [self._trades[size - 1 - index] for index in range(skip, min(size, skip + count))]

    def __len__(self) -> int:
        return len(self._trades)


@dataclass(slots=True)
class Link:
    """The connection as the status line tells it; `retry_at` in monotonic seconds."""

    state: str = "CONNECTING"
    cause: str = ""
    retry_at: float | None = None
    latency_ms: float | None = None
    messages: int = 0
    reconnects: int = 0
    dropped: int = 0
    byte_age: float | None = None
    data_age: float | None = None
    rate: float = 0.0
    """Messages a second over the last poll."""

    @property
    def lost(self) -> bool:
        return self.state in LOST_STATES


LOST_STATES = frozenset({"RECONNECTING", "FAILED", "CLOSED", "INACTIVE"})


@dataclass(slots=True)
class MarketStore:
    """All parts of one symbol's market."""

    instrument: Instrument | None = None
    trades: TradeRing = field(default_factory=TradeRing)
    candles: CandleSeries = field(default_factory=lambda: CandleSeries(TimeFrame.M1))
    book: LiveBook | None = None
    book_condition: Condition = field(default_factory=Condition)
    price: Price | None = None
    price_version: int = 0
    last: float | None = None
    """The newest price known from trades, prices or candles."""
    last_rising: bool = True
    last_version: int = 0
    link: Link = field(default_factory=Link)
    link_version: int = 0
    """Grows when the connection's state changes; `health_version` when any of its figures does."""
    health_version: int = 0
    _coarse: tuple[Instrument | None, Precision] | None = None
    statuses: deque[StreamStatus] = field(default_factory=lambda: deque[StreamStatus](maxlen=STATUSES_KEPT))

    listed: bool = True
    """The venue still has the instrument in its list."""
    finer: Precision | None = None
    """Set where data came that the instrument's steps do not fit: then it is shown with the digits that came."""

    # --- handlers: they change and count, nothing else -----------------------------------------------------------

    def on_trade(self, trade: Trade) -> None:
        self.trades.add(trade)
        self.fit(((trade.price, trade.quantity),))
        self._set_last(trade.price)

    def on_book(self, book: LiveBook) -> None:
        self.book = book

    def on_price(self, price: Price) -> None:
        self.price = price
        self.price_version += 1
        if self.last is None:
            self._set_last(price.price)

    def on_candle(self, candle: Candle) -> None:
        """A live candle; one of another interval belongs to a subscription that is ending."""
        if candle.interval == self.candles.time_frame.value:
            self.candles.update(candle)
            if self.last is None:
                self._set_last(candle.close)

    def _set_last(self, price: float) -> None:
        if price != self.last:
            if self.last is not None:
                self.last_rising = price > self.last
            self.last = price
            self.last_version += 1

    def fit(self, levels: Iterable[Level]) -> None:
        """Show prices and quantities with the digits that came, where the instrument's steps are too coarse."""
        if self.instrument is None:
            return
        precision = self.precision
        for price, quantity in levels:
            if not precision.fits(price, quantity):
                precision = self.finer = precision.fitted(price, quantity)

    def renew(self, instrument: Instrument | None) -> bool:
        """What the venue's list has of the instrument now: nothing where it is gone. Whether that is another."""
        listed, known = instrument is not None, self.instrument
        if listed == self.listed and (instrument is None or instrument == known):
            return False
        self.listed = listed
        if instrument is not None:
            if known is None or (known.tick_size, known.lot_size) != (
                instrument.tick_size,
                instrument.lot_size,
            ):
                self.finer = None
            self.instrument = instrument
        self.link_version += 1
        return True

    # --- reading -------------------------------------------------------------------------------------------------

    @property
    def precision(self) -> Precision:
        if self.finer is not None:
            return self.finer
        if self._coarse is None or self._coarse[0] is not self.instrument:
            instrument = self.instrument
            made = Precision(8, 1, 8) if instrument is None else Precision.of(instrument)
            self._coarse = (instrument, made)
        return self._coarse[1]

    @property
    def halt(self) -> str:
        """Why the market does not trade, in the venue's word; empty where it does."""
        if self.instrument is None:
            return ""
        if not self.listed:
            return "DELISTED"
        return "" if self.instrument.tradable else self.instrument.status or "HALTED"

    @property
    def book_state(self) -> BookState:
        return BookState.EMPTY if self.book is None else self.book.state

    def conditions(self) -> Sequence[Condition]:
        return (self.trades.condition, self.book_condition, self.candles.condition)
