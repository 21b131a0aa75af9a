"""Replay: a recording through the same routing, adapters and books as the live stream, event by event.

There is no socket, no clock and no waiting in it: the same recording gives the same events, whoever drives it and
however fast. A book's snapshot arrives when its recorded answer is reached.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, TypeVar

import msgspec

from connectors.contracts.errors import BadFrame
from connectors.contracts.events import Candle, OrderBookUpdate, Price, StreamStatus, Trade
from connectors.contracts.instruments import Instrument
from connectors.contracts.services import LiveBook
from connectors.streaming.book_feed import BookFeed
from connectors.streaming.candle_feed import CandleFeed
from connectors.streaming.decoding import FAULTS
from connectors.streaming.dialect import ControlKind, Dialect
from connectors.streaming.feeds import Feed, Listener, PriceFeed, TradeFeed
from connectors.streaming.recording import RecordedEvent
from connectors.streaming.replay_channel import ReplayChannel

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Requested:
    """Channels, by name, that a sent frame subscribes to and leaves."""

    subscribed: Sequence[str] = ()
    unsubscribed: Sequence[str] = ()


Answer: TypeAlias = OrderBookUpdate | Sequence[Instrument] | None
"""What a REST answer in a recording says: a book's snapshot, the instrument list, or nothing that matters."""


class VenueReplay(Protocol):
    """What a venue's folder gives so that its recordings can be played. All of it is pure."""

    @property
    def dialect(self) -> Dialect: ...

    def channels_of(self, url: str) -> Sequence[str]:
        """The names of the channels that opening this URL subscribes to."""
        ...

    def requested(self, frame: bytes) -> Requested:
        """What a sent frame asks for; nothing where it is no such request. Never raises."""
        ...

    def feed(self, key: bytes) -> Feed[Any] | None:
        """The feed of the channel with this key, made as the live one is; `None` for a channel it does not know.

        A book's feed fetches nothing: its snapshots are offered.
        """
        ...

    def answer(self, url: str, body: bytes) -> Answer:
        """A book's snapshot or the instrument list, from a REST answer told by its path, whatever the host.

        `None` for every other call. Raises `BadFrame`.
        """
        ...


class EventConsumer(Protocol):
    """Who gets every event, in order. A book is told of at every change of it or of its state."""

    def trade(self, trade: Trade) -> None: ...

    def book(self, book: LiveBook) -> None: ...

    def candle(self, candle: Candle) -> None: ...

    def price(self, price: Price) -> None: ...

    def status(self, status: StreamStatus) -> None: ...


