"""What the transports share that only read: one task that reads until the connection is over."""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import TypeAlias

from connectors.streaming.socket import Receiver

Label: TypeAlias = Callable[[str], bytes]
"""What stands before each frame of an address, for a venue whose frames do not say what they are of: such as
`b"btcusd@trades "`, by which `Dialect.route` then knows them, and a replay of a recording too."""

log = logging.getLogger(__name__)


class ReadingSocket:
    """A `TransportSocket` on which nothing can be sent. What it reads from is there already; `start` begins to read."""

    heartbeat = 0.0

    def __init__(self, receiver: Receiver, label: bytes = b"") -> None:
        self.last_byte = time.monotonic()
        self.latency: float | None = None
        self.violated = False
        self._receiver = receiver
        self._label = label
        self._reason: str | None = None
        self._task: asyncio.Task[None] | None = None

    async def _read(self) -> str:
        """Read until it is over; why it is."""
        raise NotImplementedError

    async def _release(self) -> None:
        """Let go of what was read from. Within a short time, whatever the peer does."""

    def start(self, name: str) -> None:
        self._task = asyncio.create_task(self._run(), name=name)

    def _give(self, frame: bytes) -> None:
        # Now, not when it was read: a first answer is read before the subscription that it is data of begins.
        self._receiver.received(self._label + frame if self._label else frame, time.monotonic())

    async def send(self, message: str, /) -> None:
        """The dialect wants to send, which is its mistake: its `subscribe` and `unsubscribe` must give `None`."""
        self.abort("nothing can be sent on this kind of connection")

    async def ping(self) -> None:
        """Nothing: silence alone tells."""

    async def close(self) -> None:
        self.abort("closed by us")
        if self._task is not None:
            await asyncio.wait([self._task])

    def abort(self, reason: str, /) -> None:
        if self._reason is not None:
            return
        self._reason = reason
        if self._task is not None:
            # Not at once: a task cancelled before its first step never comes to its end either.
            asyncio.get_running_loop().call_soon(self._task.cancel)

    async def _run(self) -> None:
        reason = "closed by us"
        try:
            # The link, which begins in the same turn, shall be told what it is subscribed to before the first frame.
            await asyncio.sleep(0)
            reason = await self._read()
        except asyncio.CancelledError:
            # By `abort`, or because the loop ends: this is the task's end as well.
            pass
        except Exception as error:
            log.exception("reading failed")
            reason = f"reading failed ({type(error).__name__})"
        # From here on an abort comes too late, and must not interrupt the release.
        self._reason = self._reason or reason
        try:
            await self._release()
        finally:
            self._receiver.disconnected(self._reason)
