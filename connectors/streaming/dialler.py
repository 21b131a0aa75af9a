"""Getting a connection, again and again until there is one."""

import asyncio
import contextlib
import math
import time
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from connectors.streaming.backoff import Backoff
from connectors.streaming.handshake import CONNECT_ERRORS, describe, is_final, wait_asked_for
from connectors.streaming.link import Link
from connectors.streaming.pacing import SlidingWindow
from connectors.streaming.settings import SessionSettings

Prepare: TypeAlias = Callable[[], Awaitable[None]]
"""Run before every connection is made: what the address needs, such as a key in it. May raise `CONNECT_ERRORS`."""

Measure: TypeAlias = Callable[[], Awaitable[None]]
"""Measures the venue's clock, within a bounded time. Raises nothing."""


class Dialler:
    """Opens links: at once, then with growing, jittered delays, never before the venue's Retry-After, and never more
    often than the venue allows an address to connect. After a refusal that asking again does not change it asks
    slowly, until somebody new wants something."""

    def __init__(
        self,
        make: Callable[[], Link],
        settings: SessionSettings,
        connects: SlidingWindow,
        waiting: Callable[[str, float, float], None],
        prepare: Prepare | None = None,
    ) -> None:
        self.last_error: str | None = None
        self.retry_at: float | None = None
        """`time.monotonic()` of the next attempt, while waiting for it."""
        self._make = make
        self._settings = settings
        self._connects = connects
        self._waiting = waiting
        self._prepare = prepare
        self._backoff = Backoff(settings.backoff_base, settings.backoff_cap)
        self._refused = False
        self._hurried = asyncio.Event()
        self.not_before = 0.0
        """`time.monotonic()` before which the venue wants no attempt."""

    def succeeded(self) -> None:
        """Data has come: the next loss is answered at once again."""
        self._backoff.reset()

    async def dial(self) -> Link | None:
        """The next attempt, when it is time for it; `None` where it failed."""
        floor = max(self.not_before - time.monotonic(), self._connects.delay(), 0.0)
        delay = self._backoff.next(floor)
        if self._refused:
            delay = max(delay, self._settings.backoff_cap)
        if self.last_error is not None:
            self.retry_at = time.monotonic() + delay
            self._waiting(self.last_error, delay, math.inf if self._refused else floor)
        await self._pause(floor, delay)
        try:
            link = await self.attempt()
        except CONNECT_ERRORS:
            return None
        self.retry_at = None
        return link

    def hurry(self) -> None:
        """Somebody new wants something: what was refused is tried at once, unless the venue asked for time."""
        if self._refused:
            self._hurried.set()

    async def _pause(self, floor: float, delay: float) -> None:
        self._hurried.clear()
        await asyncio.sleep(floor)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(delay - floor):
                await self._hurried.wait()

    async def attempt(self) -> Link:
        """One attempt. Raises one of `CONNECT_ERRORS`."""
        await self._connects.turn()
        try:
            if self._prepare is not None:
                await self._prepare()
            link = self._make()
            await link.open()
        except CONNECT_ERRORS as error:
            self.last_error = describe(error)
            self.not_before = time.monotonic() + wait_asked_for(error, self._settings)
            self._refused = is_final(error)
            raise
        self._refused = False
        return link
