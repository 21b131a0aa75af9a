"""The venue's request limits: weight a minute by address, orders by account."""

from collections import Counter
from dataclasses import dataclass, field

from connectors.emulator.binance.errors import VenueRefusal

WEIGHT_LIMIT = 6_000
ORDERS_10S, ORDERS_DAY = 100, 200_000
_REFUSALS_BEFORE_BAN = 10
_BAN_SECONDS = 120
_MINUTE, _TEN_SECONDS, _DAY = 60_000, 10_000, 86_400_000

RATE_LIMITS: list[dict[str, object]] = [
    {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": WEIGHT_LIMIT},
    {"rateLimitType": "ORDERS", "interval": "SECOND", "intervalNum": 10, "limit": ORDERS_10S},
    {"rateLimitType": "ORDERS", "interval": "DAY", "intervalNum": 1, "limit": ORDERS_DAY},
    {"rateLimitType": "RAW_REQUESTS", "interval": "MINUTE", "intervalNum": 5, "limit": 61_000},
]


@dataclass(slots=True)
class _Window:
    """Counts by name within the present interval."""

    length: int
    number: int = -1
    counts: Counter[str] = field(default_factory=Counter[str])

    def add(self, name: str, amount: int, now: int) -> int:
        if now // self.length != self.number:
            self.number = now // self.length
            self.counts.clear()
        self.counts[name] += amount
        return self.counts[name]


class Limits:
    """Times are the venue's, in milliseconds."""

    def __init__(self, weight: int = WEIGHT_LIMIT) -> None:
        self._weight = weight
        self._weights = _Window(_MINUTE)
        self._refusals = _Window(_MINUTE)
        self._short = _Window(_TEN_SECONDS)
        self._long = _Window(_DAY)
        self._banned: dict[str, int] = {}

    def used(self, address: str, now: int) -> int:
        return self._weights.add(address, 0, now)

    def spend(self, address: str, weight: int, now: int) -> None:
        """Raises the venue's refusal (429, then 418 for who goes on) over the limit."""
        until = self._banned.get(address, 0)
        if now < until:
            raise self._ban(until, now)
        if self._weights.add(address, weight, now) <= self._weight:
            return
        if self._refusals.add(address, 1, now) > _REFUSALS_BEFORE_BAN:
            self._banned[address] = now + _BAN_SECONDS * 1_000
            raise self._ban(self._banned[address], now)
        raise VenueRefusal(
            -1003,
            f"Too much request weight used; current limit is {self._weight} request weight per 1 MINUTE. "
            "Please use WebSocket Streams for live updates to avoid polling the API.",
            status=429,
            retry_after=(_MINUTE - now % _MINUTE) // 1_000 + 1,
        )

    @staticmethod
    def _ban(until: int, now: int) -> VenueRefusal:
        return VenueRefusal(
            -1003,
            f"Way too much request weight used; IP banned until {until}. "
            "Please use WebSocket Streams for live updates to avoid bans.",
            status=418,
            retry_after=(until - now) // 1_000 + 1,
        )

    def count_order(self, account: str, now: int) -> None:
        if self._short.add(account, 1, now) > ORDERS_10S:
            raise VenueRefusal(
                -1015, f"Too many new orders; current limit is {ORDERS_10S} orders per 10 SECOND.", status=429
            )
        if self._long.add(account, 1, now) > ORDERS_DAY:
            raise VenueRefusal(
                -1015, f"Too many new orders; current limit is {ORDERS_DAY} orders per 1 DAY.", status=429
            )

    def headers(self, address: str, account: str | None, now: int) -> dict[str, str]:
        used = str(self.used(address, now))
        headers = {"X-MBX-USED-WEIGHT": used, "X-MBX-USED-WEIGHT-1M": used}
        if account is not None:
            headers["X-MBX-ORDER-COUNT-10S"] = str(self._short.add(account, 0, now))
            headers["X-MBX-ORDER-COUNT-1D"] = str(self._long.add(account, 0, now))
        return headers

    def report(self, address: str, now: int) -> list[dict[str, object]]:
        """As the WebSocket API sends it with every answer."""
        return [{**RATE_LIMITS[0], "count": self.used(address, now)}]

    def order_report(self, account: str, now: int) -> list[dict[str, object]]:
        return [
            {**RATE_LIMITS[1], "count": self._short.add(account, 0, now)},
            {**RATE_LIMITS[2], "count": self._long.add(account, 0, now)},
        ]
