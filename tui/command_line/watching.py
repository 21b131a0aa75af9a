"""What `watch` does: activate, subscribe, print."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from itertools import product

from connectors.contracts import Instrument
from tui.command_line.event_lines import JsonLines, PlainLines
from tui.command_line.output import StreamOutput, abandon_stdout
from tui.command_line.problems import OK
from tui.command_line.streams import Channel, Outbox, Quota
from tui.command_line.subscribing import activated, chosen_instruments, subscribe
from tui.command_line.watch_plan import WatchPlan

PATIENCE = 10.0
"""Seconds for which `--count` keeps a line for a channel that has not been heard."""


async def stream(plan: WatchPlan) -> int:
    """Print until the count is reached or the reader has gone."""
    async with AsyncExitStack() as cleanup:
        bundle = await activated(plan, cleanup)
        instruments = chosen_instruments(bundle, plan)
        outbox = Outbox(depth=plan.depth)
        channels = await subscribe(bundle.ws, plan, instruments, outbox)
        await _print(plan, channels, instruments, outbox)
    return OK


async def _print(
    plan: WatchPlan, channels: Sequence[Channel], instruments: Sequence[Instrument], outbox: Outbox
) -> None:
    by_symbol = {instrument.symbol: instrument for instrument in instruments}
    lines = JsonLines(plan.entry.connector_type, plan.market) if plan.as_json else PlainLines(by_symbol)
    quota = Quota(plan.count, product(channels, by_symbol))
    giving_up = asyncio.get_running_loop().call_later(PATIENCE, quota.release)
    output = StreamOutput()
    try:
        while not quota.spent:
            heard = await outbox.batch()
            await output.write(
                b"".join(lines.line(event) for channel, symbol, event in heard if quota.take(channel, symbol))
            )
    except BrokenPipeError:
        abandon_stdout()
    finally:
        giving_up.cancel()
