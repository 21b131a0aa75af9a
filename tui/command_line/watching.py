"""What `watch` does: activate, subscribe, print."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from itertools import product
from typing import Any

from connectors.contracts import (
    CandleOptions,
    ExchangeConnectorBundle,
    ExchangeWsManager,
    Instrument,
    OrderBookOptions,
    PriceOptions,
    TradeOptions,
    Unsubscribe,
    normalise_symbol,
)
from connectors.contracts.errors import UnknownSymbol
from connectors.emulator.local import find_or_start
from connectors.runtime.manager import ExchangeManager
from connectors.runtime.vault import CredentialVault
from tui.command_line.event_lines import JsonLines, PlainLines
from tui.command_line.output import StreamOutput, abandon_stdout
from tui.command_line.problems import FAILED, OK, say, unknown
from tui.command_line.streams import Channel, Outbox, Quota
from tui.command_line.watch_plan import WatchPlan

PATIENCE = 10.0
"""Seconds for which `--count` keeps a line for a channel that has not been heard."""


async def stream(plan: WatchPlan) -> int:
    """Print until the count is reached or the reader has gone."""
    async with AsyncExitStack() as cleanup:
        endpoints = None
        if plan.url is not None:
            venue = await find_or_start(plan.entry.connector_type, url=plan.url)
            cleanup.push_async_callback(venue.stop)
            endpoints = venue.endpoints
        manager = ExchangeManager(plan.catalog, CredentialVault())
        cleanup.push_async_callback(manager.close)
        [instance] = await manager.activate(
            plan.entry.connector_type,
            [plan.market],
            environment=plan.environment,
            credentials={} if plan.entry.keyless_market_data else None,
            endpoints=endpoints,
        )
        if instance.error is not None:
            say(instance.error)
            return FAILED
        bundle = manager.bundle(plan.entry.connector_type, plan.market)
        instruments = _instruments(bundle, plan)
        outbox = Outbox(depth=plan.depth)
        await _subscribe(bundle.ws, plan, instruments, outbox)
        await _print(plan, instruments, outbox)
    return OK


def _instruments(bundle: ExchangeConnectorBundle, plan: WatchPlan) -> list[Instrument]:
    found: dict[str, Instrument] = {}
    for symbol in plan.symbols:
        try:
            instrument = bundle.client.instrument(symbol)
        except UnknownSymbol:
            raise unknown(
                "symbol",
                normalise_symbol(symbol),
                bundle.client.instruments,
                where=f"on {plan.entry.connector_type} {plan.market.value}",
            ) from None
        found[instrument.symbol] = instrument
    return list(found.values())


async def _subscribe(
    ws: ExchangeWsManager, plan: WatchPlan, instruments: Sequence[Instrument], outbox: Outbox
) -> None:
    """All channels at once; what ends them is the manager's `close`."""
    market, on_status = plan.market, outbox.status
    starts: dict[Channel, Callable[[], Coroutine[Any, Any, Unsubscribe]]] = {
        "trades": lambda: ws.subscribe_to_trade(
            TradeOptions(market_type=market, on_status=on_status, instruments=instruments), outbox.trade
        ),
        "book": lambda: ws.subscribe_to_order_book(
            OrderBookOptions(market_type=market, on_status=on_status, instruments=instruments), outbox.book
        ),
        "candles": lambda: ws.subscribe_to_candles(
            CandleOptions(
                market_type=market, on_status=on_status, instruments=instruments, interval=plan.interval
            ),
            outbox.candle,
        ),
        "prices": lambda: ws.subscribe_to_instrument_prices(
            PriceOptions(
                market_type=market,
                on_status=on_status,
                symbols=[instrument.symbol for instrument in instruments],
            ),
            outbox.price,
        ),
    }
    async with asyncio.TaskGroup() as group:
        for channel in plan.channels:
            group.create_task(starts[channel]())


async def _print(plan: WatchPlan, instruments: Sequence[Instrument], outbox: Outbox) -> None:
    by_symbol = {instrument.symbol: instrument for instrument in instruments}
    lines = JsonLines(plan.entry.connector_type, plan.market) if plan.as_json else PlainLines(by_symbol)
    quota = Quota(plan.count, product(plan.channels, by_symbol))
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
