"""Account operations: balances, positions, the account as a whole."""

from typing import Any

from connectors.emulator.accounts import ZERO
from connectors.emulator.binance.core import Call, Core, Operation, Security, chosen, names
from connectors.emulator.binance.order_payloads import amount
from connectors.emulator.binance.usdm.wallets import MAINTENANCE, MOST_LEVERAGE, Position, Wallet, Wallets


def account_operations(core: Core, wallets: Wallets) -> dict[str, Operation]:
    data = _AccountData(core, wallets)
    read = Security.USER_DATA
    return {
        "balance": Operation(data.balances, 5, frozenset(), read),
        "account": Operation(data.account, 5, frozenset(), read),
        "positionRisk": Operation(data.positions, 5, names("symbol"), read),
        "brackets": Operation(data.brackets, 1, names("symbol"), read),
        "positionMode": Operation(lambda _call: {"dualSidePosition": False}, 30, frozenset(), read),
    }


class _AccountData:
    def __init__(self, core: Core, wallets: Wallets) -> None:
        self._core, self._wallets = core, wallets

    def balances(self, call: Call) -> Any:
        wallet = self._wallets.of(call.account)
        return [
            {
                "accountAlias": wallet.alias,
                "asset": asset,
                "balance": amount(held),
                "crossWalletBalance": amount(wallet.cross(asset)),
                "crossUnPnl": amount(self._wallets.margin(wallet, asset)[0]),
                "availableBalance": amount(self._wallets.available(wallet, asset)),
                "maxWithdrawAmount": amount(min(wallet.cross(asset), self._wallets.available(wallet, asset))),
                "marginAvailable": True,
                "updateTime": self._core.stamp(wallet.updated),
            }
            for asset, held in wallet.funds.items()
        ]

    def positions(self, call: Call) -> Any:
        wallet = self._wallets.of(call.account)
        wanted = call.params.symbol() if "symbol" in call.params else None
        if wanted is not None:
            self._core.listing(wanted)
        return [
            self._risk(position)
            for position in wallet.positions
            if wanted in (None, position.listing.instrument.symbol)
        ]

    def brackets(self, call: Call) -> Any:
        """One bracket a contract: margin does not grow with the position here."""
        listings, _ = chosen(self._core, call)
        bracket = {
            "bracket": 1,
            "initialLeverage": MOST_LEVERAGE,
            "notionalCap": 1_000_000_000,
            "notionalFloor": 0,
            "maintMarginRatio": float(MAINTENANCE),
            "cum": 0.0,
        }
        return [{"symbol": listing.instrument.symbol, "brackets": [bracket]} for listing in listings]

    def account(self, call: Call) -> Any:
        wallet = self._wallets.of(call.account)
        cross_profit, profit, initial, maintenance = self._wallets.margin(wallet, "USDT")
        funds = wallet.funds["USDT"]
        return {
            "totalInitialMargin": amount(initial),
            "totalMaintMargin": amount(maintenance),
            "totalWalletBalance": amount(funds),
            "totalUnrealizedProfit": amount(profit),
            "totalMarginBalance": amount(funds + profit),
            "totalPositionInitialMargin": amount(initial),
            "totalOpenOrderInitialMargin": amount(ZERO),
            "totalCrossWalletBalance": amount(wallet.cross("USDT")),
            "totalCrossUnPnl": amount(cross_profit),
            "availableBalance": amount(self._wallets.available(wallet, "USDT")),
            "maxWithdrawAmount": amount(min(wallet.cross("USDT"), self._wallets.available(wallet, "USDT"))),
            "assets": [self._asset(wallet, asset) for asset in wallet.funds],
            "positions": [self._held(position) for position in wallet.positions],
        }

    def _asset(self, wallet: Wallet, asset: str) -> dict[str, Any]:
        cross_profit, profit, initial, maintenance = self._wallets.margin(wallet, asset)
        return {
            "asset": asset,
            "walletBalance": amount(wallet.funds[asset]),
            "unrealizedProfit": amount(profit),
            "marginBalance": amount(wallet.funds[asset] + profit),
            "maintMargin": amount(maintenance),
            "initialMargin": amount(initial),
            "positionInitialMargin": amount(initial),
            "openOrderInitialMargin": amount(ZERO),
            "crossWalletBalance": amount(wallet.cross(asset)),
            "crossUnPnl": amount(cross_profit),
            "availableBalance": amount(self._wallets.available(wallet, asset)),
            "maxWithdrawAmount": amount(min(wallet.cross(asset), self._wallets.available(wallet, asset))),
            "updateTime": self._core.stamp(wallet.updated),
        }

    def _held(self, position: Position) -> dict[str, Any]:
        mark = self._wallets.mark(position)
        isolated = position.isolated_wallet
        return {
            "symbol": position.listing.instrument.symbol,
            "positionSide": "BOTH",
            "positionAmt": str(position.quantity),
            "unrealizedProfit": amount(position.profit(mark)),
            "isolatedMargin": amount(ZERO if isolated is None else isolated + position.profit(mark)),
            "notional": amount(position.notional(mark)),
            "isolatedWallet": amount(isolated or ZERO),
            "initialMargin": amount(position.initial_margin(mark)),
            "maintMargin": amount(position.maintenance_margin(mark)),
            "updateTime": self._core.stamp(position.updated),
        }

    def _risk(self, position: Position) -> dict[str, Any]:
        held = self._held(position)
        profit = held.pop("unrealizedProfit")
        return {
            **held,
            "entryPrice": str(position.entry),
            "breakEvenPrice": str(position.entry),
            "markPrice": amount(self._wallets.mark(position)),
            "unRealizedProfit": profit,
            "liquidationPrice": "0",
            "marginAsset": "USDT",
            "positionInitialMargin": held["initialMargin"],
            "openOrderInitialMargin": "0",
            "adl": 2,
            "bidNotional": "0",
            "askNotional": "0",
        }
