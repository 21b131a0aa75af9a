"""One wanted channel of a session."""

import asyncio
import math
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Protocol, runtime_checkable

from connectors.contracts.errors import BadFrame
from connectors.contracts.events import StreamStatus
from connectors.contracts.health import SubscriptionHealth
from connectors.runtime.foreign import pass_ours
from connectors.streaming.backoff import Backoff
from connectors.streaming.dialect import Channel
from connectors.streaming.liveness import stale_since


class SubscriptionState(StrEnum):
    PENDING = "PENDING"
    ACTIVE = "ACTIVE"
    FAILED = "FAILED"
    STALE = "STALE"


class Sink(Protocol):
    """Where a channel's data goes. Called from the event loop, in order; nothing here may wait."""

    def frame(self, frame: bytes) -> None:
        """One data frame. Raises `BadFrame` where it cannot be right; any other error is taken for a consumer's."""
        ...

    def opened(self) -> None:
        """The venue acknowledged the subscription: data is continuous from here, not with what came before."""
        ...

    def closed(self, reason: str) -> None:
        """Continuity is lost: the connection broke, or the channel is being subscribed anew."""
        ...

    def status(self, event: StreamStatus) -> None: ...

    def confirm_silence(self) -> Awaitable[bool] | None:
        """Ask the venue in another way whether a silent channel is silent because nothing happens.

        `None` where there is no other way: then silence beyond the channel's limit counts as a fault.
        """
        ...


@runtime_checkable
class ReportingSink(Protocol):
    """What a sink may have besides: it knows more of the channel than its subscription does."""

    def report(self, health: SubscriptionHealth) -> None:
        """Fill in what the sink counts."""
        ...


class Troubles(Protocol):
    """Who is told of a subscription's faults."""

    def quarantine(self, subscription: "Subscription", error: BaseException) -> None: ...

    def handler_failed(self, subscription: "Subscription", error: BaseException) -> None: ...

    def revived(self, subscription: "Subscription") -> None: ...


class Subscription:
    """A channel, where its data goes, and how it is doing. It is the route of its frames."""

    def __init__(self, channel: Channel, sink: Sink, troubles: Troubles) -> None:
        self.channel = channel
        self.sink = sink
        self.state = SubscriptionState.PENDING
        self.messages = 0
        self.last_data: float | None = None
        self.active_since: float | None = None
        self.bad_in_a_row = 0
        self.acknowledged: asyncio.Future[None] | None = None
        """What the caller of `subscribe` waits for; `None` once it is answered."""
        self.patience_ends = math.inf
        """`time.monotonic()` until when the caller waits."""
        self.healing = Backoff(base=5.0, cap=60.0)
        self.heal_at: float | None = None
        self.confirming = False
        self.time_refused = False
        """The venue refused its signed time since it was active last."""
        self.lag_ms: float | None = None
        """How far behind the venue the frame measured last was handled."""
        self.take: Callable[[bytes], None] = sink.frame
        """Takes the next frame: the sink does, but for what is to happen once, which frames in general pay nothing for.
        """
        self._report = sink.report if isinstance(sink, ReportingSink) else None
        self._troubles = troubles
        self._last_bad = 0
        self._ill = False
        """Told to be stale or to have failed: then it is told as well when data flows again, after a loss too."""
        self._confirmed_at = 0.0
        self._confirmations = 0
        self._confirmed_messages = 0
        self._unanswered = 0
        self._unanswered_messages = 0

    def deliver(self, frame: bytes, now: float, /) -> None:
        self.messages += 1
        self.last_data = now
        try:
            self.take(frame)
        except BaseException as error:  # noqa: BLE001 - a consumer's fault must not end the stream of the others
            pass_ours(error)
            self.failed(error)

    def failed(self, error: BaseException) -> None:
        """Taking a frame raised: the frame's fault, or a consumer's."""
        if isinstance(error, BadFrame | RecursionError):
            self._bad(error)
        else:
            self._troubles.handler_failed(self, error)

    def activate(self, now: float) -> None:
        """The venue acknowledged."""
        self.active_since = now
        self.time_refused = False
        if self.state is not SubscriptionState.STALE:
            self.state = SubscriptionState.ACTIVE
        self.answer(None)

    def suspend(self) -> None:
        """The connection is gone: wanted still, active no more."""
        self.state = SubscriptionState.PENDING
        self.active_since = None
        self.heal_at = None
        self._take_next()

    def fail(self) -> None:
        self.state = SubscriptionState.FAILED
        self.active_since = None
        self._ill = True
        self._take_next()

    def answer(self, error: Exception | None) -> bool:
        """Answer the caller that waits for the acknowledgement; whether there was one."""
        future, self.acknowledged = self.acknowledged, None
        if future is None or future.done():
            return False
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)
        return True

    def stale_at(self) -> float | None:
        """From when on silence is a fault. A market found quiet is asked after ever more rarely, until it speaks."""
        limit = stale_since(
            active_since=self.active_since,
            last_data=self.last_data,
            first_data_timeout=self.channel.first_data_timeout,
            stale_after=self.channel.stale_after,
        )
        if limit is None or self._confirmed_messages != self.messages or not self._confirmations:
            return limit
        pause = (self.channel.stale_after or 0.0) * 2.0 ** min(self._confirmations, 4)
        return max(limit, self._confirmed_at + pause)

    def confirmed_quiet(self, now: float) -> None:
        """The venue said otherwise that nothing happened."""
        self._confirmations = self._confirmations + 1 if self._confirmed_messages == self.messages else 1
        self._confirmed_messages = self.messages
        self._confirmed_at = now

    def unanswered(self) -> int:
        """The venue did not say whether anything happened; how often it was asked in vain about this silence."""
        self._unanswered = self._unanswered + 1 if self._unanswered_messages == self.messages else 1
        self._unanswered_messages = self.messages
        return self._unanswered

    def measure_next(self, measured: "Callable[[Subscription, bytes], None]") -> None:
        """Call `measured` once the next frame is handled."""
        if self._ill:
            return

        def frame_and_measure(frame: bytes) -> None:
            self.take = self.sink.frame
            self.take(frame)
            measured(self, frame)

        self.take = frame_and_measure

    def mark_stale(self) -> None:
        self.state = SubscriptionState.STALE
        self._ill = True
        self._take_next()

    def health(self, now: float) -> SubscriptionHealth:
        health = SubscriptionHealth(
            channel=self.channel.name,
            symbol=self.channel.symbol,
            state=self.state.value,
            data_age=None if self.last_data is None else max(0.0, now - self.last_data),
            messages=self.messages,
            lag_ms=self.lag_ms,
        )
        if self._report is not None:
            self._report(health)
        return health

    def _take_next(self) -> None:
        self.take = self._revive if self._ill else self.sink.frame

    def _revive(self, frame: bytes) -> None:
        """Data flows again."""
        self._ill = False
        self._take_next()
        self.state = SubscriptionState.ACTIVE
        self.heal_at = None
        self.healing.reset()
        self._troubles.revived(self)
        self.take(frame)

    def _bad(self, error: BaseException) -> None:
        # In a row means without a good frame between: counted here, so that good frames pay nothing for it.
        self.bad_in_a_row = self.bad_in_a_row + 1 if self.messages == self._last_bad + 1 else 1
        self._last_bad = self.messages
        self._troubles.quarantine(self, error)
