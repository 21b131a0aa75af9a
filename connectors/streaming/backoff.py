"""How long to wait before the next attempt."""

import random
from collections.abc import Callable


class Backoff:
    """Delays of repeated attempts: at once, then exponential with full jitter up to a cap (all in seconds).

    Full jitter: the n-th delay is uniform between zero and `base * 2**n`, so that many clients that lost the same
    server do not come back together.
    """

    def __init__(
        self, base: float = 0.5, cap: float = 30.0, uniform: Callable[[float, float], float] = random.uniform
    ) -> None:
        self._base = base
        self._cap = cap
        self._uniform = uniform
        self.attempts = 0

    def next(self, floor: float = 0.0) -> float:
        """The delay before the next attempt, never under `floor` (a venue's Retry-After)."""
        attempt, self.attempts = self.attempts, self.attempts + 1
        if attempt == 0:
            return floor
        ceiling = min(self._cap, self._base * 2.0 ** min(attempt, 32))
        return max(floor, self._uniform(0.0, ceiling))

    def reset(self) -> None:
        self.attempts = 0
