"""Order operations: the venue's checks before the engine, and its answers after it."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from connectors.emulator.binance.core import Call, Core, Operation, Security, names
from connectors.emulator.binance.errors import (
    BAD_COMBINATION,
    BAD_SIDE,
    BAD_TIME_IN_FORCE,
    BAD_TYPE,
    CLOSED,
    NO_ORDER,
    VenueRefusal,
    filter_failure,
    missing,
    not_required,
    refused,
)
from connectors.emulator.binance.exchange_info import (
    MAX_NOTIONAL,
    MAX_OPEN_ORDERS,
    PRICE_BAND_DOWN,
    PRICE_BAND_UP,
    market_max,
)
from connectors.emulator.binance.order_payloads import cancelled, order_row, placed, placed_ack
from connectors.emulator.binance.params import Params
from connectors.emulator.instruments import Instrument
from connectors.emulator.listing import Listing
from connectors.emulator.orders import (
    Order,
    OrderRefused,
    OrderType,
    Placement,
    Refusal,
    Side,
    TimeInForce,
)

_PLACE = names(
    "symbol side type timeInForce quantity quoteOrderQty price newClientOrderId newOrderRespType "
    "selfTradePreventionMode strategyId strategyType"
)
_FIND = names("symbol orderId origClientOrderId")
_SIDES = {side.value: side for side in Side}
_TYPES = {kind.value: kind for kind in OrderType}
_TIMES = {kind.value: kind for kind in TimeInForce}


def trading_operations(core: Core) -> dict[str, Operation]:
    trading = _Trading(core)
    trade, read = Security.TRADE, Security.USER_DATA
    return {
        "order.place": Operation(trading.place, 1, _PLACE, trade, places_order=True),
        "order.test": Operation(trading.test, 1, _PLACE | names("computeCommissionRates"), trade),
        "order.status": Operation(trading.status, 4, _FIND, read),
        "order.cancel": Operation(
            trading.cancel, 1, _FIND | names("newClientOrderId cancelRestrictions"), trade
        ),
        "openOrders.status": Operation(
            trading.open_orders, lambda params: 6 if "symbol" in params else 80, names("symbol"), read
        ),
        "openOrders.cancelAll": Operation(trading.cancel_all, 1, names("symbol"), trade),
        "allOrders": Operation(trading.all_orders, 20, names("symbol orderId startTime endTime limit"), read),
    }


class _Trading:
    def __init__(self, core: Core) -> None:
        self._core = core
        self._engine = core.market.engine

    # --- placing ---------------------------------------------------------------------------------------------------

    def place(self, call: Call) -> Any:
        order_type, arguments, answer = self._checked(call)
        account = call.account
        try:
            placement = self._engine.place(account, now=call.now, order_type=order_type, **arguments)
        except OrderRefused as refusal:
            raise refused(refusal.reason) from None
        self._core.market.touched(placement.order)
        return answer(placement)

    def test(self, call: Call) -> Any:
        """All the checks, and nothing placed."""
        self._checked(call)
        return {}

    def _checked(self, call: Call) -> tuple[OrderType, dict[str, Any], Callable[[Placement], Any]]:
        params = call.params
        symbol = params.symbol()
        side = params.choice("side", _SIDES, BAD_SIDE)
        order_type = params.choice("type", _TYPES, BAD_TYPE)
        listing = self._core.listing(symbol)
        if not listing.trading:
            raise VenueRefusal(*CLOSED)
        client_id = params.client_id("newClientOrderId")
        kind = params.optional("newOrderRespType") or (
            "ACK" if order_type is OrderType.LIMIT_MAKER else "FULL"
        )
        if kind not in ("ACK", "RESULT", "FULL"):
            raise VenueRefusal(-1100, "Illegal characters found in parameter 'newOrderRespType'.")
        arguments = self._amounts(params, order_type, listing)
        if len(self._engine.open_orders(call.account, symbol)) >= MAX_OPEN_ORDERS:
            raise filter_failure("MAX_NUM_ORDERS")
        arguments |= {"instrument": listing.instrument, "side": side, "client_id": client_id or ""}

        def answer(placement: Placement) -> Any:
            return placed_ack(self._core, placement) if kind == "ACK" else placed(self._core, placement, kind)

        return order_type, arguments, answer

    def _amounts(self, params: Params, order_type: OrderType, listing: Listing) -> dict[str, Any]:
        instrument = listing.instrument
        quantity, price = params.decimal("quantity"), params.decimal("price")
        value = params.decimal("quoteOrderQty")
        if order_type is OrderType.MARKET:
            for name in ("timeInForce", "price"):
                if name in params:
                    raise not_required(name)
            if quantity is not None and value is not None:
                raise VenueRefusal(*BAD_COMBINATION)
            if value is not None:
                _check_notional(instrument, value)
                return {"quote_quantity": value}
            lots = _lots(instrument, quantity, most=market_max(instrument))
            _check_notional(instrument, instrument.price(listing.last_price) * instrument.quantity(lots))
            return {"quantity": lots}
        if value is not None:
            raise not_required("quoteOrderQty")
        time_in_force = TimeInForce.GTC
        if order_type is OrderType.LIMIT:
            time_in_force = params.choice("timeInForce", _TIMES, BAD_TIME_IN_FORCE)
        elif "timeInForce" in params:
            raise not_required("timeInForce")
        lots = _lots(instrument, quantity, most=instrument.max_quantity)
        ticks = _ticks(instrument, price)
        band_down = listing.last_price * PRICE_BAND_DOWN
        if not band_down <= ticks <= listing.last_price * PRICE_BAND_UP:
            raise filter_failure("PERCENT_PRICE_BY_SIDE")
        _check_notional(instrument, instrument.price(ticks) * instrument.quantity(lots), most=MAX_NOTIONAL)
        return {"quantity": lots, "price": ticks, "time_in_force": time_in_force}

    # --- finding and cancelling ------------------------------------------------------------------------------------

    def status(self, call: Call) -> Any:
        return order_row(self._core, self._find(call, VenueRefusal(*NO_ORDER)))

    def cancel(self, call: Call) -> Any:
        order = self._find(call, refused(Refusal.UNKNOWN_ORDER))
        only = call.params.optional("cancelRestrictions")
        wanted = {"ONLY_NEW": "NEW", "ONLY_PARTIALLY_FILLED": "PARTIALLY_FILLED"}
        if only is not None and only not in wanted:
            raise VenueRefusal(*BAD_COMBINATION)
        if only is not None and order.open and order.status.value != wanted[only]:
            raise VenueRefusal(-2011, "Order was not canceled due to cancel restrictions.")
        return self._cancel(order, call.now, call.params.client_id("newClientOrderId"))

    def cancel_all(self, call: Call) -> Any:
        listing = self._core.listing(call.params.symbol())
        orders = self._engine.open_orders(call.account, listing.instrument.symbol)
        if not orders:
            raise refused(Refusal.UNKNOWN_ORDER)
        return [self._cancel(order, call.now, None) for order in orders]

    def open_orders(self, call: Call) -> Any:
        symbol = (
            self._core.listing(call.params.symbol()).instrument.symbol if "symbol" in call.params else None
        )
        return [order_row(self._core, order) for order in self._engine.open_orders(call.account, symbol)]

    def all_orders(self, call: Call) -> Any:
        params = call.params
        symbol = self._core.listing(params.symbol()).instrument.symbol
        first, start, end = params.integer("orderId"), params.integer("startTime"), params.integer("endTime")
        orders = [
            order
            for order in self._engine.orders(call.account, symbol)
            if (first is None or order.id >= first)
            and (start is None or self._core.stamp(order.created) >= start)
            and (end is None or self._core.stamp(order.created) <= end)
        ]
        limit = params.limit(500, 1_000)
        shown = orders[-limit:] if first is None and start is None else orders[:limit]
        return [order_row(self._core, order) for order in shown]

    def _find(self, call: Call, otherwise: VenueRefusal) -> Order:
        params = call.params
        symbol = self._core.listing(params.symbol()).instrument.symbol
        order_id, client_id = params.integer("orderId"), params.optional("origClientOrderId")
        if order_id is None and client_id is None:
            raise VenueRefusal(
                -1102, "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!"
            )
        order = self._engine.find_order(call.account, symbol, order_id=order_id, client_id=client_id)
        if order is None:
            raise otherwise
        return order

    def _cancel(self, order: Order, now: int, new_client_id: str | None) -> dict[str, Any]:
        try:
            self._engine.cancel(order, now)
        except OrderRefused as refusal:
            raise refused(refusal.reason) from None
        self._core.market.touched(order)
        return cancelled(self._core, order, new_client_id or f"c{order.id}")


def _lots(instrument: Instrument, quantity: Decimal | None, *, most: int) -> int:
    if quantity is None:
        raise missing("quantity")
    if quantity <= 0:
        raise VenueRefusal(-1013, "Invalid quantity.")
    lots = quantity / instrument.lot
    if lots != int(lots) or lots < 1 or lots > instrument.max_quantity:
        raise filter_failure("LOT_SIZE")
    if lots > most:
        raise filter_failure("MARKET_LOT_SIZE")
    return int(lots)


def _ticks(instrument: Instrument, price: Decimal | None) -> int:
    if price is None:
        raise missing("price")
    if price <= 0:
        raise VenueRefusal(-1013, "Invalid price.")
    ticks = price / instrument.tick
    if ticks != int(ticks) or ticks > instrument.max_price:
        raise filter_failure("PRICE_FILTER")
    return int(ticks)


def _check_notional(instrument: Instrument, value: Decimal, *, most: Decimal | None = None) -> None:
    if value < instrument.min_notional or (most is not None and value > most):
        raise filter_failure("NOTIONAL")
