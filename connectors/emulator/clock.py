"""The venue's time."""

import time


class Clock:
    """Milliseconds since the epoch, never going back, whatever is done to the machine's clock; from `start` on, or from
    the machine's own time.

    `offset` (ms) is added to what the venue says and checks, not to the market's own time: a clock step to test with.
    """

    def __init__(self, start: int | None = None) -> None:
        self._start = time.time_ns() // 1_000_000 if start is None else start
        self._started = time.monotonic()
        self.offset = 0

    def now(self) -> int:
        return self._start + int((time.monotonic() - self._started) * 1_000)


class ManualClock(Clock):
    """Stands still until it is moved."""

    def __init__(self, now: int) -> None:
        super().__init__()
        self._now = now

    def now(self) -> int:
        return self._now

    def move(self, milliseconds: int) -> None:
        self._now += milliseconds
