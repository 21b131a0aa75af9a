"""From a channel's frames to the consumers of its events: decoded once, delivered to each, apart from the others."""

import logging
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

import msgspec

from connectors.contracts.events import Candle, Price, StreamStatus, Trade
from connectors.contracts.health import SubscriptionHealth
from connectors.contracts.services import StatusHandler
from connectors.streaming.clock import epoch_ms
from connectors.streaming.dialect import Channel

log = logging.getLogger(__name__)

T = TypeVar("T")

_REMEMBERED_TRADES = 2_048
_HISTORY = 20


class Listener(Generic[T]):
    """One consumer: what a `subscribe_to_...` call brought. It may listen to many channels."""

    def __init__(self, handler: Callable[[T], None], on_status: StatusHandler | None) -> None:
        self.handler = handler
        self._on_status = on_status
        self._last: StreamStatus | None = None

    def status(self, event: StreamStatus) -> None:
        # What concerns a whole connection comes over every channel of it, as one and the same event.
        if self._on_status is None:
            return
        if event.channel is None:
            if event is self._last:
                return
            self._last = event
        try:
            self._on_status(event)
        except Exception:
            log.exception("status handler failed kind=%s", event.kind)


class Feed(Generic[T]):
    """One channel's sink. Subclasses turn a frame into events."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.listeners: tuple[Listener[T], ...] = ()
        self._gaps = self._resyncs = self._dropped = 0
        self._history: deque[StreamStatus] = deque(maxlen=_HISTORY)

    def add(self, listener: Listener[T]) -> None:
        self.listeners = (*self.listeners, listener)

    def remove(self, listener: Listener[T]) -> None:
        self.listeners = tuple(one for one in self.listeners if one is not listener)

    def frame(self, frame: bytes) -> None:
        raise NotImplementedError

    def opened(self) -> None: ...

    def closed(self, reason: str) -> None: ...

    def confirm_silence(self) -> Awaitable[bool] | None:
        return None

    def report(self, health: SubscriptionHealth) -> None:
        health.gaps, health.resyncs, health.dropped = self._gaps, self._resyncs, self._dropped
        health.history = tuple(self._history)

    def status(self, event: StreamStatus) -> None:
        if event.channel is not None:
            self._history.append(event)
            self._gaps += event.kind == "gap"
            self._resyncs += event.kind == "resynced"
            self._dropped += (event.count or 0) if event.kind == "dropped" else 0
        for listener in self.listeners:
            listener.status(event)

    def tell(self, kind: str, reason: str, count: int | None = None) -> None:
        """A status of this channel alone."""
        channel = self.channel
        self.status(
            StreamStatus(kind, reason, epoch_ms(), symbol=channel.symbol, channel=channel.name, count=count)
        )

    async def stop(self) -> None:
        """The channel is unsubscribed: leave nothing behind."""

    def deliver(self, event: T) -> None:
        """Give an event to every listener; what one raises is raised when all have had it."""
        failure: Exception | None = None
        for listener in self.listeners:
            try:
                listener.handler(event)
            except Exception as error:  # noqa: BLE001 - one consumer's fault must not rob the others
                failure = error
        if failure is not None:
            raise failure


class TradeFeed(Feed[Trade]):
    """Trades, each once. Where the venue numbers a symbol's trades one by one, missing ones are told as a gap."""

    def __init__(self, channel: Channel, decode: Callable[[bytes], Trade], *, consecutive: bool) -> None:
        super().__init__(channel)
        self._decode = decode
        self._consecutive = consecutive
        self._last = -1
        self._seen: dict[str, None] = {}

    def frame(self, frame: bytes) -> None:
        trade = self._decode(frame)
        trade_id = trade.trade_id
        seen = self._seen
        if trade_id in seen:
            return
        seen[trade_id] = None
        if len(seen) > _REMEMBERED_TRADES:
            del seen[next(iter(seen))]
        if self._consecutive:
            number = int(trade_id)
            if number > self._last + 1 and self._last >= 0:
                missing = number - self._last - 1
                self.tell("gap", f"{missing} trades are missing before {number}", missing)
            self._last = max(self._last, number)
        self.deliver(trade)


class CandleFeed(Feed[Candle]):
    """Candles in order. An open one whose successor arrives is closed first; what comes for a closed one is late."""

    def __init__(self, channel: Channel, decode: Callable[[bytes], Candle]) -> None:
        super().__init__(channel)
        self._decode = decode
        self._last: Candle | None = None

    def frame(self, frame: bytes) -> None:
        candle = self._decode(frame)
        last = self._last
        if last is not None:
            if candle.timestamp < last.timestamp or (candle.timestamp == last.timestamp and last.closed):
                return
            if candle.timestamp > last.timestamp and not last.closed:
                self.deliver(msgspec.structs.replace(last, closed=True))
        self._last = candle
        self.deliver(candle)


class PriceFeed(Feed[Price]):
    """Prices; a frame may hold those of many symbols."""

    def __init__(self, channel: Channel, decode: Callable[[bytes], list[Price]]) -> None:
        super().__init__(channel)
        self._decode = decode

    def frame(self, frame: bytes) -> None:
        for price in self._decode(frame):
            self.deliver(price)
