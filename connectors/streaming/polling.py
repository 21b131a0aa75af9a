"""A transport for venues that only answer: the same question, asked again and again.

An answer that differs from the one before is a frame. Subscribing is asking: the dialect's `subscribe` and
`unsubscribe` give `None`, and the address of a category names what to ask for. An answer usually repeats what an
earlier one held; feeds leave that out (`TradeListFeed`, `CandleListFeed`).
"""

import asyncio
import logging
import math
import time
from collections.abc import Awaitable, Callable

from catalog.text import clean
from connectors.contracts.errors import ConnectionFailed, RateLimited
from connectors.runtime.foreign import pass_ours
from connectors.streaming.handshake import CONNECT_ERRORS, describe, wait_asked_for
from connectors.streaming.reading import Label, ReadingSocket
from connectors.streaming.settings import SessionSettings
from connectors.streaming.socket import Receiver
from connectors.streaming.transport import Transport

log = logging.getLogger(__name__)

Get = Callable[[str], Awaitable[bytes]]
"""Asks once, with the address that the dialect gives: a call of the venue's REST client, so that its budget holds."""

FAILURES = 3
"""So many calls in a row without a good answer are the end of the connection."""


def polling(get: Get, every: float, *, failures: int = FAILURES, label: Label | None = None) -> Transport:
    """The transport that calls `get` every so many seconds. `label` names each frame.

    Opening makes the first call and raises what that raises; each call has `SessionSettings.open_timeout`. After
    `RateLimited` nothing is asked on any connection of this transport until the venue allows it again, and it does not
    count as a failure.
    """
    gate = _Gate()

    async def open_polling(url: str, receiver: Receiver, settings: SessionSettings) -> PolledSocket:
        named = label(url) if label is not None else b""
        socket = PolledSocket(_Question(get, url, settings, gate), every, failures, receiver, named)
        await socket.ask()
        socket.start(f"{url.partition('?')[0]} polling")
        return socket

    return open_polling


class _Gate:
    """When the venue wants to be asked again."""

    def __init__(self) -> None:
        self.opens_at = 0.0

    @property
    def wait(self) -> float:
        return max(0.0, self.opens_at - time.monotonic())

    def shut(self, seconds: float) -> None:
        self.opens_at = max(self.opens_at, time.monotonic() + seconds)


class _Question:
    """One call, within its time and not before the gate opens."""

    def __init__(self, get: Get, url: str, settings: SessionSettings, gate: _Gate) -> None:
        self.gate = gate
        self.settings = settings
        self._get = get
        self._url = url

    async def ask(self) -> bytes:
        """Raises one of `CONNECT_ERRORS`."""
        if (wait := self.gate.wait) > 0:
            raise RateLimited("the venue wants to be asked later", retry_after=wait)
        try:
            async with asyncio.timeout(self.settings.open_timeout):
                return await self._get(self._url)
        except RateLimited as error:
            self.gate.shut(wait_asked_for(error, self.settings))
            raise
        except CONNECT_ERRORS:
            raise
        except BaseException as error:
            pass_ours(error)
            log.exception("a polled call failed")
            raise ConnectionFailed(clean(str(error) or type(error).__name__, 200)) from error


class PolledSocket(ReadingSocket):
    """Answers as frames. It watches itself, for it knows when an answer is due; `latency` is the last call's."""

    heartbeat = math.inf

    def __init__(
        self, question: _Question, every: float, failures: int, receiver: Receiver, label: bytes
    ) -> None:
        super().__init__(receiver, label)
        self._question = question
        self._every = every
        self._failures = failures
        self._due = 0.0
        self._answer = b""

    async def ask(self) -> None:
        """Take the next answer. Raises one of `CONNECT_ERRORS`."""
        began = time.monotonic()
        self._due = began + self._every
        self._answer = await self._question.ask()
        self.last_byte = time.monotonic()
        self.latency = self.last_byte - began

    async def _read(self) -> str:
        limit = self._question.settings.max_frame
        failed = 0
        given: bytes | None = None
        while True:
            if self._answer != given:
                given = self._answer
                if len(given) > limit:
                    self.violated = True
                    return f"the venue broke the protocol: an answer longer than {limit // 1024} KiB"
                self._give(given)
            await asyncio.sleep(max(self._due - time.monotonic(), self._question.gate.wait, 0.0))
            try:
                await self.ask()
            except RateLimited:
                continue
            except CONNECT_ERRORS as error:
                failed += 1
                if failed >= self._failures:
                    return f"{failed} calls in a row failed: {describe(error)}"
            else:
                failed = 0
