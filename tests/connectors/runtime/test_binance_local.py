"""The whole path for one real connector: catalog, factory, manager, Binance's code, the emulator."""

import asyncio

from catalog.catalog import Catalog
from connectors.contracts import TradeOptions
from connectors.emulator.testing import running_emulator
from connectors.runtime.instances import ConnectorStatus
from connectors.runtime.manager import ExchangeManager
from connectors.runtime.vault import CredentialVault


async def test_binance_is_activated_streams_and_leaves_nothing(vault: CredentialVault) -> None:
    async with running_emulator("binance") as emulator:
        before = asyncio.all_tasks()
        manager = ExchangeManager(Catalog.load(), vault)
        (instance,) = await manager.activate(
            "binance", ["spot"], environment="local", endpoints=emulator.endpoints
        )
        assert instance.error is None
        assert instance.status is ConnectorStatus.ACTIVE
        assert instance.instrument_count > 0
        bundle = manager.bundle("binance", "spot")
        heard = asyncio.Event()
        await bundle.ws.subscribe_to_trade(
            TradeOptions(market_type=instance.market_type, instruments=[bundle.client.instrument("BTCUSDT")]),
            lambda _: heard.set(),
        )
        await asyncio.wait_for(heard.wait(), 20)
        running = manager.instance("binance", "spot")
        assert running is not None
        assert running.subscription_count == 1
        await manager.deactivate("binance")
        assert manager.instances() == []
        await manager.close()
        # The emulator's own tasks for our connections end a moment later.
        async with asyncio.timeout(10):
            while left := {
                task for task in asyncio.all_tasks() - before if "emulator" not in repr(task.get_coro())
            }:
                await asyncio.wait(left)