class Replay:
    """One run through a recording: give it the events in order."""

    def __init__(self, venue: VenueReplay, consumer: EventConsumer) -> None:
        self.frames = 0
        """Frames received, so far."""
        self.unrouted = 0
        """Of those, frames of channels that the venue's connector does not know."""
        self.bad = 0
        """Frames and answers that cannot be right."""
        self.now_ns = 0
        """The recorded time of the last event."""
        self.instruments: dict[str, Instrument] = {}
        self.books: dict[str, LiveBook] = {}
        self._venue = venue
        self._consumer = consumer
        self._route = venue.dialect.route
        self._channels: dict[bytes, ReplayChannel] = {}
        self._unknown: set[bytes] = set()

    @property
    def feeds(self) -> list[Feed[Any]]:
        """Of every channel that was subscribed to or heard so far."""
        return [channel.feed for channel in self._channels.values()]

    def feed_of(self, channel: str) -> Feed[Any] | None:
        """The feed of a channel by its name."""
        known = self._channels.get(self._venue.dialect.key(channel))
        return None if known is None else known.feed

    def play(self, event: RecordedEvent) -> None:
        """One event. Raises `RecordingError` where its base64 is damaged, and what the consumer raises."""
        self.now_ns = event.ts_ns
        if event.kind == "recv":
            self.frames += 1
            try:
                self._received(event.conn or "", event.payload())
            except (BadFrame, RecursionError):
                self.bad += 1
        elif event.kind == "http":
            self._answered(event)
        else:
            self._connection(event, event.conn or "")

    def _received(self, conn: str, frame: bytes) -> None:
        key = self._route(frame)
        if key is None:
            control = self._venue.dialect.control(frame)
            if control.kind is not ControlKind.DATA or control.key is None:
                return
            key = control.key
        channel = self._channels.get(key) or self._channel(key)
        if channel is None:
            self.unrouted += 1
        else:
            channel.received(conn, frame)

    def _connection(self, event: RecordedEvent, conn: str) -> None:
        if event.kind == "open":
            self._tell("connected", conn)
            for name in self._read(lambda: self._venue.channels_of(event.url or "")) or ():
                self._subscribe(conn, name)
        elif event.kind == "sent":
            frame = event.payload()
            requested = self._read(lambda: self._venue.requested(frame)) or Requested()
            for name in requested.unsubscribed:
                if (channel := self._channels.get(self._venue.dialect.key(name))) is not None:
                    channel.lost(conn, "unsubscribed")
            for name in requested.subscribed:
                self._subscribe(conn, name)
        elif event.kind == "close":
            reason = event.data or ""
            for channel in self._channels.values():
                channel.lost(conn, reason)
            self._tell("lost", reason or conn)

    def _answered(self, event: RecordedEvent) -> None:
        if event.status is not None and not 200 <= event.status < 300:
            return
        body = event.payload()
        answer = self._read(lambda: self._venue.answer(event.url or "", body))
        if isinstance(answer, OrderBookUpdate):
            if not answer.timestamp:
                answer = msgspec.structs.replace(answer, timestamp=self._now_ms())
            for channel in self._channels.values():
                feed = channel.feed
                if isinstance(feed, BookFeed) and feed.book.symbol == answer.symbol:
                    feed.offer(answer)
        elif answer is not None:
            self.instruments.update((instrument.symbol, instrument) for instrument in answer)

    def _read(self, read: Callable[[], T]) -> T | None:
        """What the venue's part makes of an address or a text, which may be damaged; `None` where that cannot be."""
        try:
            return read()
        except (*FAULTS, BadFrame):
            self.bad += 1
            return None

    def _subscribe(self, conn: str, name: str) -> None:
        key = self._venue.dialect.key(name)
        channel = self._channels.get(key) or self._channel(key)
        if channel is not None:
            channel.subscribed(conn)

    def _channel(self, key: bytes) -> ReplayChannel | None:
        if key in self._unknown:
            return None
        feed = self._venue.feed(key)
        if feed is None:
            self._unknown.add(key)
            return None
        self._listen(feed)
        name, sequence = feed.channel.name, self._venue.dialect.sequence
        made = self._channels[key] = ReplayChannel(feed, lambda frame: sequence(name, frame))
        return made

    def _listen(self, feed: Feed[Any]) -> None:
        consumer = self._consumer
        match feed:
            case TradeFeed():
                feed.add(Listener(consumer.trade, self._status))
            case BookFeed():
                self.books[feed.book.symbol] = feed.book
                feed.add(Listener(consumer.book, self._status))
            case CandleFeed():
                feed.add(Listener(consumer.candle, self._status))
            case PriceFeed():
                feed.add(Listener(self._price, self._status))
            case _:
                pass

    def _price(self, price: Price) -> None:
        # A ticker without a time of its own happened when it arrived.
        self._consumer.price(
            price if price.timestamp else msgspec.structs.replace(price, timestamp=self._now_ms())
        )

    def _tell(self, kind: str, reason: str) -> None:
        self._consumer.status(StreamStatus(kind, reason, self._now_ms()))

    def _status(self, status: StreamStatus) -> None:
        # Feeds tell the time of the wall; here it is the recording's.
        self._consumer.status(msgspec.structs.replace(status, timestamp=self._now_ms()))

    def _now_ms(self) -> int:
        return self.now_ns // 1_000_000
