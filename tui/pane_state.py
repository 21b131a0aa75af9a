"""How a pane's data stands."""

from dataclasses import dataclass
from enum import StrEnum


class PaneState(StrEnum):
    LOADING = "loading"
    LIVE = "live"
    INCOMPLETE = "incomplete"
    """It goes on, and something of it is missing that is being asked for."""
    STALE = "stale"
    ERROR = "error"


@dataclass(slots=True)
class Condition:
    """How a pane's data stands, why, and when the feed tries again by itself (loop time in seconds)."""

    state: PaneState = PaneState.LOADING
    cause: str = ""
    retry_at: float | None = None
    version: int = 0

    def set(self, state: PaneState, cause: str = "", retry_at: float | None = None) -> None:
        if (state, cause, retry_at) != (self.state, self.cause, self.retry_at):
            self.state, self.cause, self.retry_at = state, cause, retry_at
            self.version += 1

    @property
    def stale(self) -> bool:
        return self.state is PaneState.STALE
