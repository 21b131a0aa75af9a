"""Keeping a session's connection up: dialling, watching, rotating, reconnecting."""

import asyncio
import contextlib
import logging
import math
import random
import time
from collections.abc import Callable, Coroutine
from typing import Any

from connectors.contracts.errors import BadFrame, SubscriptionFailed
from connectors.contracts.events import StreamStatus
from connectors.streaming.clock import epoch_ms
from connectors.streaming.dialect import Dialect
from connectors.streaming.dialler import Dialler, Measure, Prepare
from connectors.streaming.faults import Faults
from connectors.streaming.handshake import CONNECT_ERRORS
from connectors.streaming.lag import LagSampler
from connectors.streaming.link import Link
from connectors.streaming.pacing import SlidingWindow
from connectors.streaming.rotation import Rotation, rotation_age
from connectors.streaming.settings import SessionSettings
from connectors.streaming.silence import SilenceWatch
from connectors.streaming.socket import open_socket
from connectors.streaming.subscription import Subscription, SubscriptionState
from connectors.streaming.tap import Tap
from connectors.streaming.transport import Transport
from connectors.streaming.wanted import WantedSet

log = logging.getLogger(__name__)


class Upkeep:
    """Makes one link after another serve the wanted set. `run` is the session's one task."""

    def __init__(
        self,
        dialect: Dialect,
        category: str,
        wanted: WantedSet,
        settings: SessionSettings,
        lag: LagSampler,
        *,
        name: str,
        connects: SlidingWindow,
        tap: Tap | None,
        prepare: Prepare | None = None,
        measure: Measure | None = None,
        reconnected: Callable[[], None] | None = None,
        transport: Transport = open_socket,
    ) -> None:
        self.state = "IDLE"
        """IDLE, CONNECTING, CONNECTED, RECONNECTING, FAILED or CLOSED."""
        self.link: Link | None = None
        self.generation = 0
        self.reconnects = 0
        self.rotations = 0
        self.connected: StreamStatus | None = None
        """What was said of the current connection; a channel that joins it hears the same."""
        self.failure: str | None = None
        """Why the session was given up for good."""
        self.earlier_messages = 0
        """Messages of the links before the current one."""
        self.faults = Faults(wanted, settings, self)
        self._lag = lag
        self._silence = SilenceWatch(wanted, settings, self, name)
        self.dialler = Dialler(self._make_link, settings, connects, self._announce_attempt, prepare)
        self._dialect = dialect
        self._category = category
        self._wanted = wanted
        self._settings = settings
        self._name = name
        self._tap = tap
        self._transport = transport
        self._measure = measure
        self._reconnected = reconnected
        self._rotation: Rotation | None = None
        self._rotate_at: float | None = None
        self._rotate_because = ""
        self._stir = asyncio.Event()
        self._farewells: set[asyncio.Task[None]] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def newest(self) -> Link | None:
        """The link that new channels go to."""
        return self._rotation.new if self._rotation is not None else self.link

    def changed(self) -> None:
        """The wanted set grew or shrank."""
        if (link := self.newest) is not None:
            link.want(self._wanted.channels)
        self._stir.set()

    def detach(self, channel: str) -> None:
        """Deliver nothing more of a channel."""
        if (link := self.newest) is not None:
            link.detach(self._dialect.key(channel))
            # Wanted again before the unsubscribe went out, it is still a new subscription with its own answer.
            link.renew(channel)
        if self._rotation is not None:
            self._rotation.forget(channel)
        self.changed()

    async def close(self) -> None:
        """Close the links, each within the close timeout. `run` must have been cancelled."""
        self.state = "CLOSED"
        await self._silence.close()
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        links = [self.link, self._rotation.new if self._rotation is not None else None]
        self.link = self._rotation = None
        await asyncio.gather(*(link.close() for link in links if link is not None), *self._farewells)

    async def run(self) -> None:
        while self.failure is None:
            if not self._wanted:
                self.state = "IDLE"
                self._stir.clear()
                await self._stir.wait()
                continue
            self.state = "RECONNECTING" if self.dialler.last_error else "CONNECTING"
            if (link := await self.dialler.dial()) is not None:
                self._adopt(link)
                await self._tend()
        self.state = "FAILED"
        for subscription in self._wanted.subscriptions.values():
            subscription.fail()
            subscription.sink.closed(self.failure)
            subscription.answer(SubscriptionFailed(self.failure))
        self._wanted.broadcast("failed", self.failure)

    # --- remedies ---------------------------------------------------------------------------------------------------

    def renew(self, subscription: Subscription, reason: str) -> None:
        if (link := self.newest) is None:
            return
        subscription.active_since = None
        if subscription.state is SubscriptionState.ACTIVE:
            subscription.state = SubscriptionState.PENDING
        subscription.sink.closed(reason)
        link.renew(subscription.channel.name)

    def drop(self, subscription: Subscription) -> None:
        self._wanted.give_up(subscription.channel.name)
        self.detach(subscription.channel.name)

    def give_up(self, reason: str) -> None:
        self.failure = reason
        self._stir.set()

    def rotate(self, reason: str) -> bool:
        """Replace the connection, as soon as the venue allows an attempt; whether that is begun."""
        link = self.link
        if link is None or link.lost.is_set() or self._rotation is not None or self.failure is not None:
            return False
        self._rotate_at = self.dialler.not_before
        self._rotate_because = reason
        self._stir.set()
        return True

    # --- what links report ------------------------------------------------------------------------------------------

    def acknowledged(self, link: Link, channel: str) -> None:
        subscription = self._wanted.subscriptions.get(channel)
        if subscription is None or link is not self.newest:
            return
        if self._rotation is None or not self._rotation.acknowledged(channel):
            subscription.activate(time.monotonic())
            subscription.sink.opened()

    def refused(self, link: Link, channel: str, reason: str) -> None:
        subscription = self._wanted.subscriptions.get(channel)
        if subscription is None or link is not self.newest:
            return
        if self._rotation is not None and self._rotation.refuse(channel, reason):
            return
        if not subscription.answer(SubscriptionFailed(f"{channel}: {reason}")):
            subscription.fail()
            subscription.heal_at = time.monotonic() + subscription.healing.next(self._settings.ack_timeout)
            self._wanted.tell(subscription, "failed", reason)

    def time_refused(self, link: Link, channel: str, reason: str) -> None:
        """Measure the venue's clock and try again at once; where that does not help, as after every refusal."""
        subscription = self._wanted.subscriptions.get(channel)
        if subscription is None or self._measure is None or self._rotation is not None:
            self.refused(link, channel, reason)
            return
        first, subscription.time_refused = not subscription.time_refused, True
        self._in_background(self._sign_again(link, channel, reason, first), "clock")

    async def _sign_again(self, link: Link, channel: str, reason: str, first: bool) -> None:
        if self._measure is not None:
            await self._measure()
        if link is self.newest and channel in self._wanted.subscriptions:
            if first:
                link.renew(channel)
            else:
                self.refused(link, channel, reason)

    def ended(self, link: Link, channel: str, reason: str) -> None:
        subscription = self._wanted.subscriptions.get(channel)
        if subscription is not None and link is self.newest:
            self.renew(subscription, reason)

    def bad_frame(self, link: Link, error: BaseException) -> None:
        self.faults.unroutable(link, error)

    def shutdown_announced(self, link: Link) -> None:
        if link is self.link:
            self.rotate("the venue announced its shutdown")

    def link_lost(self, link: Link) -> None:
        if link.violated:
            self.faults.unroutable(link, BadFrame(link.reason))
        if self._rotation is not None:
            self._rotation.lost()
        self._stir.set()

    # --- the life of the connection ---------------------------------------------------------------------------------

    def _make_link(self) -> Link:
        self.generation += 1
        url = self._dialect.url(self._category)
        return Link(
            self._dialect,
            self._settings,
            self,
            name=self._name,
            url=url,
            generation=self.generation,
            tap=self._tap,
            transport=self._transport,
        )

    def _announce_attempt(self, reason: str, delay: float, hopeless: float) -> None:
        """Tell of the next attempt; who waits less than `hopeless` seconds more waits in vain and is answered now."""
        self._wanted.broadcast("reconnecting", reason, retry_in=delay)
        until = time.monotonic() + hopeless
        for one in list(self._wanted.subscriptions.values()):
            if until >= one.patience_ends:
                error = SubscriptionFailed(f"{one.channel.name}: {reason}", refused=hopeless == math.inf)
                one.answer(error)

    def _adopt(self, link: Link) -> None:
        self.link = link
        self.state = "CONNECTED"
        self._schedule_rotation()
        if self.reconnects and self._reconnected is not None:
            self._reconnected()
        self.connected = self._wanted.broadcast("connected", link.name)
        self._wanted.put_on(link)

    def _schedule_rotation(self) -> None:
        age = rotation_age(self._dialect.limits.lifetime, self._settings.rotation_share)
        self._rotate_at = None if age is None else time.monotonic() + age
        self._rotate_because = "the connection's lifetime was nearly over"

    async def _tend(self) -> None:
        """Watch the current link until it is lost, idle or given up."""
        idle_since: float | None = None
        while (link := self.link) is not None:
            self._stir.clear()
            now = time.monotonic()
            idle_since = None if self._wanted else idle_since or now
            if link.lost.is_set():
                self._on_lost(link)
            elif self.failure is not None or (
                idle_since is not None and now - idle_since >= self._settings.idle_timeout
            ):
                self._retire(link)
                self.link = None
            elif self._rotate_at is not None and now >= self._rotate_at:
                await self._rotate(link)
            else:
                self._silence.look(now)
                self._lag.arm()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self._settings.watch_interval):
                        await self._stir.wait()

    def _on_lost(self, link: Link) -> None:
        self.link = self.connected = None
        self.earlier_messages += link.messages
        if any((one.last_data or 0.0) >= link.opened_at for one in self._wanted.subscriptions.values()):
            self.dialler.succeeded()
        self.dialler.last_error = link.reason
        self.reconnects += 1
        self.state = "RECONNECTING"
        log.info("connection lost conn=%s reason=%s", link.name, link.reason)
        for subscription in list(self._wanted.subscriptions.values()):
            if subscription.channel.name in self._wanted.channels:
                subscription.suspend()
                subscription.sink.closed(link.reason)
        self._wanted.broadcast("lost", link.reason)

    async def _rotate(self, old: Link) -> None:
        try:
            new = await self.dialler.attempt()
        except CONNECT_ERRORS:
            self._postpone_rotation()
            return
        rotation = self._rotation = Rotation(old, new, self._dialect, self._wanted.subscriptions)
        new.want(self._wanted.channels)
        taken_over = await rotation.run(self._settings)
        self._rotation = None
        if taken_over:
            self.link = new
            self.rotations += 1
            self.earlier_messages += old.messages
            because = self._rotate_because
            self._schedule_rotation()
            self._retire(old)
            self._wanted.broadcast("rotated", because)
            self.connected = StreamStatus("connected", new.name, epoch_ms())
        else:
            old.want(self._wanted.channels)
            self._postpone_rotation()
            self._retire(new)
        for name in rotation.broken:
            self._break_continuity(self._wanted.subscriptions[name], still_open=not taken_over)
        for name, reason in rotation.refused.items():
            if taken_over:
                self.refused(new, name, reason)

    def _break_continuity(self, subscription: Subscription, *, still_open: bool) -> None:
        subscription.sink.closed("the connection was lost while it was being replaced")
        if still_open:
            subscription.sink.opened()
        else:
            subscription.suspend()

    def _postpone_rotation(self) -> None:
        self._rotate_at = time.monotonic() + random.uniform(0.1, 1.0) * self._settings.backoff_cap

    def _retire(self, link: Link) -> None:
        task = asyncio.create_task(link.close(), name=f"{link.name} farewell")
        self._farewells.add(task)
        task.add_done_callback(self._farewells.discard)

    def _in_background(self, work: Coroutine[Any, Any, None], what: str) -> None:
        task = asyncio.create_task(work, name=f"{self._name} {what}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
