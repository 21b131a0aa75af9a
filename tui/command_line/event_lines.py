"""One event as one line: JSON for programs, columns for people."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec

from catalog.model import MarketType
from catalog.text import MESSAGE_LIMIT, clean
from connectors.contracts import (
    Candle,
    Instrument,
    Level,
    OrderBook,
    Price,
    StreamStatus,
    TimeFrame,
    Trade,
)
from tui.command_line.standard_streams import encoded, encoded_json
from tui.command_line.streams import Event
from tui.formatting import decimals_for
from tui.widgets.rows import cells_of

NAMES: dict[type[Event], str] = {
    Trade: "trade",
    OrderBook: "order_book",
    Candle: "candle",
    Price: "price",
    StreamStatus: "status",
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BY_UTC_DAYS = frozenset(
    frame.value for frame in TimeFrame if frame.milliseconds >= TimeFrame.D1.milliseconds
)
"""Candles that begin with a day of UTC; anywhere west of Greenwich a local date would be the day before."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where events are from. Of a recording the environment is known where its header tells it."""

    connector: str
    market: MarketType
    environment: str | None
    replay: bool = False

    @property
    def label(self) -> str:
        """For a line that a person reads."""
        return " ".join(
            part for part in ("replay" if self.replay else "", clean(self.environment or "")) if part
        )


class JsonLines:
    """`{"event", "connector", "market", "environment", ...}` with the fields of the contract's class.

    What is played back says `"replay": true`, and its environment is `null` where the recording does not tell it.
    """

    def __init__(self, origin: Origin) -> None:
        self._origin = {
            "connector": origin.connector,
            "market": origin.market.value,
            "environment": origin.environment,
            **({"replay": True} if origin.replay else {}),
        }
        self._encoder = msgspec.json.Encoder()

    def line(self, event: Event) -> bytes:
        fields = {"event": NAMES[type(event)], **self._origin, **msgspec.structs.asdict(event)}
        return encoded_json(self._encoder.encode(fields)) + b"\n"


class PlainLines:
    """Time with its date and zone, environment, kind, symbol and figures, with each instrument's number of digits."""

    def __init__(self, instruments: Mapping[str, Instrument], origin: Origin, *, utc: bool = False) -> None:
        self._digits = {
            symbol: (instrument.price_decimals, instrument.quantity_decimals)
            for symbol, instrument in instruments.items()
        }
        self._label = origin.label
        self._utc = utc

    def line(self, event: Event) -> bytes:
        when = _clock(event.timestamp, utc=self._utc or _begins_with_a_utc_day(event))
        text = f"{when}  {self._label}  {NAMES[type(event)]:<10}  {self._figures(event)}"
        return encoded(text.rstrip() + "\n")

    def _figures(self, event: Event) -> str:
        if isinstance(event, StreamStatus):
            return _status(event)
        figures = _Figures(*self._digits.get(event.symbol, (8, 8)))
        return f"{_column(event.symbol)}  {figures.of(event)}"


class _Figures:
    def __init__(self, price_digits: int, quantity_digits: int) -> None:
        self._price_digits = price_digits
        self._quantity_digits = quantity_digits

    def of(self, event: Trade | OrderBook | Candle | Price) -> str:
        match event:
            case Trade():
                return f"{event.side:<4}  {self._price(event.price)}  {self._quantity(event.quantity)}"
            case OrderBook():
                return self._book(event)
            case Candle():
                return (
                    f"{event.interval}  open {self._price(event.open)}  high {self._price(event.high)}"
                    f"  low {self._price(event.low)}  close {self._price(event.close)}"
                    f"  volume {self._quantity(event.volume)}{'  closed' if event.closed else ''}"
                    f"{'  corrected' if event.correction else ''}"
                )
            case Price():
                return (
                    f"{self._price(event.price)}  bid {self._price(event.bid)}  ask {self._price(event.ask)}"
                    f"  24h low {self._price(event.low_24h)}  high {self._price(event.high_24h)}"
                )

    def _book(self, book: OrderBook) -> str:
        bid = book.bids[0] if book.bids else None
        ask = book.asks[0] if book.asks else None
        spread = ""
        if bid and ask:
            digits = max(decimals_for(price, self._price_digits) for price in (bid[0], ask[0]))
            spread = f"  spread {ask[0] - bid[0]:.{digits}f}"
        best_bid, best_ask = self._level(bid, book.known_bid), self._level(ask, book.known_ask)
        return f"{book.state.value}  bid {best_bid}  ask {best_ask}{spread}{self._known(book)}"

    def _level(self, level: Level | None, known: float | None) -> str:
        if level is None:
            return "-" if known is None else "unknown"
        return f"{self._price(level[0])} x {self._quantity(level[1])}"

    def _known(self, book: OrderBook) -> str:
        """How far the book is known, where it is not known to its ends."""
        low, high = book.known_bid, book.known_ask
        if low is not None and high is not None:
            return f"  known {self._price(low)} to {self._price(high)}"
        if low is not None:
            return f"  known down to {self._price(low)}"
        return "" if high is None else f"  known up to {self._price(high)}"

    def _price(self, value: float | None) -> str:
        return "-" if value is None else f"{value:.{decimals_for(value, self._price_digits)}f}"

    def _quantity(self, value: float | None) -> str:
        return "-" if value is None else f"{value:.{decimals_for(value, self._quantity_digits)}f}"


def _status(status: StreamStatus) -> str:
    parts = [_column(status.symbol or "-"), f"{status.kind:<12}", clean(status.channel or "")]
    if status.retry_in_ms is not None:
        parts.append(f"next attempt in {status.retry_in_ms / 1000:.1f} s")
    if status.count is not None:
        parts.append(f"{status.count} events")
    parts.append(clean(status.reason, MESSAGE_LIMIT))
    return "  ".join(part for part in parts if part)


def _column(symbol: str) -> str:
    """Padded by what it takes on the screen: a Chinese letter takes two cells."""
    text = clean(symbol)
    return text + " " * (12 - cells_of(text))


def _begins_with_a_utc_day(event: Event) -> bool:
    return isinstance(event, Candle) and event.interval in _BY_UTC_DAYS


def _clock(timestamp: int, *, utc: bool) -> str:
    """`2026-01-31 19:00:00.000-05:00`, here or at UTC; as the number it is where no calendar has it."""
    try:
        moment = _EPOCH + timedelta(milliseconds=timestamp)
        return (moment if utc else moment.astimezone()).isoformat(" ", "milliseconds")
    except (OverflowError, OSError, ValueError):
        return str(timestamp)
