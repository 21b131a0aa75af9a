"""Signed read-only operations: balances, the key's rights, own trades, the assets' list."""

from typing import Any

from connectors.emulator.accounts import ZERO, Account
from connectors.emulator.binance.core import Call, Core, Operation, Security, chosen, names
from connectors.emulator.binance.errors import RANGE_TOO_LONG, VenueRefusal
from connectors.emulator.binance.order_payloads import amount, fill_row
from connectors.emulator.candles import DAY
from connectors.emulator.instruments import USD_PRICES

_KEY_MADE = 1_698_645_219_000


def account_operations(core: Core) -> dict[str, Operation]:
    data = _AccountData(core)
    read = Security.USER_DATA
    return {
        "account.status": Operation(data.account, 20, names("omitZeroBalances"), read),
        "account.commission": Operation(data.commission, 20, names("symbol"), read),
        "account.rateLimits.orders": Operation(data.order_limits, 40, frozenset(), read),
        "myTrades": Operation(
            data.my_trades,
            lambda params: 5 if "orderId" in params else 20,
            names("symbol orderId startTime endTime fromId limit"),
            read,
        ),
        "restrictions": Operation(data.restrictions, 1, frozenset(), read),
        "assets": Operation(data.assets, 10, frozenset(), read),
        "tradeFee": Operation(data.trade_fees, 1, names("symbol"), read),
        "marginPairs": Operation(lambda _call: [], 1, names("symbol"), read),
        "accountStatus": Operation(lambda _call: {"data": "Normal"}, 1, frozenset(), read),
    }


def balances(account: Account, assets: list[str]) -> list[tuple[str, str, str]]:
    """Asset, free, locked."""
    held = ((asset, account.holding(asset)) for asset in assets)
    return [(asset, amount(holding.free), amount(holding.locked)) for asset, holding in held]


class _AccountData:
    def __init__(self, core: Core) -> None:
        self._core = core

    def account(self, call: Call) -> Any:
        account, key = call.account, call.signed_by
        only_held = (call.params.optional("omitZeroBalances") or "false").lower() == "true"
        shown = [
            asset for asset in self._known_assets(account) if not only_held or account.holding(asset).total
        ]
        return {
            "makerCommission": int(account.maker_fee * 10_000),
            "takerCommission": int(account.taker_fee * 10_000),
            "buyerCommission": 0,
            "sellerCommission": 0,
            "commissionRates": self._rates(account),
            "canTrade": key.can_trade,
            "canWithdraw": key.can_withdraw,
            "canDeposit": True,
            "brokered": False,
            "requireSelfTradePrevention": False,
            "preventSor": False,
            "updateTime": self._core.stamp(account.updated) if account.updated else 0,
            "accountType": "SPOT",
            "balances": [
                {"asset": asset, "free": free, "locked": locked}
                for asset, free, locked in balances(account, shown)
            ],
            "permissions": ["SPOT"],
            "uid": account.uid,
        }

    def commission(self, call: Call) -> Any:
        symbol = self._core.listing(call.params.symbol()).instrument.symbol
        nought = {"maker": amount(ZERO), "taker": amount(ZERO), "buyer": amount(ZERO), "seller": amount(ZERO)}
        return {
            "symbol": symbol,
            "standardCommission": self._rates(call.account),
            "specialCommission": nought,
            "taxCommission": nought,
            "discount": {
                "enabledForAccount": False,
                "enabledForSymbol": False,
                "discountAsset": "BNB",
                "discount": amount(ZERO),
            },
        }

    def trade_fees(self, call: Call) -> Any:
        listings, _ = chosen(self._core, call)
        rates = self._rates(call.account)
        return [
            {
                "symbol": listing.instrument.symbol,
                "makerCommission": rates["maker"],
                "takerCommission": rates["taker"],
            }
            for listing in listings
        ]

    def order_limits(self, call: Call) -> Any:
        return self._core.limits.order_report(call.account.name, self._core.now())

    def my_trades(self, call: Call) -> Any:
        params = call.params
        symbol = self._core.listing(params.symbol()).instrument.symbol
        order, first = params.integer("orderId"), params.integer("fromId")
        start, end = params.integer("startTime"), params.integer("endTime")
        if start is not None and end is not None and end - start > DAY:
            raise VenueRefusal(*RANGE_TOO_LONG)
        fills = [
            fill
            for fill in self._core.fills.get(call.account, [])
            if fill.trade.instrument.symbol == symbol
            and (order is None or fill.order.id == order)
            and (first is None or fill.trade.id >= first)
            and (start is None or self._core.stamp(fill.trade.time) >= start)
            and (end is None or self._core.stamp(fill.trade.time) <= end)
        ]
        limit = params.limit(500, 1_000)
        newest = first is None and start is None
        return [fill_row(self._core, fill) for fill in (fills[-limit:] if newest else fills[:limit])]

    def restrictions(self, call: Call) -> Any:
        key = call.signed_by
        return {
            "ipRestrict": False,
            "createTime": _KEY_MADE,
            "enableReading": True,
            "enableSpotAndMarginTrading": key.can_trade,
            "enableWithdrawals": key.can_withdraw,
            "enableInternalTransfer": key.can_withdraw,
            "enableMargin": False,
            "enableFutures": key.can_trade,
            "permitsUniversalTransfer": False,
            "enableVanillaOptions": False,
            "enableFixApiTrade": False,
            "enableFixReadOnly": False,
            "enablePortfolioMarginTrading": False,
        }

    def assets(self, call: Call) -> Any:
        """All coins' information, with one made-up network each."""
        account = call.account
        return [
            {
                "coin": asset,
                "depositAllEnable": True,
                "withdrawAllEnable": True,
                "name": asset,
                "free": amount(account.holding(asset).free),
                "locked": amount(account.holding(asset).locked),
                "freeze": "0",
                "withdrawing": "0",
                "ipoing": "0",
                "ipoable": "0",
                "storage": "0",
                "isLegalMoney": asset == "EUR",
                "trading": True,
                "networkList": [
                    {
                        "network": asset,
                        "coin": asset,
                        "withdrawIntegerMultiple": "0.00000001",
                        "isDefault": True,
                        "depositEnable": True,
                        "withdrawEnable": True,
                        "depositDesc": "",
                        "withdrawDesc": "",
                        "name": asset,
                        "resetAddressStatus": False,
                        "withdrawFee": "0.0001",
                        "withdrawMin": "0.001",
                        "withdrawMax": "9999999",
                        "minConfirm": 1,
                        "unLockConfirm": 0,
                        "sameAddress": False,
                    }
                ],
            }
            for asset in self._known_assets(account)
        ]

    @staticmethod
    def _known_assets(account: Account) -> list[str]:
        return list(dict.fromkeys((*USD_PRICES, *account.holdings)))

    @staticmethod
    def _rates(account: Account) -> dict[str, str]:
        return {
            "maker": amount(account.maker_fee),
            "taker": amount(account.taker_fee),
            "buyer": amount(ZERO),
            "seller": amount(ZERO),
        }
