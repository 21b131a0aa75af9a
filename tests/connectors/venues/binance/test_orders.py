from decimal import Decimal

import pytest

from catalog.model import MarketType
from connectors.contracts import Instrument, OrderRequest, OrderType
from connectors.contracts.errors import NotYetImplemented
from connectors.venues.binance.orders import order_api

INSTRUMENT = Instrument("BTCUSDT", "BTC", "USDT", "BTCUSDT", MarketType.SPOT)
REQUEST = OrderRequest(instrument=INSTRUMENT, side="buy", type=OrderType.MARKET, quantity=Decimal(1))


async def test_every_order_call_is_refused_by_name() -> None:
    orders = order_api()
    for call in (
        orders.open_order(REQUEST),
        orders.close_order(INSTRUMENT, order_id="1"),
        orders.close_all_orders(INSTRUMENT),
        orders.get_open_orders(),
    ):
        with pytest.raises(NotYetImplemented, match="orders for Binance come in a later release"):
            await call
