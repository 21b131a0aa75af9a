"""A connector's adapters, made as the contract says, and the recorded frames that belong to each."""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.model import MarketType
from connectors.conformance.played import Recording
from connectors.conformance.subject import Claim, Subject
from connectors.contracts.errors import NotSupported, NotYetImplemented, UnsupportedTimeFrame
from connectors.contracts.events import Candle
from connectors.contracts.services import (
    AccountAdapterOptions,
    CandleAdapterOptions,
    ExchangeAdapterSet,
    InstrumentsAdapterOptions,
)
from connectors.contracts.timeframes import TimeFrame, parse_time_frame
from connectors.streaming.book_feed import BookFeed
from connectors.streaming.candle_feed import CandleFeed
from connectors.streaming.dialect import ControlKind
from connectors.streaming.feeds import Feed, Listener, PriceFeed, TradeFeed
from connectors.streaming.replay import VenueReplay

REFUSALS = (NotSupported, NotYetImplemented)
"""How an adapter that is not claimed is refused."""

CLAIMED = {
    "trade": Claim.TRADES,
    "order_book": Claim.BOOKS,
    "candle": Claim.CANDLES,
    "account": Claim.CREDENTIALS,
}
"""What an adapter's existence depends on; the others everybody has."""
KINDS = ("trade", "order_book", "candle", "account", "instruments", "instrument_prices")

_quiet = logging.getLogger("connectors.conformance.adapters")
_quiet.disabled = True


def make(
    adapters: ExchangeAdapterSet,
    kind: str,
    market: MarketType | str,
    handler: Callable[[Any], None],
    interval: TimeFrame = TimeFrame.M1,
) -> Callable[[Any], None]:
    """One adapter, made as the contract says. Raises what the connector raises."""
    market_type = MarketType(market)
    match kind:
        case "trade":
            return adapters.create_trade_adapter(handler)(market)
        case "order_book":
            return adapters.create_order_book_adapter(handler)(market)
        case "candle":
            return adapters.create_candle_adapter(CandleAdapterOptions(interval=interval, handler=handler))
        case "account":
            return adapters.create_account_adapter(AccountAdapterOptions(market_type=market_type), handler)(
                market
            )
        case "instruments":
            return adapters.create_instruments_adapter(
                InstrumentsAdapterOptions(market_type=market_type, handler=handler)
            )
        case _:
            return adapters.create_instrument_prices_adapter(_quiet, handler)(market)


def interval_of(adapters: ExchangeAdapterSet) -> TimeFrame | None:
    """The first interval that the venue has; one minute where it has that."""
    for frame in (TimeFrame.M1, *TimeFrame):
        try:
            adapters.convert_time_frame(frame)
        except UnsupportedTimeFrame:
            continue
        return frame
    return None


def usable(subject: Subject, adapters: ExchangeAdapterSet) -> list[tuple[str, TimeFrame]]:
    """The kinds that the connector does not rightly refuse, with an interval for the one of candles."""
    interval = interval_of(adapters)
    found: list[tuple[str, TimeFrame]] = []
    for kind in KINDS:
        if kind == "candle" and interval is None:
            continue
        try:
            make(adapters, kind, subject.market_type, lambda _: None, interval or TimeFrame.M1)
        except REFUSALS:
            continue
        found.append((kind, interval or TimeFrame.M1))
    return found


@dataclass(frozen=True, slots=True)
class Sample:
    """A recorded frame, the kind of adapter that it belongs to, and what the stream made of it."""

    kind: str
    frame: bytes
    events: tuple[Any, ...]
    symbol: str | None
    interval: TimeFrame = TimeFrame.M1


def samples_of(venue: VenueReplay, recordings: Iterable[Recording], most: int) -> list[Sample]:
    """Up to `most` frames of each channel, and instrument lists."""
    found: list[Sample] = []
    for recording in recordings:
        channels = _Channels(venue)
        taken: defaultdict[bytes, int] = defaultdict(int)
        for event in recording.events:
            if event.kind == "recv":
                frame = event.payload()
                key = _key(venue, frame)
                if key is not None and taken[key] < most and (sample := channels.sample(key, frame)):
                    taken[key] += 1
                    found.append(sample)
            elif event.kind == "http" and taken[b""] < 1 and (event.status or 200) < 300:
                answer = venue.answer(event.url or "", event.payload())
                if isinstance(answer, list | tuple):
                    taken[b""] += 1
                    found.append(Sample("instruments", event.payload(), (answer,), None))
    return found


def _key(venue: VenueReplay, frame: bytes) -> bytes | None:
    key = venue.dialect.route(frame)
    if key is not None:
        return key
    control = venue.dialect.control(frame)
    return control.key if control.kind is ControlKind.DATA else None


class _Channels:
    """The feeds of one recording, each heard frame by frame."""

    def __init__(self, venue: VenueReplay) -> None:
        self._venue = venue
        self._feeds: dict[bytes, tuple[Feed[Any], str, list[Any]] | None] = {}

    def sample(self, key: bytes, frame: bytes) -> Sample | None:
        if key not in self._feeds:
            self._feeds[key] = self._open(key)
        opened = self._feeds[key]
        if opened is None:
            return None
        feed, kind, heard = opened
        heard.clear()
        feed.frame(frame)
        # A book's feed gives the book and not the change: what an adapter makes of it stands for itself.
        events = () if kind == "order_book" else tuple(heard)
        if kind != "order_book" and not events:
            return None
        last = events[-1] if events else None
        interval = parse_time_frame(last.interval) if isinstance(last, Candle) else TimeFrame.M1
        return Sample(kind, frame, events, feed.channel.symbol, interval)

    def _open(self, key: bytes) -> tuple[Feed[Any], str, list[Any]] | None:
        feed = self._venue.feed(key)
        kind = _kind(feed)
        if feed is None or kind is None:
            return None
        heard: list[Any] = []
        feed.add(Listener(heard.append, None))
        return feed, kind, heard


def _kind(feed: Feed[Any] | None) -> str | None:
    kinds: Sequence[tuple[type[Feed[Any]], str]] = (
        (TradeFeed, "trade"),
        (BookFeed, "order_book"),
        (CandleFeed, "candle"),
        (PriceFeed, "instrument_prices"),
    )
    return next((kind for cls, kind in kinds if isinstance(feed, cls)), None)
