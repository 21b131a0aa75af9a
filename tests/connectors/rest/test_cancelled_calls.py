"""Calls that are given up half-way leave the client as good as new."""

import asyncio
import random

from catalog.model import MarketType
from connectors.contracts import ConnectorContext
from connectors.emulator.testing import running_emulator
from connectors.venues.binance.client import BinanceClientService
from connectors.venues.binance.endpoints import RAW, WEIGHT


async def test_cancelled_calls_use_up_no_connection():
    chance = random.Random(1)
    async with running_emulator(rate=0) as emulator:
        client = BinanceClientService(
            ConnectorContext(
                connector_type="binance",
                market_type=MarketType.SPOT,
                environment="local",
                endpoints=emulator.endpoints,
            )
        )
        try:
            for name in (WEIGHT, RAW):
                client.rest.scope.set_limit(name, 10**9, 1.0)
            for turn in range(60):
                # More than there are connections: some wait, some are connecting, some are being answered.
                calls = [asyncio.create_task(client.get(client.endpoints.time)) for _ in range(14)]
                patience = chance.choice((0.005, 0.02, 0.05))
                await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED, timeout=patience)
                for _ in range(turn % 4):
                    await asyncio.sleep(0)
                for call in calls:
                    call.cancel()
                await asyncio.gather(*calls, return_exceptions=True)
            async with asyncio.timeout(3):
                assert b"serverTime" in await client.get(client.endpoints.time)
        finally:
            await client.close()
        assert [task for task in asyncio.all_tasks() if "exchange" in task.get_name()] == []
