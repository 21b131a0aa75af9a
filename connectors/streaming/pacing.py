"""Keeping under a limit of so many things in so many seconds."""

import asyncio
import math
import time
from collections import deque
from contextlib import suppress

from connectors.streaming.clock import Clock


class SlidingWindow:
    """At most `limit` turns in any `period` seconds. Being a sliding window it also fits every fixed one.

    A turn is a moment (`note`), or lasts from `begin` to `end`: what is under way may arrive at any time between, and
    who counts is the other side, where a stall on the way lets messages arrive at once that were sent apart.
    """

    def __init__(self, limit: int, period: float, clock: Clock = time.monotonic) -> None:
        self._times: deque[float] = deque(maxlen=limit)
        self._limit = limit
        self._period = period
        self._clock = clock
        self._under_way = 0
        self._ended = asyncio.Event()

    def begin(self) -> None:
        """A turn begins; `end` must follow."""
        self._under_way += 1

    def end(self) -> None:
        self._under_way -= 1
        self.note()
        self._ended.set()

    def note(self) -> None:
        """Count a turn that was taken without asking (an automatic pong)."""
        self._times.append(self._clock())

    def delay(self) -> float:
        """Seconds until a turn is free; 0 where one is free now, infinite where one must end first."""
        free = self._limit - self._under_way
        if free <= 0:
            return math.inf
        if len(self._times) < free:
            return 0.0
        return max(0.0, self._times[-free] + self._period - self._clock())

    async def free(self) -> None:
        """Wait until a turn is free, without taking it."""
        while True:
            delay = self.delay()
            if delay <= 0:
                return
            self._ended.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(None if delay == math.inf else delay):
                    await self._ended.wait()

    async def turn(self) -> None:
        """Wait for a free turn and take it."""
        await self.free()
        self.note()
