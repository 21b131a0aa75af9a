"""The venue's clock, as near as its answers tell."""

import asyncio
import logging
import statistics
import time
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Protocol

from connectors.contracts.errors import BarfinexError

logger = logging.getLogger(__name__)

SAMPLES = 5
MAX_AGE = 1_800.0
"""Seconds after which a quartz has drifted enough to measure again."""
STEP = 0.5
"""Seconds by which this machine's date and its monotonic clock part where one of them stepped or stood still."""
SETTLE_SECONDS = 3.0
"""A call that can do without is not held up for longer."""
SETTLE_AGAIN = 10.0

_measuring: ContextVar[bool] = ContextVar("measuring", default=False)


def machine_date() -> float:
    """Seconds since the epoch by this machine."""
    return time.time()


class VenueClock(Protocol):
    """Milliseconds since the epoch by the venue's clock."""

    @property
    def skew_ms(self) -> float | None:
        """How far this machine's date is behind the venue's; `None` where that is not known."""
        ...

    def moment(self) -> float:
        """Now on the clock that `ms_at` reads: what is noted before a call can be dated after its answer."""
        ...

    def ms_at(self, moment: float) -> int: ...

    async def refresh(self) -> None:
        """Learn the offset anew, within some seconds; raises nothing."""
        ...


class ServerClock:
    """Implements `VenueClock` for a venue that says its time when asked: `fetch` asks.

    It runs on the monotonic clock, so a step of this machine's date does not disturb it. Such a step may as well be the
    monotonic clock's, which stands still while the machine sleeps: after one it is `due` to be measured.
    """

    def __init__(
        self,
        fetch: Callable[[], Awaitable[int]],
        *,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] | None = None,
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._wall = wall or machine_date
        self._offset: float | None = None
        self._measured_at = 0.0
        self._apart = 0.0
        """How far the date was from the monotonic clock when it was measured."""
        self._settle_after = 0.0
        self._lock = asyncio.Lock()

    @property
    def due(self) -> bool:
        """Not measured yet, too long ago, or before a step of this machine's clocks."""
        return self._offset is None or self._outdated

    @property
    def _outdated(self) -> bool:
        stepped = abs(self._wall() - self._clock() - self._apart) > STEP
        return stepped or self._clock() - self._measured_at > MAX_AGE

    @property
    def skew_ms(self) -> float | None:
        return None if self._offset is None else self.now_ms() - self._wall() * 1000

    def moment(self) -> float:
        return self._clock()

    def ms_at(self, moment: float) -> int:
        """By this machine's date before the first measurement."""
        if self._offset is None:
            return round((self._wall() - (self._clock() - moment)) * 1000)
        return round(moment * 1000 + self._offset)

    def now_ms(self) -> int:
        return self.ms_at(self._clock())

    async def measure(self) -> None:
        """Take the median of several samples, each with half of its round trip. Callers at the same time share one."""
        asked_at = self._clock()
        async with self._lock:
            if self._offset is not None and self._measured_at > asked_at:
                return
            offsets: list[float] = []
            inside = _measuring.set(True)
            try:
                for _ in range(SAMPLES):
                    before = self._clock()
                    server = await self._fetch()
                    after = self._clock()
                    offsets.append(server - (before + after) / 2 * 1000)
            finally:
                _measuring.reset(inside)
            self._offset = statistics.median(offsets)
            self._measured_at = self._clock()
            self._apart = self._wall() - self._measured_at
            logger.debug("clock measured: skew_ms=%.0f", self.skew_ms or 0.0)

    async def refresh(self) -> None:
        try:
            async with asyncio.timeout(SETTLE_SECONDS):
                await self.measure()
        except (BarfinexError, TimeoutError) as failure:
            logger.info("clock not measured: reason=%s", failure)

    async def before_call(self, *, signed: bool) -> None:
        """Measure where it is due. A call that is not `signed` goes on where that fails, and before the first time.

        Raises what `fetch` raises.
        """
        if _measuring.get():
            return
        if signed:
            if self.due:
                await self.measure()
        elif self._offset is not None and self._outdated and self._clock() >= self._settle_after:
            self._settle_after = self._clock() + SETTLE_AGAIN
            await self.refresh()
