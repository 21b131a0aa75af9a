"""From a channel's frames to the consumers of its events: decoded once, delivered to each, apart from the others."""

import logging
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Generic, TypeVar

from connectors.contracts.events import Price, StreamStatus, Trade
from connectors.contracts.health import SubscriptionHealth
from connectors.contracts.services import StatusHandler
from connectors.runtime.foreign import pass_ours
from connectors.streaming.clock import epoch_ms
from connectors.streaming.dialect import Channel
from connectors.streaming.silence_check import SilenceCheck

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

    def __init__(self, channel: Channel, check: SilenceCheck | None = None) -> None:
        self.channel = channel
        self._check = check
        self._listen(())
        self._gaps = self._resyncs = self._dropped = 0
        self._history: deque[StreamStatus] = deque(maxlen=_HISTORY)

    def add(self, listener: Listener[T]) -> None:
        self._listen((*self.listeners, listener))

    def remove(self, listener: Listener[T]) -> None:
        self._listen(tuple(one for one in self.listeners if one is not listener))

    def _listen(self, listeners: tuple[Listener[T], ...]) -> None:
        self.listeners = listeners
        # One listener is the rule: its handler is then called with nothing between.
        self.deliver: Callable[[T], None] = listeners[0].handler if len(listeners) == 1 else self._fan_out
        """Gives an event to every listener; what one raises is raised when all have had it."""

    def frame(self, frame: bytes) -> None:
        raise NotImplementedError

    def opened(self) -> None: ...

    def closed(self, reason: str) -> None: ...

    def confirm_silence(self) -> Awaitable[bool] | None:
        return None if self._check is None else self._check.is_quiet(self.knows)

    def knows(self, answer: Any) -> bool:
        """Whether what the silence check was answered is no news. Feeds that are given a check have their own."""
        raise NotImplementedError

    def report(self, health: SubscriptionHealth) -> None:
        health.gaps, health.resyncs, health.dropped = self._gaps, self._resyncs, self._dropped
        health.history = tuple(self._history)

    def status(self, event: StreamStatus) -> None:
        """Something happened to the subscription or its connection."""
        self._pass_on(event)

    def _pass_on(self, event: StreamStatus) -> None:
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
        self._pass_on(
            StreamStatus(kind, reason, epoch_ms(), symbol=channel.symbol, channel=channel.name, count=count)
        )

    async def stop(self) -> None:
        """The channel is unsubscribed: leave nothing behind."""

    def _fan_out(self, event: T) -> None:
        failure: BaseException | None = None
        for listener in self.listeners:
            try:
                listener.handler(event)
            except BaseException as error:  # noqa: BLE001 - one consumer's fault must not rob the others
                pass_ours(error)
                failure = error
        if failure is not None:
            raise failure


class TradeFeed(Feed[Trade]):
    """Trades, each once. Where the venue numbers a symbol's trades one by one, missing ones are told as a gap.

    A number that came before, on a trade later than all before it, means that the venue numbers anew (it was started
    afresh): that is told as a gap without a count, and nothing of the old numbers is held against the new ones.
    """

    def __init__(
        self,
        channel: Channel,
        decode: Callable[[bytes], Trade],
        *,
        consecutive: bool,
        check: SilenceCheck | None = None,
    ) -> None:
        """`check` asks for the last trade's id: a number where ids grow from trade to trade, otherwise text."""
        super().__init__(channel, check)
        self._decode = decode
        self._consecutive = consecutive
        self._last = -1
        self._newest_id = ""
        self._answered: int | str | None = None
        self._latest = 0
        """The time of the latest trade."""
        self._remembered: dict[int, None] = {}
        """Numbers that were told missing and may still come."""
        self._kept = _REMEMBERED_TRADES
        """At least so many trades are known again."""
        self._seen: set[str] = set()
        self._seen_before: set[str] = set()

    def frame(self, frame: bytes) -> None:
        trade = self._decode(frame)
        if self._consecutive:
            number = int(trade.trade_id)
            if number == self._last + 1:
                self._last = number
                self._latest = trade.timestamp
            elif not self._is_due(number, trade):
                return
        elif not self._is_new(trade):
            return
        self.deliver(trade)

    def knows(self, answer: int | str) -> bool:
        newest = self._last if self._consecutive else self._newest_id
        if newest not in (-1, ""):
            return answer <= int(newest) if isinstance(answer, int) else self._remembers(answer)
        # Nothing was sent yet: what was traded before the first question is not owed.
        if self._answered is None:
            self._answered = answer
        return answer == self._answered

    def _is_due(self, number: int, trade: Trade) -> bool:
        """Whether a number out of turn is to be delivered; what it leaves out is told."""
        last = self._last
        if last >= 0 and number <= last:
            if trade.timestamp <= self._latest:
                return self._remembered.pop(number, 0) is None
            self._start_anew(trade)
            last = -1
        self._last = number
        self._latest = trade.timestamp
        if 0 <= last < number - 1:
            missing = number - last - 1
            self._remembered.update(dict.fromkeys(range(max(last + 1, number - _REMEMBERED_TRADES), number)))
            for oldest in list(self._remembered)[:-_REMEMBERED_TRADES]:
                del self._remembered[oldest]
            self.tell("gap", f"{missing} trades are missing before {number}", missing)
        return True

    def _is_new(self, trade: Trade) -> bool:
        trade_id, seen = trade.trade_id, self._seen
        if trade_id in seen or trade_id in self._seen_before:
            if trade.timestamp <= self._latest:
                return False
            self._start_anew(trade)
        if len(seen) >= self._kept:
            self._seen_before, self._seen = seen, set()
        self._seen.add(trade_id)
        if trade.timestamp >= self._latest:
            self._latest, self._newest_id = trade.timestamp, trade_id
        return True

    def _remembers(self, trade_id: str) -> bool:
        return trade_id in self._seen or trade_id in self._seen_before

    def _start_anew(self, trade: Trade) -> None:
        self._remembered.clear()
        self._seen.clear()
        self._seen_before.clear()
        self.tell("gap", f"the venue numbers its trades anew from {trade.trade_id}")


class PriceFeed(Feed[Price]):
    """Prices; a frame may hold those of many symbols."""

    def __init__(
        self, channel: Channel, decode: Callable[[bytes], list[Price]], *, check: SilenceCheck | None = None
    ) -> None:
        """`check` asks for the last prices by symbol."""
        super().__init__(channel, check)
        self._decode = decode
        self._last: list[Price] = []
        self._answered: Mapping[str, float] | None = None

    def frame(self, frame: bytes) -> None:
        prices = self._last = self._decode(frame)
        for price in prices:
            self.deliver(price)

    def knows(self, answer: Mapping[str, float]) -> bool:
        if self._last:
            return all(answer.get(said.symbol, said.price) == said.price for said in self._last)
        if self._answered is None:
            self._answered = answer
        return answer == self._answered
