"""A venue's channels: who listens to what, and what is sent when.

A channel exists while somebody listens. What it sends is encoded once, whatever the number of listeners.
"""

from collections.abc import Callable, Collection
from typing import Any, Protocol, TypeAlias

import msgspec

from connectors.emulator.listing import Listing
from connectors.emulator.market import Market
from connectors.emulator.orders import Trade
from connectors.emulator.wire import text_frame

_encode = msgspec.json.encode

Send: TypeAlias = Callable[[Any], None]
"""Gives an event, made of JSON's types, to every listener of the channel."""


class Publisher(Protocol):
    """What one channel sends. `listing` is the pair it is about; `None`: it is about all of them."""

    @property
    def listing(self) -> Listing | None: ...

    def tick(self, now: int) -> None:
        """Comes every 100 ms of venue time; each publisher keeps its own pace."""
        ...

    def traded(self, trade: Trade) -> None:
        """The pair traded."""
        ...

    def book_changed(self) -> None:
        """An event of the market, which may be several trades, is over."""
        ...

    def close(self) -> None:
        """Nobody listens any more."""
        ...


class Quiet:
    """The parts that most publishers do not need; by itself a channel that stays silent."""

    def __init__(self, listing: Listing | None = None) -> None:
        self.listing = listing

    def tick(self, now: int) -> None:
        """Nothing is sent at regular times."""

    def traded(self, trade: Trade) -> None:
        """Trades are not told."""

    def book_changed(self) -> None:
        """Nothing is sent at once."""

    def close(self) -> None:
        """Nothing is held."""


class Listener(Protocol):
    """Who hears a channel: a session, which hands over to `Socket.deliver`."""

    def deliver(self, stream: str, payload: bytes, frame: bytes, /) -> None:
        """`frame` is the wire form of `payload`, made once for all."""
        ...


class Channel:
    """One channel and its listeners."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.listeners: dict[Any, None] = {}

    def send(self, event: Any) -> None:
        payload = _encode(event)
        frame = text_frame(payload)
        for listener in tuple(self.listeners):
            listener.deliver(self.name, payload, frame)


PublisherMaker: TypeAlias = Callable[[str, Send], Publisher | None]
"""The publisher of a channel by its name; `None` for a channel that there is not."""


class Channels:
    """All channels of one market. Of a market there can be one such object, which hears its events."""

    def __init__(
        self, market: Market, make_publisher: PublisherMaker, make_channel: Callable[[str], Channel] = Channel
    ) -> None:
        self._make_publisher = make_publisher
        self._make_channel = make_channel
        self._channels: dict[str, Channel] = {}
        self._publishers: dict[str, Publisher] = {}
        self._of_listing: dict[str, dict[str, Publisher]] = {}
        market.on_trade = self._traded
        market.on_book = self._book_changed

    def join(self, name: str, listener: Listener) -> bool:
        """Listen to a channel; `False` where there is none of that name."""
        channel = self._channels.get(name)
        if channel is None:
            channel = self._make_channel(name)
            publisher = self._make_publisher(name, channel.send)
            if publisher is None:
                return False
            self._channels[name] = channel
            self._publishers[name] = publisher
            if publisher.listing is not None:
                symbol = publisher.listing.instrument.symbol
                self._of_listing.setdefault(symbol, {})[name] = publisher
        channel.listeners[listener] = None
        return True

    def leave(self, name: str, listener: Listener) -> None:
        """Listen no more; nothing happens where it did not."""
        channel = self._channels.get(name)
        if channel is None:
            return
        channel.listeners.pop(listener, None)
        if not channel.listeners:
            del self._channels[name]
            publisher = self._publishers.pop(name)
            if publisher.listing is not None:
                del self._of_listing[publisher.listing.instrument.symbol][name]
            publisher.close()

    def tick(self, now: int) -> None:
        for publisher in tuple(self._publishers.values()):
            publisher.tick(now)

    def _traded(self, trade: Trade) -> None:
        for publisher in self._about(trade.instrument.symbol):
            publisher.traded(trade)

    def _book_changed(self, listing: Listing) -> None:
        for publisher in self._about(listing.instrument.symbol):
            publisher.book_changed()

    def _about(self, symbol: str) -> Collection[Publisher]:
        publishers = self._of_listing.get(symbol)
        return tuple(publishers.values()) if publishers else ()
