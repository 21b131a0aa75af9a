"""Market data streams: who listens to what, and what is sent when.

A stream exists while somebody listens. Each payload is encoded once, whatever the number of listeners, in the raw
and the combined form where each is wanted.
"""

from collections.abc import Callable
from typing import Any, Protocol

import msgspec

from connectors.emulator.binance.core import Core
from connectors.emulator.binance.publishers import Publisher, PublisherMaker, publisher_for
from connectors.emulator.binance.stream_payloads import aggregate_event, trade_event
from connectors.emulator.instruments import Instrument
from connectors.emulator.listing import Listing
from connectors.emulator.orders import Trade
from connectors.emulator.tape import AggregateTrade
from connectors.emulator.wire import text_frame

_encode = msgspec.json.encode


class Listener(Protocol):
    @property
    def combined(self) -> bool: ...

    def deliver(self, stream: str, payload: bytes, frame: bytes) -> None: ...


class Stream:
    def __init__(self, name: str) -> None:
        self.name = name
        self.listeners: dict[Listener, None] = {}

    def send(self, event: Any) -> None:
        """Encode the event and give it to every listener."""
        payload = _encode(event)
        raw: bytes | None = None
        wrapped: tuple[bytes, bytes] | None = None
        for listener in tuple(self.listeners):
            if listener.combined:
                if wrapped is None:
                    content = b'{"stream":' + _encode(self.name) + b',"data":' + payload + b"}"
                    wrapped = content, text_frame(content)
                listener.deliver(self.name, *wrapped)
            else:
                raw = raw or text_frame(payload)
                listener.deliver(self.name, payload, raw)


class Streams:
    """All streams of one market. Unknown names are accepted, as the venue accepts them, and stay silent."""

    def __init__(
        self,
        core: Core,
        make_publisher: PublisherMaker = publisher_for,
        make_trade: Callable[[Core, Trade], Any] = trade_event,
        make_aggregate: Callable[[Core, Instrument, AggregateTrade], Any] = aggregate_event,
    ) -> None:
        self._core = core
        self._make_publisher = make_publisher
        self._make_trade = make_trade
        self._make_aggregate = make_aggregate
        self._streams: dict[str, Stream] = {}
        self._publishers: dict[str, Publisher] = {}
        self._aggregated: dict[str, int] = {}
        core.market.on_trade = self._on_trade
        core.market.on_book = self._on_book

    def join(self, name: str, listener: Listener) -> None:
        stream = self._streams.get(name)
        if stream is None:
            stream = self._streams[name] = Stream(name)
            self._open(stream)
        stream.listeners[listener] = None

    def leave(self, name: str, listener: Listener) -> None:
        stream = self._streams.get(name)
        if stream is None:
            return
        stream.listeners.pop(listener, None)
        if not stream.listeners:
            del self._streams[name]
            publisher = self._publishers.pop(name, None)
            if publisher is not None:
                publisher.close()

    def _open(self, stream: Stream) -> None:
        symbol, _, kind = stream.name.partition("@")
        listing = None
        if symbol.upper() in self._core.market.listings and symbol.islower():
            listing = self._core.market.activate(symbol.upper())
        publisher = self._make_publisher(self._core, stream.name, listing, stream.send)
        if publisher is not None:
            self._publishers[stream.name] = publisher
        if listing is not None and kind == "aggTrade":
            last = listing.tape.aggregates[-1].id if listing.tape.aggregates else 0
            self._aggregated[listing.instrument.symbol] = last

    def tick(self, now: int) -> None:
        for publisher in tuple(self._publishers.values()):
            publisher.tick(now)

    def _on_trade(self, trade: Trade) -> None:
        stream = self._streams.get(f"{trade.instrument.symbol.lower()}@trade")
        if stream is not None:
            stream.send(self._make_trade(self._core, trade))

    def _on_book(self, listing: Listing) -> None:
        """After each event of the market: what is aggregated over it, and the new best prices."""
        name = listing.instrument.symbol.lower()
        stream = self._streams.get(f"{name}@aggTrade")
        if stream is not None:
            last = self._aggregated[listing.instrument.symbol]
            fresh = _newest(listing, last)
            for trade in fresh:
                stream.send(self._make_aggregate(self._core, listing.instrument, trade))
            if fresh:
                self._aggregated[listing.instrument.symbol] = fresh[-1].id
        publisher = self._publishers.get(f"{name}@bookTicker")
        if publisher is not None:
            publisher.book_changed()


def _newest(listing: Listing, after: int) -> list[AggregateTrade]:
    fresh: list[AggregateTrade] = []
    for trade in reversed(listing.tape.aggregates):
        if trade.id <= after:
            break
        fresh.append(trade)
    fresh.reverse()
    return fresh
