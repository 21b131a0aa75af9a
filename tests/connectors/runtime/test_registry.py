import asyncio
import time

import pytest

from catalog.catalog import Catalog
from catalog.model import MarketType
from connectors.contracts import ConnectorContext
from connectors.runtime import registry as module
from connectors.runtime.factory import ExchangeConnectorFactory
from connectors.runtime.registry import ExchangeConnectorRegistry
from tests.connectors.runtime import plugin_code
from tests.connectors.runtime.conftest import Install, Venue

NEVER_ENDS = plugin_code.WORKING + (
    "\n\nasync def never(self):\n    await asyncio.Event().wait()\n\nWs.destroy = never\n"
)


async def test_a_pair_is_held_once_and_destroyed_within_bounds(
    install: Install, venue: Venue, monkeypatch: pytest.MonkeyPatch
) -> None:
    install("acme", NEVER_ENDS)
    monkeypatch.setattr(module, "DESTROY_TIMEOUT", 0.1)
    bundle = ExchangeConnectorFactory(Catalog.load()).create(
        ConnectorContext(
            connector_type="acme",
            market_type=MarketType.SPOT,
            environment="testnet",
            endpoints=venue.endpoints,
        )
    )
    registry = ExchangeConnectorRegistry()
    registry.add("acme", MarketType.SPOT, bundle)
    assert registry.keys() == ("acme:spot",)
    assert registry.get("acme", MarketType.SPOT) is bundle
    with pytest.raises(ValueError, match="acme:spot is registered already"):
        registry.add("acme", MarketType.SPOT, bundle)
    started = time.monotonic()
    async with asyncio.timeout(10):
        await registry.remove("acme", MarketType.SPOT)
        await registry.remove("acme", MarketType.SPOT)
    assert time.monotonic() - started < 5
    assert registry.get("acme", MarketType.SPOT) is None
    assert venue.asked == ["BYE client"]
