"""The clocks of the streaming layer, injectable where a test needs its own."""

import time
from collections.abc import Callable
from typing import TypeAlias

Clock: TypeAlias = Callable[[], float]
"""Seconds, monotonic: for ages, timeouts and delays, never for dates."""


def epoch_ms() -> int:
    """Now, in milliseconds since the epoch, UTC."""
    return time.time_ns() // 1_000_000
