"""The health of a connector's connections, summed up for one line."""

from collections.abc import Sequence

from catalog.text import MESSAGE_LIMIT, clean
from connectors.contracts import ConnectionHealth
from tui.market_store import LOST_STATES, Link


def read_link(connections: Sequence[ConnectionHealth], symbol: str | None, now: float) -> Link:
    """The worst of the connections, their counters added up, and the age of the symbol's newest data.

    `now` is in monotonic seconds: a time of retry that has passed counts as now.
    """
    if not connections:
        return Link("CONNECTING")
    worst = min(connections, key=_rank)
    lost = worst.state in LOST_STATES
    latencies = [one.latency_ms for one in connections if one.latency_ms is not None]
    byte_ages = [one.byte_age for one in connections if one.byte_age is not None]
    data_ages = [
        subscription.data_age
        for one in connections
        for subscription in one.subscriptions
        if subscription.data_age is not None and subscription.symbol in (symbol, None)
    ]
    return Link(
        state=worst.state,
        cause=clean(worst.last_error or "", MESSAGE_LIMIT) if lost else "",
        retry_at=max(now, worst.retry_at) if lost and worst.retry_at is not None else None,
        latency_ms=max(latencies, default=None),
        messages=sum(one.messages for one in connections),
        reconnects=sum(one.reconnects for one in connections),
        dropped=sum(one.dropped + one.quarantined for one in connections),
        byte_age=min(byte_ages, default=None),
        data_age=min(data_ages, default=None),
    )


def _rank(connection: ConnectionHealth) -> int:
    if connection.state in LOST_STATES:
        return 0
    return 2 if connection.state == "CONNECTED" else 1
