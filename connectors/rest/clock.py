"""The venue's clock, as near as its answers tell."""

import asyncio
import logging
import statistics
import time
from collections.abc import Awaitable, Callable

logger = logging.getLogger(__name__)

SAMPLES = 5
MAX_AGE = 1_800.0
"""Seconds after which a quartz has drifted enough to measure again."""


class ServerClock:
    """Milliseconds since the epoch by the venue's clock.

    It runs on the monotonic clock, so a step of this machine's date does not disturb it.
    `fetch` asks the venue for its time.
    """

    def __init__(
        self, fetch: Callable[[], Awaitable[int]], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._offset: float | None = None
        self._measured_at = 0.0
        self._lock = asyncio.Lock()

    @property
    def due(self) -> bool:
        """Not measured yet, or too long ago."""
        return self._offset is None or self._clock() - self._measured_at > MAX_AGE

    @property
    def skew_ms(self) -> float | None:
        """How far this machine's date is behind the venue's; `None` before the first measurement."""
        return None if self._offset is None else self.now_ms() - time.time() * 1000

    def now_ms(self) -> int:
        """The venue's time; this machine's date before the first measurement."""
        if self._offset is None:
            return time.time_ns() // 1_000_000
        return round(self._clock() * 1000 + self._offset)

    async def measure(self) -> None:
        """Take the median of several samples, each with half of its round trip. Callers at the same time share one."""
        asked_at = self._clock()
        async with self._lock:
            if self._offset is not None and self._measured_at > asked_at:
                return
            offsets: list[float] = []
            for _ in range(SAMPLES):
                before = self._clock()
                server = await self._fetch()
                after = self._clock()
                offsets.append(server - (before + after) / 2 * 1000)
            self._offset = statistics.median(offsets)
            self._measured_at = self._clock()
            logger.debug("clock measured: skew_ms=%.0f", self.skew_ms or 0.0)
