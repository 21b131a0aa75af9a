"""The parts of a bundle that a connector does not have: every call is refused by a typed error.

A connector that only reads markets is whole with these in the places of its account and order APIs.
"""

from collections.abc import Sequence
from typing import NoReturn

from connectors.contracts.errors import NotSupported, NotYetImplemented
from connectors.contracts.instruments import Instrument
from connectors.contracts.orders import AccountInfo, AssetsInfo, Order, OrderRequest

Refusal = type[NotSupported] | type[NotYetImplemented]
"""`NotSupported` where the venue has no such thing, `NotYetImplemented` where the connector does not do it yet."""


class RefusedOrders:
    """Implements `ExchangeOrderApi`: every call raises `kind(reason)`."""

    def __init__(self, reason: str, kind: Refusal = NotSupported) -> None:
        self._reason = reason
        self._kind = kind

    async def open_order(self, request: OrderRequest) -> Order:
        self._refuse()

    async def close_order(
        self, instrument: Instrument, *, order_id: str | None = None, client_order_id: str | None = None
    ) -> Order:
        self._refuse()

    async def close_all_orders(self, instrument: Instrument | None = None) -> Sequence[Order]:
        self._refuse()

    async def get_open_orders(self, instrument: Instrument | None = None) -> Sequence[Order]:
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise self._kind(self._reason)


class RefusedAccount:
    """Implements `ExchangeAccountApi`: every call raises `kind(reason)`."""

    def __init__(self, reason: str, kind: Refusal = NotSupported) -> None:
        self._reason = reason
        self._kind = kind

    async def get_assets_info(self) -> AssetsInfo:
        raise self._kind(self._reason)

    async def get_account_info(self) -> AccountInfo:
        raise self._kind(self._reason)
