"""From a command line's plan to running streams: connect, find the instruments, subscribe."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from typing import Any

from connectors.contracts import (
    CandleOptions,
    Credentials,
    ExchangeConnectorBundle,
    ExchangeWsManager,
    Instrument,
    OrderBookOptions,
    PriceOptions,
    TradeOptions,
    Unsubscribe,
    WireTap,
)
from connectors.contracts.errors import BarfinexError, NotSupported, NotYetImplemented, UnknownSymbol
from connectors.emulator.local import find_or_start
from connectors.runtime.manager import ExchangeManager
from connectors.runtime.package_identity import package_identity
from connectors.runtime.vault import CredentialVault
from connectors.streaming.replay import EventConsumer
from tui.command_line.problems import Failure, say, unknown
from tui.command_line.stored_choice import Wanted, stored
from tui.command_line.streams import Channel
from tui.command_line.vault_password import open_store_of
from tui.command_line.watch_plan import DEFAULT_PROFILE, WatchPlan


async def activated(
    plan: WatchPlan, cleanup: AsyncExitStack, *, tap: WireTap | None = None
) -> ExchangeConnectorBundle:
    """The plan's connector, ACTIVE until `cleanup` is left. Raises `Failure` with the reason where it is not."""
    endpoints = None
    if plan.url is not None:
        venue = await find_or_start(plan.entry.connector_type, url=plan.url)
        cleanup.push_async_callback(venue.stop)
        endpoints = venue.endpoints
    vault = CredentialVault()
    manager = ExchangeManager(plan.catalog, vault)
    cleanup.push_async_callback(manager.close)
    [instance] = await manager.activate(
        plan.entry.connector_type,
        [plan.market],
        environment=plan.environment,
        profile=plan.profile or DEFAULT_PROFILE,
        credentials=await _credentials(plan, vault),
        endpoints=endpoints,
        tap=tap,
    )
    if instance.error is not None:
        raise Failure(instance.error)
    return manager.bundle(plan.entry.connector_type, plan.market)


async def _credentials(plan: WatchPlan, vault: CredentialVault) -> Credentials | dict[str, str]:
    """Those of the profile that is named; none where none is and none are needed. Raises `BadUsage`."""
    if plan.profile is None and (plan.entry.keyless_market_data or not plan.entry.credentials):
        return {}
    wanted = Wanted(plan.entry, plan.profile or DEFAULT_PROFILE, plan.environment)
    record = await stored(vault, wanted)
    await open_store_of(vault, record, plan.password)
    package = await package_identity(plan.catalog, record.connector_type)
    return await vault.load(*record.key[:3], store=record.store, package=package) or {}


def chosen_instruments(bundle: ExchangeConnectorBundle, plan: WatchPlan) -> list[Instrument]:
    """Raises `BadUsage`."""
    found: dict[str, Instrument] = {}
    for symbol in plan.symbols:
        try:
            instrument = bundle.client.instrument(symbol)
        except UnknownSymbol:
            raise unknown(
                "symbol",
                symbol,
                bundle.client.instruments,
                where=f"on {plan.entry.connector_type} {plan.market.value}",
            ) from None
        found[instrument.symbol] = instrument
    return list(found.values())


async def subscribe(
    ws: ExchangeWsManager, plan: WatchPlan, instruments: Sequence[Instrument], consumer: EventConsumer
) -> tuple[Channel, ...]:
    """All channels at once, and those that there are; what ends them is the manager's `close`.

    A channel that the connector does not stream is told and left out. Where it streams none of them, its refusal is
    raised, as is whatever else goes wrong.
    """
    market, on_status = plan.market, consumer.status
    starts: dict[Channel, Callable[[], Coroutine[Any, Any, Unsubscribe]]] = {
        "trades": lambda: ws.subscribe_to_trade(
            TradeOptions(market_type=market, on_status=on_status, instruments=instruments), consumer.trade
        ),
        "book": lambda: ws.subscribe_to_order_book(
            OrderBookOptions(market_type=market, on_status=on_status, instruments=instruments), consumer.book
        ),
        "candles": lambda: ws.subscribe_to_candles(
            CandleOptions(
                market_type=market, on_status=on_status, instruments=instruments, interval=plan.interval
            ),
            consumer.candle,
        ),
        "prices": lambda: ws.subscribe_to_instrument_prices(
            PriceOptions(
                market_type=market,
                on_status=on_status,
                symbols=[instrument.symbol for instrument in instruments],
            ),
            consumer.price,
        ),
    }
    refusals: dict[Channel, BarfinexError] = {}

    async def start(channel: Channel) -> None:
        try:
            await starts[channel]()
        except (NotSupported, NotYetImplemented) as refusal:
            refusals[channel] = refusal

    try:
        async with asyncio.TaskGroup() as group:
            for channel in plan.channels:
                group.create_task(start(channel))
    except ExceptionGroup as failures:
        # One of them is enough to report.
        raise failures.exceptions[0] from None
    if len(refusals) == len(plan.channels):
        raise next(iter(refusals.values()))
    for refusal in refusals.values():
        say(str(refusal))
    return tuple(channel for channel in plan.channels if channel not in refusals)
