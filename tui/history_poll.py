"""The candles of a venue that streams none: its history, asked for again and again."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from connectors.contracts import Candle, Unsubscribe
from connectors.contracts.errors import NotSupported, NotYetImplemented

log = logging.getLogger(__name__)

UNCLAIMED = (NotSupported, NotYetImplemented)
"""What a connector raises of something that it does not do."""
NEWEST = 20
"""Candles asked for each time: enough for a call or two that failed."""


def follow(
    fetch: Callable[[int], Awaitable[Sequence[Candle]]],
    take: Callable[[Candle], None],
    every: float,
    troubled: Callable[[Exception | None], None],
) -> Unsubscribe:
    """Give the newest candles to `take` every `every` seconds, from now on until the way to end it is called.

    `troubled` hears of each call that failed, and with `None` of the first that did not after one.
    """

    async def run() -> None:
        failing = False
        while True:
            await asyncio.sleep(every)
            try:
                candles = await fetch(NEWEST)
            except Exception as failure:  # noqa: BLE001 - a connector is anyone's code: what is shown stays
                log.info("candles not fetched error=%s", failure)
                failing = True
                troubled(failure)
                continue
            for candle in candles:
                take(candle)
            if failing:
                failing = False
                troubled(None)

    task = asyncio.create_task(run(), name="history poll")

    async def end() -> None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    return end
