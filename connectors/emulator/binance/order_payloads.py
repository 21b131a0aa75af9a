"""Orders and fills as the venue writes them, in answers and in account events."""

from decimal import Decimal
from typing import Any

from connectors.emulator.binance.core import Core
from connectors.emulator.orders import Fill, Order, OrderStatus, OrderType, Placement

_NOUGHT = "0.00000000"


def amount(value: Decimal) -> str:
    return f"{value:.8f}"


def _time_in_force(order: Order) -> str:
    return "GTC" if order.type is OrderType.MARKET else order.time_in_force.value


def _common(order: Order) -> dict[str, Any]:
    instrument = order.instrument
    return {
        "price": instrument.price_text(order.price),
        "origQty": instrument.quantity_text(order.quantity),
        "executedQty": instrument.quantity_text(order.filled),
        "origQuoteOrderQty": amount(order.quote_quantity or Decimal(0)),
        "cummulativeQuoteQty": instrument.notional_text(order.filled_notional),
        "status": order.status.value,
        "timeInForce": _time_in_force(order),
        "type": order.type.value,
        "side": order.side.value,
    }


def placed_ack(core: Core, placement: Placement) -> dict[str, Any]:
    order = placement.order
    return {
        "symbol": order.instrument.symbol,
        "orderId": order.id,
        "orderListId": -1,
        "clientOrderId": order.client_id,
        "transactTime": core.stamp(order.updated),
    }


def placed(core: Core, placement: Placement, kind: str) -> dict[str, Any]:
    order = placement.order
    answer = {
        **placed_ack(core, placement),
        **_common(order),
        "workingTime": core.stamp(order.created),
        "selfTradePreventionMode": "NONE",
    }
    if kind == "FULL":
        answer["fills"] = [
            {
                "price": order.instrument.price_text(fill.trade.price),
                "qty": order.instrument.quantity_text(fill.trade.quantity),
                "commission": amount(fill.commission),
                "commissionAsset": fill.commission_asset,
                "tradeId": fill.trade.id,
            }
            for fill in placement.fills
        ]
    return answer


def cancelled(core: Core, order: Order, client_id: str) -> dict[str, Any]:
    """`client_id` is the cancel's own; the order's is in `origClientOrderId`."""
    return {
        "symbol": order.instrument.symbol,
        "origClientOrderId": order.client_id,
        "orderId": order.id,
        "orderListId": -1,
        "clientOrderId": client_id,
        "transactTime": core.stamp(order.updated),
        **_common(order),
        "selfTradePreventionMode": "NONE",
    }


def order_row(core: Core, order: Order) -> dict[str, Any]:
    return {
        "symbol": order.instrument.symbol,
        "orderId": order.id,
        "orderListId": -1,
        "clientOrderId": order.client_id,
        **_common(order),
        "stopPrice": _NOUGHT,
        "icebergQty": _NOUGHT,
        "time": core.stamp(order.created),
        "updateTime": core.stamp(order.updated),
        "isWorking": True,
        "workingTime": core.stamp(order.created),
        "selfTradePreventionMode": "NONE",
    }


def fill_row(core: Core, fill: Fill) -> dict[str, Any]:
    trade, instrument = fill.trade, fill.trade.instrument
    return {
        "symbol": instrument.symbol,
        "id": trade.id,
        "orderId": fill.order.id,
        "orderListId": -1,
        "price": instrument.price_text(trade.price),
        "qty": instrument.quantity_text(trade.quantity),
        "quoteQty": instrument.notional_text(trade.price * trade.quantity),
        "commission": amount(fill.commission),
        "commissionAsset": fill.commission_asset,
        "time": core.stamp(trade.time),
        "isBuyer": fill.order.side.value == "BUY",
        "isMaker": fill.is_maker,
        "isBestMatch": True,
    }


def execution_report(core: Core, order: Order, fill: Fill | None, number: int) -> dict[str, Any]:
    """The account event of one step in an order's life. `number` is the execution's own id."""
    instrument = order.instrument
    trade = fill.trade if fill else None
    execution = "TRADE" if fill else order.status.value
    ended = order.status is OrderStatus.CANCELED
    time = core.stamp(trade.time if trade else order.updated)
    return {
        "e": "executionReport",
        "E": core.now(),
        "s": instrument.symbol,
        "c": f"c{order.id}" if ended else order.client_id,
        "S": order.side.value,
        "o": order.type.value,
        "f": _time_in_force(order),
        "q": instrument.quantity_text(order.quantity),
        "p": instrument.price_text(order.price),
        "P": _NOUGHT,
        "F": _NOUGHT,
        "g": -1,
        "C": order.client_id if ended else "",
        "x": execution,
        "X": order.status.value,
        "r": "NONE",
        "i": order.id,
        "l": instrument.quantity_text(trade.quantity) if trade else _NOUGHT,
        "z": instrument.quantity_text(order.filled),
        "L": instrument.price_text(trade.price) if trade else _NOUGHT,
        "n": amount(fill.commission) if fill else "0",
        "N": fill.commission_asset if fill else None,
        "T": time,
        "t": trade.id if trade else -1,
        "v": number,
        "I": number,
        "w": order.open,
        "m": fill.is_maker if fill else False,
        "M": False,
        "O": core.stamp(order.created),
        "Z": instrument.notional_text(order.filled_notional),
        "Y": instrument.notional_text(trade.price * trade.quantity) if trade else _NOUGHT,
        "Q": amount(order.quote_quantity or Decimal(0)),
        "W": core.stamp(order.created),
        "V": "NONE",
    }
