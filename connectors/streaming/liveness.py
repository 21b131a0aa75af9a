"""When a connection is dead and when a subscription is stale: two questions, answered apart.

A connection is alive by any byte. A subscription is alive by its data only: a venue may answer every ping and send
nothing (binance-public-data#472).
"""

from typing import Literal, TypeAlias

_LONGEST_WAIT = 60.0

Step: TypeAlias = Literal["wait", "ping", "dead"]


class ConnectionWatch:
    """Says when to ping and when to give a connection up. All times are monotonic seconds.

    A ping goes out every `interval`; the connection is dead when, `timeout` after a ping, not one byte has come since.
    """

    meaning = "pings stay unanswered"

    def __init__(self, interval: float, timeout: float, now: float) -> None:
        self._interval = interval
        self._timeout = timeout
        self._next_ping = now + interval
        self._pinged_at: float | None = None

    def step(self, now: float, last_byte: float) -> tuple[Step, float]:
        """What to do now, and in how many seconds to ask again."""
        if self._pinged_at is not None and last_byte >= self._pinged_at:
            self._pinged_at = None
        if self._pinged_at is not None and now >= self._pinged_at + self._timeout:
            return "dead", 0.0
        if now >= self._next_ping:
            self._next_ping = now + self._interval
            if self._pinged_at is None:
                self._pinged_at = now
            return "ping", self._until_next(now)
        return "wait", self._until_next(now)

    def _until_next(self, now: float) -> float:
        deadline = self._next_ping
        if self._pinged_at is not None:
            deadline = min(deadline, self._pinged_at + self._timeout)
        return max(0.0, deadline - now)


class SilenceLimit:
    """As `ConnectionWatch`, for a connection that cannot be pinged: it is dead after `limit` seconds without a byte."""

    meaning = "not one byte comes"

    def __init__(self, limit: float) -> None:
        self._limit = limit

    def step(self, now: float, last_byte: float) -> tuple[Step, float]:
        """What to do now, and in how many seconds to ask again."""
        left = last_byte + self._limit - now
        return ("dead", 0.0) if left <= 0 else ("wait", min(left, _LONGEST_WAIT))


def stale_since(
    *,
    active_since: float | None,
    last_data: float | None,
    first_data_timeout: float | None,
    stale_after: float | None,
) -> float | None:
    """The moment from which a subscription counts as stale, or `None` where silence means nothing for it.

    Before its first data the limit is `first_data_timeout` after the acknowledgement, later `stale_after` after the
    last data.
    """
    if active_since is None:
        return None
    if last_data is None or last_data < active_since:
        return None if first_data_timeout is None else active_since + first_data_timeout
    return None if stale_after is None else last_data + stale_after
