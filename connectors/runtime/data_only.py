"""The order API of an entry that takes no orders."""

from collections.abc import Sequence
from dataclasses import replace

from connectors.contracts.errors import NotSupported
from connectors.contracts.instruments import Instrument
from connectors.contracts.orders import Order, OrderRequest
from connectors.contracts.services import ExchangeConnectorBundle


class RefusedOrders:
    """Every call raises `NotSupported`, whatever the connector's own order API would have done."""

    def __init__(self, display_name: str) -> None:
        self._refusal = f"{display_name} is a data provider: it takes no orders"

    async def open_order(self, request: OrderRequest) -> Order:
        raise NotSupported(self._refusal)

    async def close_order(
        self, instrument: Instrument, *, order_id: str | None = None, client_order_id: str | None = None
    ) -> Order:
        raise NotSupported(self._refusal)

    async def close_all_orders(self, instrument: Instrument | None = None) -> Sequence[Order]:
        raise NotSupported(self._refusal)

    async def get_open_orders(self, instrument: Instrument | None = None) -> Sequence[Order]:
        raise NotSupported(self._refusal)


def refuse_orders(bundle: ExchangeConnectorBundle, display_name: str) -> ExchangeConnectorBundle:
    return replace(bundle, order_api=RefusedOrders(display_name))
