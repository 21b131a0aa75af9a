"""The connector on its own emulator, in this process."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from barfinex_exchange_bitstamp import create_connector

from catalog.model import LOCAL, MarketType
from connectors.contracts.services import ConnectorContext, ExchangeConnectorBundle
from connectors.emulator.toolkit import Emulator, running_emulator


def context(endpoints: dict[str, str], market_type: MarketType = MarketType.SPOT) -> ConnectorContext:
    return ConnectorContext(
        connector_type="bitstamp", market_type=market_type, environment=LOCAL, endpoints=endpoints
    )


@asynccontextmanager
async def connected(**options: Any) -> AsyncIterator[tuple[Emulator, ExchangeConnectorBundle]]:
    """The installed package's emulator and a bundle that is ready on it. `options` are the emulator's."""
    async with running_emulator("bitstamp", **options) as emulator:
        bundle = create_connector(context(emulator.endpoints))
        try:
            await bundle.client.ensure_ready()
            yield emulator, bundle
        finally:
            await bundle.ws.destroy()
            await bundle.client.close()


async def until(condition: Callable[[], object]) -> None:
    """Wait for a condition, for 10 s at most."""
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)
