import dataclasses
import subprocess
import sys

import pytest

from catalog.model import MarketType
from connectors.contracts import ConnectorContext
from connectors.contracts.errors import UnsupportedMarket, UsageError
from connectors.venues.binance import create_connector


def context(market: MarketType = MarketType.SPOT, rest: str = "https://api.binance.com") -> ConnectorContext:
    return ConnectorContext(
        connector_type="binance",
        market_type=market,
        environment="live",
        endpoints={
            "rest": rest,
            "ws": "wss://stream.binance.com:9443",
            "ws_api": "wss://ws-api.binance.com:443/ws-api/v3",
        },
    )


async def test_a_bundle_is_whole_and_goes_without_having_connected() -> None:
    bundle = create_connector(context())
    assert all(getattr(bundle, field.name) is not None for field in dataclasses.fields(bundle))
    await bundle.ws.destroy()
    await bundle.client.close()


def test_a_market_or_an_address_there_is_not_is_refused() -> None:
    with pytest.raises(UnsupportedMarket):
        create_connector(context(MarketType.MARGIN))
    with pytest.raises(UsageError):
        create_connector(context(rest="http://api.binance.com"))


def test_naming_the_connector_imports_none_of_it() -> None:
    code = "import sys, connectors.venues.binance; print({'httpx', 'websockets'} & set(sys.modules))"
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert found.stdout.strip() == "set()"
