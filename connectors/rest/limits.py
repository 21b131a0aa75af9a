"""Request limits, kept for each scope a venue meters (an address, an account), whatever client the calls come from.

A venue counts in fixed windows whose edges are its own; here every window slides, so a budget kept here is kept
there. The venue's headers correct the count, because other programs share the address.
"""

import asyncio
import bisect
import logging
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from connectors.contracts.errors import RateLimited
from connectors.contracts.health import RequestBudget

logger = logging.getLogger(__name__)

MARGIN = 0.9
"""The share of a limit that is used: what is in flight is not yet in the venue's count."""


@dataclass(frozen=True, slots=True)
class MeterUsage:
    """One budget: `used` of `limit` in the last `window` seconds."""

    name: str
    used: int
    limit: int
    window: float


@dataclass(slots=True)
class _Spending:
    at: float
    amount: int


class Meter:
    """What was spent in the last `window` seconds; a spending with a time to come is a reservation."""

    def __init__(self, limit: int, window: float) -> None:
        self.limit = limit
        self.window = window
        self.spendings: deque[_Spending] = deque()

    @property
    def capacity(self) -> int:
        return max(1, int(self.limit * MARGIN))

    def used(self, now: float) -> int:
        while self.spendings and self.spendings[0].at <= now - self.window:
            self.spendings.popleft()
        return sum(each.amount for each in self.spendings if each.at <= now)

    def earliest(self, amount: int, start: float) -> float:
        """When `amount` fits, from `start` on. More than the whole capacity waits for an empty window."""
        amount = min(amount, self.capacity)
        recent = [each for each in self.spendings if start - self.window < each.at <= start]
        excess = sum(each.amount for each in recent) + amount - self.capacity
        moment = start
        for each in recent:
            if excess <= 0:
                break
            excess -= each.amount
            moment = each.at + self.window
        return moment

    def add(self, amount: int, at: float) -> _Spending:
        spending = _Spending(at, amount)
        if self.spendings and self.spendings[-1].at > at:
            bisect.insort(self.spendings, spending, key=lambda each: each.at)
        else:
            self.spendings.append(spending)
        return spending


class LimitScope:
    """Everything one venue meters together. Callers are let through first come, first served."""

    def __init__(self, name: str = "", *, clock: Callable[[], float] = time.monotonic) -> None:
        self.name = name
        self._clock = clock
        self._meters: dict[str, Meter] = {}
        self._blocked_until = 0.0
        self._banned = False

    def set_limit(self, name: str, limit: int, window: float) -> None:
        """Set or change a budget; what was spent stays spent."""
        meter = self._meters.get(name)
        if meter is None:
            self._meters[name] = Meter(limit, window)
        else:
            meter.limit, meter.window = limit, window

    def observe(self, name: str, used: int) -> None:
        """Take over the venue's own count where it is higher: someone else spends from the same budget."""
        meter = self._meters.get(name)
        if meter is None:
            return
        now = self._clock()
        foreign = used - meter.used(now)
        if foreign > 0:
            meter.add(foreign, now)

    def block(self, seconds: float, *, banned: bool = False) -> None:
        """Let nothing through for so long: the venue said so."""
        until = self._clock() + seconds
        if until > self._blocked_until:
            self._blocked_until = until
            self._banned = banned
            logger.warning("requests held back: seconds=%.1f banned=%s", seconds, banned)

    @property
    def blocked_for(self) -> float:
        """Seconds until requests go out again; 0 where they do."""
        return max(0.0, self._blocked_until - self._clock())

    def usage(self) -> tuple[MeterUsage, ...]:
        now = self._clock()
        return tuple(
            MeterUsage(name, meter.used(now), meter.limit, meter.window)
            for name, meter in self._meters.items()
        )

    def budgets(self) -> tuple[RequestBudget, ...]:
        """What is used of each meter; a scope without any is told of only while it is blocked."""
        blocked = self.blocked_for
        usage = self.usage() or ((MeterUsage("requests", 0, 0, 0.0),) if blocked else ())
        return tuple(
            RequestBudget(
                self.name,
                one.name,
                one.used,
                one.limit,
                one.window,
                blocked_for=blocked,
                banned=self._banned and blocked > 0,
            )
            for one in usage
        )

    async def acquire(self, costs: Mapping[str, int], *, max_wait: float) -> None:
        """Wait until the costs fit and take them. Raises `RateLimited` at once where that takes over `max_wait` s."""
        give_up = self._clock() + max_wait
        metered = [(self._meters[name], amount) for name, amount in costs.items() if name in self._meters]
        # A newcomer stands behind those who wait already; who has waited looks only at what was really spent.
        start = max((meter.spendings[-1].at for meter, _ in metered if meter.spendings), default=0.0)
        while True:
            now = self._clock()
            moment = max(now, start, self._blocked_until)
            for meter, amount in metered:
                moment = meter.earliest(amount, moment)
            if moment > max(now, give_up):
                raise self._refusal(moment - now)
            reserved = [(meter, meter.add(amount, moment)) for meter, amount in metered]
            if moment <= now:
                return
            try:
                await asyncio.sleep(moment - now)
            finally:
                for meter, spending in reserved:
                    if spending in meter.spendings:
                        meter.spendings.remove(spending)
            start = 0.0

    def _refusal(self, wait: float) -> RateLimited:
        banned = self._banned and self.blocked_for > 0
        reason = "the venue has shut this address out" if banned else "the request limit is used up"
        return RateLimited(f"{reason}; try again in {wait:.0f} s", retry_after=wait, banned=banned)


_shared: dict[str, LimitScope] = {}


def shared_scope(key: str) -> LimitScope:
    """The scope that all clients of one metered thing share, for the life of the process: a ban outlives a client."""
    return _shared.setdefault(key, LimitScope(key))
