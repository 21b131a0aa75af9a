"""Replacing a connection before it ends: the new one is subscribed and live before the old one closes."""

import asyncio
import random
import time
from collections.abc import Callable, Mapping
from functools import partial

from connectors.streaming.dialect import Channel, Dialect
from connectors.streaming.handover import Handover
from connectors.streaming.link import Link
from connectors.streaming.settings import SessionSettings
from connectors.streaming.subscription import Subscription


def rotation_age(
    lifetime: float | None, share: float, uniform: Callable[[float, float], float] = random.uniform
) -> float | None:
    """Seconds after which to rotate: a share of the venue's lifetime, up to a tenth less so that the connections of
    one pool do not all rotate together."""
    return None if lifetime is None else lifetime * share * uniform(0.9, 1.0)


class Rotation:
    """One rotation. Channels acknowledged on the old link are handed over one by one; `run` says how it ended."""

    def __init__(
        self, old: Link, new: Link, dialect: Dialect, subscriptions: Mapping[str, Subscription]
    ) -> None:
        self.old = old
        self.new = new
        self.refused: dict[str, str] = {}
        """Channels the venue refused on the new link, with the reason."""
        self.broken: list[str] = []
        """Channels whose data is not continuous over the rotation."""
        self._dialect = dialect
        self._subscriptions = subscriptions
        self._handovers: dict[str, Handover] = {}
        self._waiting: set[str] = set()
        self._kept: dict[str, Channel] = {}
        self._stir = asyncio.Event()
        for name, subscription in subscriptions.items():
            key = dialect.key(name)
            if name not in old.ledger.acknowledged:
                new.attach(key, subscription)
                continue
            attach = partial(new.attach, key, subscription)
            handover = Handover(subscription, partial(dialect.sequence, name), attach)
            self._handovers[name] = handover
            self._waiting.add(name)
            self._kept[name] = subscription.channel
            old.attach(key, handover.old)
            new.attach(key, handover.new)
        old.want(self._kept)

    def acknowledged(self, channel: str) -> bool:
        """The new link's subscription stands; whether the channel is one that is handed over."""
        self._waiting.discard(channel)
        self._stir.set()
        return channel in self._handovers

    def refuse(self, channel: str, reason: str) -> bool:
        if channel not in self._handovers:
            return False
        self._waiting.discard(channel)
        self.refused[channel] = reason
        self._stir.set()
        return True

    def forget(self, channel: str) -> None:
        """The channel is no longer wanted."""
        self._handovers.pop(channel, None)
        self._waiting.discard(channel)
        self.refused.pop(channel, None)
        self.old.detach(self._dialect.key(channel))
        if self._kept.pop(channel, None) is not None:
            self.old.want(self._kept)
        self._stir.set()

    def lost(self) -> None:
        """One of the links is over."""
        self._stir.set()

    async def run(self, settings: SessionSettings) -> bool:
        """Whether the new link has taken over; otherwise the old one goes on."""
        everything_asked = await self._until(lambda: not self._waiting, settings.ack_timeout)
        if self.new.lost.is_set() or not (everything_asked or self.old.lost.is_set()):
            return self._abandon()
        await self._until(
            lambda: all(handover.switched for handover in self._handovers.values()), settings.overlap
        )
        if self.new.lost.is_set() and not self.old.lost.is_set():
            return self._abandon()
        now = time.monotonic()
        for name, handover in self._handovers.items():
            if name in self._waiting:
                self.broken.append(name)
                self.new.attach(self._dialect.key(name), self._subscriptions[name])
            else:
                handover.switch(now)
        return True

    async def _until(self, done: Callable[[], bool], timeout: float) -> bool:
        try:
            async with asyncio.timeout(timeout):
                while not (done() or self.old.lost.is_set() or self.new.lost.is_set()):
                    self._stir.clear()
                    await self._stir.wait()
        except TimeoutError:
            return False
        return done()

    def _abandon(self) -> bool:
        for name, handover in self._handovers.items():
            self.old.attach(self._dialect.key(name), self._subscriptions[name])
            if handover.switched:
                self.broken.append(name)
        return False
