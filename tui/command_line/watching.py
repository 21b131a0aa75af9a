"""What `watch` does: activate, subscribe, print."""

import asyncio
import threading
from collections.abc import Sequence
from contextlib import AsyncExitStack
from itertools import product

from connectors.contracts import Instrument
from tui.command_line.event_lines import JsonLines, Origin, PlainLines
from tui.command_line.output import StreamOutput
from tui.command_line.problems import OK
from tui.command_line.streams import Channel, Outbox, Quota
from tui.command_line.subscribing import activated, chosen_instruments, subscribe
from tui.command_line.waiting import waiting_told
from tui.command_line.watch_plan import WatchPlan

PATIENCE = 10.0
"""Seconds for which `--count` keeps a line for a channel that has not been heard."""


async def stream(plan: WatchPlan, begun: threading.Event) -> int:
    """Print until the count is reached; `begun` is set once everything is subscribed to.

    Raises `ReaderGone` and `OutputFailed`.
    """
    async with AsyncExitStack() as cleanup:
        bundle = await activated(plan, cleanup)
        instruments = chosen_instruments(bundle, plan)
        await cleanup.enter_async_context(waiting_told(bundle.ws))
        outbox = Outbox(depth=plan.depth)
        channels = await subscribe(bundle.ws, plan, instruments, outbox)
        begun.set()
        await _print(plan, channels, instruments, outbox)
    return OK


async def _print(
    plan: WatchPlan, channels: Sequence[Channel], instruments: Sequence[Instrument], outbox: Outbox
) -> None:
    by_symbol = {instrument.symbol: instrument for instrument in instruments}
    origin = Origin(plan.entry.connector_type, plan.market, plan.environment)
    lines = JsonLines(origin) if plan.as_json else PlainLines(by_symbol, origin, utc=plan.utc)
    quota = Quota(plan.count, product(channels, by_symbol))
    giving_up = asyncio.get_running_loop().call_later(PATIENCE, quota.release)
    output = StreamOutput()
    try:
        while not quota.spent:
            heard = await outbox.batch()
            await output.write(
                b"".join(lines.line(event) for channel, symbol, event in heard if quota.take(channel, symbol))
            )
    finally:
        giving_up.cancel()
