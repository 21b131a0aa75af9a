"""A recording to open at once."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class RecordingPlan:
    """`speed` 0 is as fast as can be; without a `symbol` the recording's first is shown. Where nothing happened
    for more than `max_idle` seconds, the rest of that time is passed over."""

    path: Path
    speed: float = 1.0
    symbol: str | None = None
    max_idle: float | None = None
