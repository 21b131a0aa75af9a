"""What a recording holds, as far as a viewer must know before it is played."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from connectors.contracts.events import Candle, Price, StreamStatus, Trade
from connectors.contracts.instruments import Instrument
from connectors.contracts.services import LiveBook
from connectors.streaming.recording import RecordedEvent, RecordingError
from connectors.streaming.replay import Replay, VenueReplay

_LOOKED_INTO = 5_000
"""Events that are played to learn what there is; of the rest only the times are read."""


@dataclass(frozen=True, slots=True)
class Outline:
    """`symbols` and candle `intervals` in the order they come; `instruments` as far as the recording has them."""

    start_ns: int
    end_ns: int
    events: int
    symbols: tuple[str, ...]
    intervals: tuple[str, ...]
    instruments: dict[str, Instrument]


def outline_of(events: Iterable[RecordedEvent], venue: VenueReplay) -> Outline:
    """Reads a whole recording, as far as it can be read."""
    seen = _Seen()
    replay = Replay(venue, seen)
    start_ns = end_ns = count = 0
    for event in events:
        start_ns = start_ns or event.ts_ns
        end_ns = max(end_ns, event.ts_ns)
        count += 1
        if count <= _LOOKED_INTO:
            with suppress(RecordingError):
                replay.play(event)
    subscribed = [feed.channel.symbol for feed in replay.feeds if feed.channel.symbol is not None]
    return Outline(
        start_ns,
        end_ns,
        count,
        tuple(dict.fromkeys(subscribed or seen.symbols)),
        tuple(seen.intervals),
        replay.instruments,
    )


class _Seen:
    """Keeps the names only."""

    def __init__(self) -> None:
        self.symbols: dict[str, None] = {}
        self.intervals: dict[str, None] = {}

    def trade(self, trade: Trade) -> None:
        self.symbols[trade.symbol] = None

    def book(self, book: LiveBook) -> None:
        self.symbols[book.symbol] = None

    def candle(self, candle: Candle) -> None:
        self.symbols[candle.symbol] = None
        self.intervals[candle.interval] = None

    def price(self, price: Price) -> None:
        self.symbols[price.symbol] = None

    def status(self, status: StreamStatus) -> None: ...
