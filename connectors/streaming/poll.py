"""What a venue does not stream, asked for again and again: delivered when it is another."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from catalog.text import clean
from connectors.contracts.events import StreamStatus
from connectors.contracts.services import Unsubscribe
from connectors.runtime.foreign import pass_ours
from connectors.streaming.clock import epoch_ms
from connectors.streaming.feeds import Listener

log = logging.getLogger(__name__)

T = TypeVar("T")


class Poll(Generic[T]):
    """Fetches every `interval` seconds while somebody listens, and delivers what differs from the time before."""

    def __init__(
        self,
        fetch: Callable[[], Awaitable[T]],
        interval: float,
        *,
        name: str,
        known: Callable[[], T | None] = lambda: None,
    ) -> None:
        """`known`: what was fetched already, for whoever joins."""
        self._fetch = fetch
        self._known = known
        self._interval = interval
        self._name = name
        self._listeners: list[Listener[T]] = []
        self._last: T | None = None
        self._task: asyncio.Task[None] | None = None

    async def join(self, listener: Listener[T]) -> Unsubscribe:
        """Deliver what there is, and go on delivering changes. Raises what the first fetch raises."""
        value = self._known()
        if value is None:
            value = await self._fetch()
        self._last = value
        self._listeners.append(listener)
        self._give(listener, value)
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name=self._name)

        async def leave() -> None:
            with contextlib.suppress(ValueError):
                self._listeners.remove(listener)
            if not self._listeners:
                await self.close()

        return leave

    async def close(self) -> None:
        self._listeners.clear()
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _run(self) -> None:
        failing = False
        while True:
            await asyncio.sleep(self._interval)
            try:
                value = await self._fetch()
            except BaseException as error:  # noqa: BLE001 - whatever one fetch raises, the next may succeed
                pass_ours(error)
                failing = True
                self._tell("stale", clean(str(error) or type(error).__name__, 200))
                continue
            if failing:
                failing = False
                self._tell("live", "answered again")
            self.offer(value)

    def offer(self, value: T) -> None:
        """Somebody fetched: deliver it where it is another."""
        if self._listeners and value != self._last:
            self._last = value
            for listener in list(self._listeners):
                self._give(listener, value)

    def _give(self, listener: Listener[T], value: T) -> None:
        try:
            listener.handler(value)
        except Exception:
            log.exception("handler failed poll=%s", self._name)

    def _tell(self, kind: str, reason: str) -> None:
        event = StreamStatus(kind, reason, epoch_ms(), channel=self._name)
        for listener in list(self._listeners):
            listener.status(event)
