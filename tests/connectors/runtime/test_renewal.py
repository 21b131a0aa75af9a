"""The instruments of what runs are renewed, and nothing is left when it ends."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from catalog.catalog import Catalog
from connectors.emulator.listing_changes import ListingChange
from connectors.emulator.testing import running_emulator
from connectors.runtime.manager import ExchangeManager
from connectors.runtime.renewal import keep_renewed
from connectors.runtime.vault import CredentialVault
from tests.connectors.streaming.scripted import until


async def test_a_failed_look_is_not_the_last():
    looks = 0

    async def look() -> None:
        nonlocal looks
        looks += 1
        raise RuntimeError("a stranger's code")

    bundle: Any = SimpleNamespace(market_api=SimpleNamespace(get_instruments_info=look))
    task = asyncio.create_task(keep_renewed(bundle, "x:spot", every=0.001))
    await until(lambda: looks >= 3)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_new_listing_is_known_without_reactivation(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("connectors.runtime.renewal.RENEW_EVERY", 0.02)
    manager = ExchangeManager(Catalog.load(), CredentialVault())
    async with running_emulator() as emulator:
        await manager.activate(
            "binance", ["spot"], environment="local", credentials={}, endpoints=emulator.endpoints
        )
        bundle = manager.bundle("binance", "spot")
        emulator.change_listing(ListingChange("NEWUSDT", base="NEW", quote="USDT"))
        await until(lambda: "NEWUSDT" in bundle.client.instruments)
        await manager.close()
    assert [task for task in asyncio.all_tasks() if "renew" in task.get_name()] == []
