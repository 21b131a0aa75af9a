"""A session: the subscriptions of one connection, kept alive over as many sockets as that takes."""

import asyncio
import logging
import time
from collections.abc import Callable

from connectors.contracts.errors import SubscriptionFailed
from connectors.contracts.health import ConnectionHealth
from connectors.streaming.dialect import Channel, Dialect, TimedDialect
from connectors.streaming.dialler import Measure, Prepare
from connectors.streaming.lag import LagSampler
from connectors.streaming.pacing import SlidingWindow
from connectors.streaming.settings import SessionSettings
from connectors.streaming.socket import open_socket
from connectors.streaming.subscription import Sink, Subscription
from connectors.streaming.tap import Tap
from connectors.streaming.transport import Transport
from connectors.streaming.upkeep import Upkeep
from connectors.streaming.wanted import WantedSet

log = logging.getLogger(__name__)


class Session:
    """Owns one connection to one URL of a venue. `now_ms` is the venue's clock, by which the lag is measured;
    `transport` is what the venue speaks. `prepare` runs before each attempt to connect, `reconnected` after a loss, and
    `measure` where the venue refuses the time that a subscription was signed at.

    The wanted set is the truth: what is in it is subscribed to on every connection, what was taken out is not. Use it
    from one event loop; `close` leaves no task and no socket.
    """

    def __init__(
        self,
        dialect: Dialect,
        category: str = "",
        *,
        name: str,
        settings: SessionSettings | None = None,
        connects: SlidingWindow | None = None,
        tap: Tap | None = None,
        now_ms: Callable[[], float] | None = None,
        prepare: Prepare | None = None,
        measure: Measure | None = None,
        reconnected: Callable[[], None] | None = None,
        transport: Transport = open_socket,
    ) -> None:
        self.name = name
        self.category = category
        self._settings = settings or SessionSettings()
        self._limit = dialect.limits.streams
        self._key = dialect.key
        self._wanted = WantedSet(dialect)
        event_time = dialect.event_time if isinstance(dialect, TimedDialect) else None
        self._lag = LagSampler(self._wanted, event_time, now_ms)
        self._upkeep = Upkeep(
            dialect,
            category,
            self._wanted,
            self._settings,
            self._lag,
            name=name,
            connects=connects or SlidingWindow(dialect.limits.connects, dialect.limits.connects_period),
            tap=tap,
            prepare=prepare,
            measure=measure,
            reconnected=reconnected,
            transport=transport,
        )
        self._task: asyncio.Task[None] | None = None

    @property
    def state(self) -> str:
        """IDLE, CONNECTING, CONNECTED, RECONNECTING, FAILED or CLOSED."""
        return self._upkeep.state

    @property
    def room(self) -> int:
        """How many more channels fit."""
        return self._limit - len(self._wanted.subscriptions)

    async def subscribe(self, channel: Channel, sink: Sink) -> None:
        """Add a channel to the wanted set; returns once the venue acknowledged it.

        Raises `SubscriptionFailed` where the venue refuses, does not answer in time or cannot be reached; the channel
        is then not wanted. `ValueError` where it is wanted already.
        """
        upkeep = self._upkeep
        if channel.name in self._wanted.subscriptions:
            raise ValueError(f"channel {channel.name} is subscribed already")
        if upkeep.state in ("FAILED", "CLOSED"):
            raise SubscriptionFailed(
                f"{self.name} is {upkeep.state.lower()}: {upkeep.failure or 'closed by us'}"
            )
        subscription = Subscription(channel, sink, upkeep.faults)
        acknowledged = subscription.acknowledged = asyncio.get_running_loop().create_future()
        subscription.patience_ends = time.monotonic() + self._settings.subscribe_timeout
        self._wanted.add(subscription)
        if (link := upkeep.newest) is not None:
            link.attach(self._key(channel.name), subscription)
            if upkeep.connected is not None:
                sink.status(upkeep.connected)
        upkeep.changed()
        upkeep.dialler.hurry()
        if self._task is None:
            self._task = asyncio.create_task(upkeep.run(), name=f"{self.name} session")
        try:
            async with asyncio.timeout(self._settings.subscribe_timeout):
                await acknowledged
        except BaseException as error:
            self._forget(channel.name)
            if isinstance(error, TimeoutError):
                cause = upkeep.dialler.last_error if upkeep.state != "CONNECTED" else None
                because = f" ({cause})" if cause else ""
                raise SubscriptionFailed(f"{channel.name}: no acknowledgement in time{because}") from None
            raise

    async def unsubscribe(self, channel: str) -> None:
        """Take a channel out of the wanted set: it delivers nothing from this moment.

        Returns once the venue answered, or after the acknowledgement timeout. An unknown channel is ignored.
        """
        if not self._forget(channel) or (link := self._upkeep.newest) is None:
            return
        try:
            async with asyncio.timeout(self._settings.ack_timeout):
                await link.dropped(channel)
        except TimeoutError:
            log.info("unsubscribe unanswered session=%s channel=%s", self.name, channel)

    def renew(self, channel: str, reason: str) -> None:
        """Subscribe to a channel anew: what comes after is not continuous with what came before."""
        subscription = self._wanted.subscriptions.get(channel)
        if subscription is not None:
            self._upkeep.renew(subscription, reason)

    def rotate(self, reason: str) -> bool:
        """Replace the connection now, the new one made before the old one is left; whether that is begun."""
        return self._upkeep.rotate(reason)

    async def close(self) -> None:
        """End everything, within the close timeout whatever the peer does."""
        if self._upkeep.state == "CLOSED":
            return
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._upkeep.close()
        self._wanted.broadcast("closed", "closed by us")
        for subscription in list(self._wanted.subscriptions.values()):
            subscription.suspend()
            subscription.answer(SubscriptionFailed(f"{self.name} was closed"))

    def health(self) -> ConnectionHealth:
        now = time.monotonic()
        upkeep, link = self._upkeep, self._upkeep.link
        return ConnectionHealth(
            name=self.name,
            state=upkeep.state,
            generation=upkeep.generation,
            byte_age=max(0.0, now - link.last_byte) if link else None,
            latency_ms=link.latency * 1000.0 if link and link.latency else None,
            messages=upkeep.earlier_messages + (link.messages if link else 0),
            reconnects=upkeep.reconnects,
            dropped=upkeep.faults.handler_errors,
            quarantined=upkeep.faults.quarantined,
            last_error=upkeep.failure or upkeep.dialler.last_error,
            retry_at=upkeep.dialler.retry_at,
            rotations=upkeep.rotations,
            connected_for=max(0.0, now - link.opened_at) if link else None,
            lag=self._lag.percentiles(),
            history=tuple(self._wanted.history),
            subscriptions=[one.health(now) for one in self._wanted.subscriptions.values()],
        )

    def _forget(self, channel: str) -> bool:
        if self._wanted.remove(channel) is None:
            return False
        self._upkeep.detach(channel)
        return True
