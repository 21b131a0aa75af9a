"""Watching for channels that are silent although their connection lives."""

import asyncio
import logging
import time
from collections.abc import Awaitable

from catalog.text import clean
from connectors.runtime.foreign import pass_ours
from connectors.streaming.faults import Remedies
from connectors.streaming.settings import SessionSettings
from connectors.streaming.subscription import Subscription, SubscriptionState
from connectors.streaming.wanted import WantedSet

log = logging.getLogger(__name__)

UNANSWERED = 2
"""A silence that the venue was asked about so often in vain is not called quiet any more."""


class SilenceWatch:
    """Calls a channel STALE that is silent beyond its limit, unless the venue says otherwise that nothing happens, and
    subscribes to it anew, ever more rarely, until it speaks."""

    def __init__(self, wanted: WantedSet, settings: SessionSettings, remedies: Remedies, name: str) -> None:
        self._wanted = wanted
        self._settings = settings
        self._remedies = remedies
        self._name = name
        self._tasks: set[asyncio.Task[None]] = set()

    def look(self, now: float) -> None:
        for subscription in list(self._wanted.subscriptions.values()):
            if subscription.state is SubscriptionState.ACTIVE:
                stale_at = subscription.stale_at()
                if stale_at is not None and now >= stale_at and not subscription.confirming:
                    self._doubt(subscription, now)
            if subscription.heal_at is not None and now >= subscription.heal_at:
                subscription.heal_at = now + subscription.healing.next(self._settings.ack_timeout)
                self._remedies.renew(subscription, "silent: subscribing anew")

    async def close(self) -> None:
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _doubt(self, subscription: Subscription, now: float) -> None:
        confirmation = subscription.sink.confirm_silence()
        if confirmation is None:
            self._call_stale(subscription, now)
            return
        subscription.confirming = True
        name = f"{self._name} silence of {subscription.channel.name}"
        task = asyncio.create_task(self._confirm(subscription, confirmation), name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _confirm(self, subscription: Subscription, confirmation: Awaitable[bool]) -> None:
        before, name = subscription.messages, subscription.channel.name
        why = "no data although the connection lives"
        try:
            quiet = await confirmation
        except BaseException as error:  # noqa: BLE001 - whatever the other way raises, once it proves nothing
            pass_ours(error)
            log.info("silence not confirmed channel=%s error=%s", name, clean(error, 200))
            quiet = subscription.unanswered() < UNANSWERED
            why = f"no data, and the venue does not say whether there is any: {clean(error, 200)}"
        finally:
            subscription.confirming = False
        if subscription.state is not SubscriptionState.ACTIVE or subscription.messages != before:
            return
        if quiet:
            subscription.confirmed_quiet(time.monotonic())
        elif self._wanted.subscriptions.get(subscription.channel.name) is subscription:
            self._call_stale(subscription, time.monotonic(), why)

    def _call_stale(
        self, subscription: Subscription, now: float, why: str = "no data although the connection lives"
    ) -> None:
        subscription.mark_stale()
        subscription.heal_at = now
        self._wanted.tell(subscription, "stale", why)
