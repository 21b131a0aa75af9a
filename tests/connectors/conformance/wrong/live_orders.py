"""Order APIs with one defect each."""

import dataclasses

from connectors.contracts.errors import OrderOutcomeUnknown, VenueError
from connectors.contracts.orders import OrderFate
from tests.connectors.conformance.ordering import OrderApi, trading
from tests.connectors.conformance.wrong.live_registry import WRONG, Wrong


def wrong_orders(caught_by: str, says: str):
    def register(made: type[OrderApi]) -> type[OrderApi]:
        features = {"order_execution": True}
        WRONG[made.__name__] = Wrong(made.__name__, trading(made), caught_by, says, made.__module__, features)
        return made

    return register


@wrong_orders("O01", "so is the quantity")
class SendsMore(OrderApi):
    async def open_order(self, request):
        return await super().open_order(dataclasses.replace(request, quantity=request.quantity * 2))


@wrong_orders("O02", "is REJECTED")
class TakesARejectionForAcceptance(OrderApi):
    async def open_order(self, request):
        try:
            return await super().open_order(request)
        except VenueError:
            told = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "origQty": "1", "executedQty": "0"}
            rest = {
                "price": "1",
                "status": "NEW",
                "orderId": 1,
                "clientOrderId": "x",
                "cummulativeQuoteQty": "0",
            }
            return self._order({**told, **rest})


@wrong_orders("O03", "is UNKNOWN")
class TakesALostAnswerForARejection(OrderApi):
    async def open_order(self, request):
        try:
            return await super().open_order(request)
        except OrderOutcomeUnknown:
            listed = (await self.get_open_orders(request.instrument))[0]
            return dataclasses.replace(listed, fate=OrderFate.REJECTED)


@wrong_orders("O04", "raises DuplicateOrder")
class RenamesOrders(OrderApi):
    async def open_order(self, request):
        return await super().open_order(dataclasses.replace(request, client_order_id=None))


@wrong_orders("O05", "raises OrderNotFound")
class ClosesWhatIsNotThere(OrderApi):
    async def close_order(self, instrument, *, order_id=None, client_order_id=None):
        named = await self.get_open_orders(instrument)
        order = next((one for one in named if order_id in (None, one.order_id)), None)
        closed = await super().close_order(instrument, order_id=order.order_id) if order else None
        return closed or dataclasses.replace(self.last)

    last = None

    async def open_order(self, request):
        self.last = await super().open_order(request)
        return self.last


@wrong_orders("O06", "two orders were closed")
class ClosesEveryonesOrders(OrderApi):
    async def close_all_orders(self, instrument=None):
        return await super().close_all_orders()


@wrong_orders("O07", "raises InvalidOrder")
class RoundsSilently(OrderApi):
    def check(self, request):
        """It is rounded below."""

    async def open_order(self, request):
        tick, lot = request.instrument.tick_size, request.instrument.lot_size
        price, quantity = request.price // tick * tick, request.quantity // lot * lot
        return await super().open_order(dataclasses.replace(request, price=price, quantity=quantity))


@wrong_orders("O08", "numbers are Decimal")
class CountsInFloats(OrderApi):
    def _order(self, told):
        order = super()._order(told)
        return dataclasses.replace(order, quantity=float(order.quantity))


@wrong_orders("O09", "an order is sent once")
class SendsAgain(OrderApi):
    repeats = True


@wrong_orders("O10", "PARTIALLY_FILLED")
class KnowsNoPartialFills(OrderApi):
    def _order(self, told):
        order = super()._order(told)
        return dataclasses.replace(order, status="FILLED" if order.filled_quantity else order.status)
