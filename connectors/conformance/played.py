"""A connector's recording, played through its own routing, adapters and books."""

import asyncio
import importlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias, cast

from catalog.model import MarketType
from connectors.conformance.case import CaseFailed
from connectors.conformance.subject import Subject
from connectors.contracts.events import BookState, Candle, Level, OrderBook, Price, StreamStatus, Trade
from connectors.contracts.services import LiveBook
from connectors.runtime.playback import REPLAY_FUNCTION
from connectors.streaming.recording import RecordedEvent, RecordingError
from connectors.streaming.recording_reader import RecordingReader
from connectors.streaming.replay import Replay, VenueReplay

MOST_EVENTS = 20_000
"""Of a recording, the first so many are played."""
_DEPTH = 100
"""Levels a side that are looked at unless it is said otherwise."""
_TURN = 10
"""Events after which others get their turn."""

Levels: TypeAlias = tuple[tuple[Level, ...], tuple[Level, ...]]


@dataclass(frozen=True, slots=True)
class Recording:
    path: Path
    events: tuple[RecordedEvent, ...]


class Played:
    """An `EventConsumer` that keeps everything, in order; of books, every view that was read as SYNCED."""

    def __init__(self, depth: int = _DEPTH) -> None:
        self._depth = depth
        self.trades: list[Trade] = []
        self.candles: list[Candle] = []
        self.prices: list[Price] = []
        self.views: list[OrderBook] = []
        self.states: list[tuple[str, BookState]] = []
        self.statuses: list[StreamStatus] = []

    def trade(self, trade: Trade) -> None:
        self.trades.append(trade)

    def candle(self, candle: Candle) -> None:
        self.candles.append(candle)

    def price(self, price: Price) -> None:
        self.prices.append(price)

    def book(self, book: LiveBook) -> None:
        self.states.append((book.symbol, book.state))
        if book.state is BookState.SYNCED:
            self.views.append(book.view(self._depth))

    def status(self, status: StreamStatus) -> None:
        self.statuses.append(status)


def levels_of(view: OrderBook) -> Levels:
    return tuple(view.bids), tuple(view.asks)


def recordings_of(subject: Subject) -> list[Recording]:
    """The package's recordings of the subject's market; empty where there is none. Raises `CaseFailed` for a file that
    is no recording of this connector, or is damaged."""
    found: list[Recording] = []
    for path in subject.target.recordings:
        try:
            reader = RecordingReader(path)
            if reader.header.connector_type != subject.entry.connector_type:
                raise CaseFailed(
                    f"{path.name} is a recording of '{reader.header.connector_type}',"
                    f" not of '{subject.entry.connector_type}'"
                )
            if reader.header.market_type == subject.market_type.value:
                events = tuple(event for event, _ in zip(reader, range(MOST_EVENTS), strict=False))
                if reader.damage is not None:
                    raise CaseFailed(reader.damage)
                found.append(Recording(path, events))
        except RecordingError as error:
            raise CaseFailed(str(error)) from None
    return found


def replay_of(subject: Subject) -> Callable[[], VenueReplay]:
    """What makes the connector's part of a replay. Raises `CaseFailed` where it has none."""
    subject.factory.load(subject.entry.connector_type)
    name = subject.target.entry_point.partition(":")[0].strip()
    make = getattr(importlib.import_module(name), REPLAY_FUNCTION, None)
    if not callable(make):
        raise CaseFailed(
            f"{name} has no function {REPLAY_FUNCTION}(market_type), so its recordings cannot be played"
        )
    create = cast("Callable[[MarketType], VenueReplay]", make)
    return lambda: create(subject.market_type)


async def play(venue: VenueReplay, events: Iterable[RecordedEvent], consumer: Any) -> Replay:
    """Play them all, and give the run, with its counters. Others get their turn in between."""
    replay = Replay(venue, consumer)
    for number, event in enumerate(events):
        replay.play(event)
        if number % _TURN == 0:
            await asyncio.sleep(0)
    return replay
