import sys
from decimal import Decimal
from pathlib import Path

import pytest

from catalog.catalog import Catalog
from catalog.model import MarketType
from connectors.contracts import ConnectorContext, Instrument, OrderRequest, OrderType
from connectors.contracts.errors import BrokenConnector, ComingSoon, NotSupported, UnknownConnector
from connectors.runtime.factory import ExchangeConnectorFactory
from tests.connectors.runtime import plugin_code
from tests.connectors.runtime.conftest import Install


def context(connector_type: str = "acme") -> ConnectorContext:
    return ConnectorContext(
        connector_type=connector_type,
        market_type=MarketType.SPOT,
        environment="testnet",
        endpoints={"rest": "x:1"},
    )


def test_a_complete_connector_is_made_and_imported_only_then(install: Install, tmp_path: Path) -> None:
    install()
    factory = ExchangeConnectorFactory(Catalog.load())
    ours = [name for name in sys.modules if name.startswith("plugin_acme")]
    assert ours == []
    bundle = factory.create(context())
    assert bundle.client.instruments == {}
    assert any(name.startswith("plugin_acme") for name in sys.modules)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (plugin_code.IMPORT_ERROR, "No module named 'a_package_that_is_not_installed'"),
        (plugin_code.RAISES, "RuntimeError: apiSecret=***"),
        (plugin_code.EXITS, "SystemExit: 3"),
        (plugin_code.WRONG_OBJECT, "it returned a dict, not an ExchangeConnectorBundle"),
        (plugin_code.NOTHING, "it returned nothing, not an ExchangeConnectorBundle"),
        (plugin_code.ASYNCHRONOUS, "it returned a coroutine"),
        (plugin_code.NOT_A_FUNCTION, "is a int, not a function"),
        (plugin_code.FAILS_TO_START, "it failed to start: KeyError: 'rest'"),
    ],
)
def test_what_is_wrong_with_a_connector_is_said(install: Install, code: str, reason: str) -> None:
    install("acme", code)
    with pytest.raises(BrokenConnector) as caught:
        ExchangeConnectorFactory(Catalog.load()).create(context())
    assert reason in caught.value.reason
    assert "ABCDEF0123456789" not in str(caught.value)


def test_every_missing_part_is_named(install: Install) -> None:
    install("acme", plugin_code.INCOMPLETE)
    with pytest.raises(BrokenConnector) as caught:
        ExchangeConnectorFactory(Catalog.load()).create(context())
    for part in (
        "client.instrument is missing",
        "client.set_credentials must not be a coroutine",
        "ws.subscribe_to_candles is missing",
        "order_api.open_order must be a coroutine",
        "adapters.convert_time_frame is missing",
    ):
        assert part in caught.value.reason


def test_unknown_and_coming_soon_say_so() -> None:
    factory = ExchangeConnectorFactory(Catalog.load())
    with pytest.raises(UnknownConnector, match="unknown connector 'nosuch'"):
        factory.create(context("nosuch"))
    with pytest.raises(ComingSoon, match="coming soon"):
        factory.create(context("degiro"))


async def test_a_data_provider_takes_no_orders_whatever_its_code_would_do(install: Install) -> None:
    install("acme", segment="MARKET_DATA")
    orders = ExchangeConnectorFactory(Catalog.load()).create(context()).order_api
    instrument = Instrument("BTCUSDT", "BTC", "USDT", "BTCUSDT", MarketType.SPOT)
    request = OrderRequest(instrument, "buy", OrderType.MARKET, Decimal(1))
    calls = [
        orders.open_order(request),
        orders.close_order(instrument, order_id="1"),
        orders.close_all_orders(),
        orders.get_open_orders(),
    ]
    for call in calls:
        with pytest.raises(NotSupported, match="Acme is a data provider: it takes no orders"):
            await call
