"""Orders on Binance: not in this release, and said so by name."""

from collections.abc import Sequence
from typing import NoReturn

from connectors.contracts.errors import NotYetImplemented
from connectors.contracts.instruments import Instrument
from connectors.contracts.orders import Order, OrderRequest


class BinanceOrderApi:
    """Every call raises `NotYetImplemented` before anything is sent."""

    async def open_order(self, request: OrderRequest) -> Order:
        _later()

    async def close_order(
        self, instrument: Instrument, *, order_id: str | None = None, client_order_id: str | None = None
    ) -> Order:
        _later()

    async def close_all_orders(self, instrument: Instrument | None = None) -> Sequence[Order]:
        _later()

    async def get_open_orders(self, instrument: Instrument | None = None) -> Sequence[Order]:
        _later()


def _later() -> NoReturn:
    raise NotYetImplemented("orders for Binance come in a later release")
