"""A venue's recordings played by its plan: the feeds are made as the live ones are."""

from collections.abc import Callable, Sequence
from typing import Any

from connectors.contracts.errors import BadFrame
from connectors.streaming.dialect import Channel
from connectors.streaming.feeds import Feed
from connectors.streaming.plan import BookParts, StreamKind, StreamPlan
from connectors.streaming.replay import Answer, Requested


def _none(url: str) -> Sequence[str]:
    return ()


def _unread(url: str, body: bytes) -> Answer:
    return None


class PlanReplay:
    """Implements `VenueReplay`.

    `requests` reads what a sent frame subscribes to and leaves, `addresses` what opening a URL subscribes to, and
    `answers` the REST answers that matter; each is left out where the venue has no such thing.
    """

    def __init__(
        self,
        plan: StreamPlan,
        *,
        requests: Callable[[bytes], Requested] | None = None,
        addresses: Callable[[str], Sequence[str]] = _none,
        answers: Callable[[str, bytes], Answer] = _unread,
    ) -> None:
        self.dialect = plan.dialect
        self._plan = plan
        self._requests = requests
        self._addresses = addresses
        self._answers = answers
        self._names: dict[bytes, str] = {}

    def channels_of(self, url: str) -> Sequence[str]:
        return self._noted(self._addresses(url))

    def requested(self, frame: bytes) -> Requested:
        requested = Requested() if self._requests is None else self._requests(frame)
        self._noted(requested.subscribed)
        return requested

    def feed(self, key: bytes) -> Feed[Any] | None:
        """A frame of a channel that nothing subscribed to is of no use."""
        name = self._names.get(key)
        topic = None if name is None else self._plan.topic_of(name)
        if name is None:
            return None
        plan = self._plan
        if topic is None:
            all_prices = plan.prices is not None and name == plan.all_prices
            return plan.prices(Channel(name), None) if plan.prices is not None and all_prices else None
        try:
            channel = Channel(name, plan.symbol_of(topic.venue_symbol))
        except BadFrame:
            return None
        match topic.kind:
            case StreamKind.TRADES if plan.trades is not None:
                return plan.trades(channel, None)
            case StreamKind.BOOKS if plan.books is not None:
                return plan.books(channel, BookParts())
            case StreamKind.CANDLES if plan.candles is not None and topic.interval is not None:
                return plan.candles(channel, topic.interval, None)
            case StreamKind.PRICES if plan.prices is not None:
                return plan.prices(channel, None)
            case _:
                return None

    def answer(self, url: str, body: bytes) -> Answer:
        return self._answers(url, body)

    def _noted(self, names: Sequence[str]) -> Sequence[str]:
        for name in names:
            self._names[self.dialect.key(name)] = name
        return names
