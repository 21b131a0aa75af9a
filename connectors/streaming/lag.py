"""How far behind the venue we are: measured on a few frames at even intervals, so that all the others pay nothing."""

import time
from collections import deque
from collections.abc import Callable
from itertools import cycle, islice

from connectors.contracts.health import LagPercentiles
from connectors.streaming.clock import Clock, epoch_ms
from connectors.streaming.subscription import Subscription
from connectors.streaming.wanted import WantedSet

EventTime = Callable[[bytes], int | None]
"""The venue's own time of a frame's event, in milliseconds since the epoch; `None` where the frame carries none."""

_AT_ONCE = 16
"""So many channels are measured at a time, in turn where there are more."""
_KEPT = 512
_PERIOD = 60.0


class LagSampler:
    """Measures, at every `arm`, the next frame of some channels: the venue's time of its event against the venue's
    time when its consumers had it. A lag below zero, which is an error of the clock's offset, counts as none.
    """

    def __init__(
        self,
        wanted: WantedSet,
        event_time: EventTime | None,
        now_ms: Callable[[], float] | None,
        *,
        clock: Clock = time.monotonic,
    ) -> None:
        self._wanted = wanted
        self._possible = event_time is not None and now_ms is not None
        self._event_time = event_time or _unknown
        self._now_ms = now_ms or epoch_ms
        self._clock = clock
        self._samples: deque[tuple[float, float]] = deque(maxlen=_KEPT)
        self._turn = 0

    def arm(self) -> None:
        """Measure the next frame of each channel whose turn it is."""
        if not self._possible:
            return
        subscriptions = list(self._wanted.subscriptions.values())
        if len(subscriptions) > _AT_ONCE:
            start = self._turn = (self._turn + _AT_ONCE) % len(subscriptions)
            subscriptions = list(islice(cycle(subscriptions), start, start + _AT_ONCE))
        for subscription in subscriptions:
            subscription.measure_next(self._measured)

    def percentiles(self) -> LagPercentiles | None:
        """Of the last minute; `None` where nothing was measured."""
        since = self._clock() - _PERIOD
        lags = sorted(lag for at, lag in self._samples if at >= since)
        if not lags:
            return None
        last = len(lags) - 1
        p50, p95, p99 = (lags[round(last * share)] for share in (0.50, 0.95, 0.99))
        return LagPercentiles(p50, p95, p99, len(lags))

    def _measured(self, subscription: Subscription, frame: bytes) -> None:
        handled = self._now_ms()
        stamped = self._event_time(frame)
        if stamped is not None:
            lag = subscription.lag_ms = max(0.0, float(handled - stamped))
            self._samples.append((self._clock(), lag))


def _unknown(_: bytes) -> int | None:
    return None
