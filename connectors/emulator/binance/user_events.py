"""Account events: what happens to an account's orders and balances, to the sessions that listen to it."""

from typing import Any, Protocol

from connectors.emulator.accounts import Account
from connectors.emulator.binance.account_data import balances
from connectors.emulator.binance.core import Core
from connectors.emulator.binance.order_payloads import execution_report
from connectors.emulator.orders import Fill, Order


class AccountListener(Protocol):
    def account_event(self, account: Account, event: dict[str, Any]) -> None: ...


class UserEvents:
    def __init__(self, core: Core) -> None:
        self._core = core
        self._listeners: dict[Account, dict[AccountListener, None]] = {}
        self._execution = 0
        core.market.engine.on_order = self._on_order

    def join(self, account: Account, listener: AccountListener) -> None:
        self._listeners.setdefault(account, {})[listener] = None

    def leave(self, account: Account, listener: AccountListener) -> None:
        self._listeners.get(account, {}).pop(listener, None)

    def _on_order(self, order: Order, fill: Fill | None) -> None:
        self._execution += 1
        if fill is not None:
            self._core.fills.setdefault(order.account, []).append(fill)
        listeners = tuple(self._listeners.get(order.account, ()))
        if not listeners:
            return
        report = execution_report(self._core, order, fill, self._execution)
        position = self._position(order)
        for listener in listeners:
            listener.account_event(order.account, report)
            listener.account_event(order.account, position)

    def _position(self, order: Order) -> dict[str, Any]:
        time = self._core.stamp(order.updated)
        held = balances(order.account, [order.instrument.base, order.instrument.quote])
        return {
            "e": "outboundAccountPosition",
            "E": self._core.now(),
            "u": time,
            "B": [{"a": asset, "f": free, "l": locked} for asset, free, locked in held],
        }
