"""One thing running at a time: what comes next starts when the one before has cleaned up."""

import asyncio
from collections.abc import Awaitable, Callable


class Slot:
    """Runs the newest of what was put into it. A put ends what runs; `run` ends it too when cancelled."""

    def __init__(self) -> None:
        self._wanted: Callable[[], Awaitable[None]] | None = None
        self._changed = asyncio.Event()

    def put(self, job: Callable[[], Awaitable[None]]) -> None:
        self._wanted = job
        self._changed.set()

    async def run(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            if (job := self._wanted) is not None:
                await self._until_changed(job)

    async def _until_changed(self, job: Callable[[], Awaitable[None]]) -> None:
        running = asyncio.ensure_future(job())
        changed = asyncio.create_task(self._changed.wait())
        try:
            await asyncio.wait({running, changed}, return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                running.result()
                await changed
        finally:
            running.cancel()
            changed.cancel()
            await asyncio.gather(running, changed, return_exceptions=True)
