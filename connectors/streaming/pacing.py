"""Keeping under a limit of so many things in so many seconds."""

import asyncio
import time
from collections import deque

from connectors.streaming.clock import Clock


class SlidingWindow:
    """At most `limit` turns in any `period` seconds. Being a sliding window it also fits every fixed one."""

    def __init__(self, limit: int, period: float, clock: Clock = time.monotonic) -> None:
        self._times: deque[float] = deque(maxlen=limit)
        self._limit = limit
        self._period = period
        self._clock = clock

    def note(self) -> None:
        """Count a turn that was taken without asking (an automatic pong)."""
        self._times.append(self._clock())

    def delay(self) -> float:
        """Seconds until a turn is free; 0 where one is free now."""
        if len(self._times) < self._limit:
            return 0.0
        return max(0.0, self._times[0] + self._period - self._clock())

    async def free(self) -> None:
        """Wait until a turn is free, without taking it."""
        while True:
            delay = self.delay()
            if delay <= 0:
                return
            await asyncio.sleep(delay)

    async def turn(self) -> None:
        """Wait for a free turn and take it."""
        await self.free()
        self.note()
