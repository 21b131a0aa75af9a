"""Orders on Binance's spot protocol, for the kit's own tests: no connector of ours takes orders yet."""

import secrets
from decimal import Decimal
from typing import Any

import msgspec

from connectors.contracts.errors import (
    ConnectionFailed,
    InvalidOrder,
    OrderOutcomeUnknown,
    RequestTimeout,
    VenueUnavailable,
)
from connectors.contracts.orders import Order, OrderFate, OrderRequest
from connectors.contracts.services import ConnectorContext, ExchangeConnectorBundle
from connectors.rest.requests import RestRequest
from connectors.venues.binance.client import BinanceClientService
from tests.connectors.conformance.wrong.live_registry import binance_with

_ORDER, _OPEN = "/api/v3/order", "/api/v3/openOrders"


class OrderApi:
    repeats = False

    def __init__(self, client: BinanceClientService) -> None:
        self._client = client

    async def open_order(self, request: OrderRequest) -> Order:
        self.check(request)
        client_id = request.client_order_id or f"t{secrets.token_hex(8)}"
        params = {
            "symbol": request.instrument.venue_symbol,
            "side": request.side.upper(),
            "type": request.type.value,
            "timeInForce": request.time_in_force.value if request.time_in_force else "",
            "quantity": f"{request.quantity:f}",
            "price": f"{request.price:f}" if request.price is not None else "",
            "newClientOrderId": client_id,
        }
        try:
            return self._order(await self._call("POST", _ORDER, params))
        except (VenueUnavailable, ConnectionFailed, RequestTimeout) as error:
            raise OrderOutcomeUnknown(f"look order {client_id} up: {error}") from error

    def check(self, request: OrderRequest) -> None:
        for number, step in (
            (request.price, request.instrument.tick_size),
            (request.quantity, request.instrument.lot_size),
        ):
            if number is not None and step is not None and number % step:
                raise InvalidOrder(f"{number} is no multiple of {step}")

    async def close_order(self, instrument, *, order_id=None, client_order_id=None) -> Order:
        params = {
            "symbol": instrument.venue_symbol,
            "orderId": order_id or "",
            "origClientOrderId": client_order_id or "",
        }
        return self._order(await self._call("DELETE", _ORDER, params))

    async def close_all_orders(self, instrument=None) -> list[Order]:
        return [
            await self.close_order(self._client.instrument(order.symbol), order_id=order.order_id)
            for order in await self.get_open_orders(instrument)
        ]

    async def get_open_orders(self, instrument=None) -> list[Order]:
        params = {"symbol": instrument.venue_symbol} if instrument else {}
        return [self._order(one) for one in await self._call("GET", _OPEN, params)]

    async def _call(self, method: str, path: str, params: dict[str, str]) -> Any:
        given = tuple((name, value) for name, value in params.items() if value)
        repeatable = True if self.repeats else None
        request = RestRequest(path=path, method=method, params=given, signed=True, repeatable=repeatable)
        return msgspec.json.decode(await self._client.rest.call(request))

    def _order(self, told: dict[str, Any]) -> Order:
        filled, quote = Decimal(told["executedQty"]), Decimal(told["cummulativeQuoteQty"])
        return Order(
            symbol=self._client.instrument(told["symbol"]).symbol,
            side="buy" if told["side"] == "BUY" else "sell",
            type=told["type"],
            quantity=Decimal(told["origQty"]),
            filled_quantity=filled,
            price=Decimal(told["price"]),
            status=told["status"],
            fate=OrderFate.ACCEPTED,
            order_id=str(told["orderId"]),
            client_order_id=told.get("origClientOrderId") or told["clientOrderId"],
            timestamp=told.get("transactTime") or told.get("time") or 0,
            average_price=quote / filled if filled else None,
        )


def trading(orders: type[OrderApi] = OrderApi):
    """What makes Binance's connector with an order API."""

    def make(context: ConnectorContext) -> ExchangeConnectorBundle:
        made: list[OrderApi] = []

        def client(context: ConnectorContext) -> BinanceClientService:
            service = BinanceClientService(context)
            made.append(orders(service))
            return service

        return binance_with(context, client=client, orders=lambda: made[0])

    return make
