"""What a connection is subscribed to, what it has asked for, and what it must ask for next. No I/O and no clock."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from connectors.streaming.dialect import Channel


@dataclass(frozen=True, slots=True)
class Request:
    id: int
    operation: Literal["subscribe", "unsubscribe"]
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an answer settled. `retried` were refused together and will be asked for one by one."""

    acknowledged: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    retried: bool = False


class Ledger:
    """Compares what is wanted with what was asked for: the difference is the next request.

    So a new connection asks for exactly the wanted set, once each, whatever was asked while it was down.
    """

    def __init__(self, batch: int) -> None:
        self.wanted: Mapping[str, Channel] = {}
        """Read live: it may change between calls."""
        self.acknowledged: set[str] = set()
        self._batch = batch
        self._requested: dict[str, None] = {}
        self._renewing: set[str] = set()
        self._held: set[str] = set()
        """Refused: not asked for again until renewed."""
        self._alone: set[str] = set()
        """Refused with others: asked for by themselves, so that one bad name harms no other."""
        self._open: dict[int, Request] = {}
        self._last_id = 0

    def has(self, channel: str) -> bool:
        """Whether it was asked for and neither refused nor dropped since."""
        return channel in self._requested

    def must_leave(self, request: Request) -> bool:
        """Whether an unsubscribe that no message can carry is worth the connection: nothing else is wanted from it, or
        one of the channels is to come anew."""
        return not self._requested or any(channel in self.wanted for channel in request.channels)

    def renew(self, channel: str) -> None:
        """Unsubscribe and subscribe anew, or ask again for what was refused."""
        self._held.discard(channel)
        self._renewing.add(channel)

    def next(self) -> Request | None:
        """The next request, which counts as sent; `None` where there is nothing to ask."""
        self._held &= self.wanted.keys()
        self._renewing &= self._requested.keys()
        surplus = self._first(c for c in self._requested if c in self._renewing or c not in self.wanted)
        if surplus:
            for channel in surplus:
                del self._requested[channel]
            self._renewing.difference_update(surplus)
            self.acknowledged.difference_update(surplus)
            return self._request("unsubscribe", surplus)
        missing = self._first(c for c in self.wanted if c not in self._requested and c not in self._held)
        if missing:
            missing = missing[:1] if missing[0] in self._alone else missing
            self._requested.update(dict.fromkeys(missing))
            return self._request("subscribe", missing)
        return None

    def answered(self, request_id: int | None, channels: tuple[str, ...], refused: bool) -> Outcome:
        """Take an answer, by request id or, where the venue names the channels instead, to a subscribe by those."""
        request = self._open.pop(request_id, None) if request_id is not None else None
        if request is not None:
            channels = request.channels
            if request.operation == "unsubscribe":
                return Outcome(dropped=channels)
        concerned = tuple(c for c in channels if c in self._requested and c not in self.acknowledged)
        if not refused:
            self.acknowledged.update(concerned)
            return Outcome(acknowledged=concerned)
        return self._refuse(concerned)

    def left(self, channels: tuple[str, ...]) -> Outcome:
        """Take an answer to an unsubscribe that names the channels instead of the request."""
        for request in tuple(self._open.values()):
            if request.operation == "unsubscribe" and set(request.channels) <= set(channels):
                del self._open[request.id]
        return Outcome(dropped=channels)

    def expired(self, request_id: int) -> Outcome:
        """The venue did not answer in time."""
        request = self._open.pop(request_id, None)
        if request is None:
            return Outcome()
        if request.operation == "unsubscribe":
            return Outcome(dropped=request.channels)
        concerned = tuple(c for c in request.channels if self.has(c) and c not in self.acknowledged)
        for channel in concerned:
            del self._requested[channel]
        self._held.update(concerned)
        return Outcome(refused=concerned)

    def _refuse(self, channels: tuple[str, ...]) -> Outcome:
        for channel in channels:
            del self._requested[channel]
        if len(channels) > 1:
            self._alone.update(channels)
            return Outcome(retried=True)
        self._held.update(channels)
        return Outcome(refused=channels)

    def _first(self, channels: Iterable[str]) -> tuple[str, ...]:
        return tuple(islice(channels, self._batch))

    def _request(self, operation: Literal["subscribe", "unsubscribe"], channels: tuple[str, ...]) -> Request:
        self._last_id += 1
        request = self._open[self._last_id] = Request(self._last_id, operation, channels)
        return request
