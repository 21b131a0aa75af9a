from decimal import Decimal
from typing import Any

import pytest

from connectors.contracts import Balance
from connectors.contracts.errors import AuthenticationFailed, BadResponse, RateLimited
from connectors.venues.binance.account import BinanceAccountApi
from tests.connectors.rest.server import Reply
from tests.connectors.venues.binance.venue import FakeBinance, connected, constantly, error

ACCOUNT: dict[str, Any] = {
    "makerCommission": 15,
    "commissionRates": {"maker": "0.00150000", "taker": "0.00250000", "buyer": "0.0", "seller": "0.0"},
    "canTrade": True,
    "canWithdraw": True,
    "canDeposit": True,
    "updateTime": 123456789,
    "accountType": "SPOT",
    "balances": [
        {"asset": "BTC", "free": "4723846.89208129", "locked": "0.00000001"},
        {"asset": "LTC", "free": "0.00000000", "locked": "0.00000000"},
    ],
    "permissions": ["SPOT"],
    "uid": 354937868,
}
RIGHTS: dict[str, Any] = {
    "ipRestrict": False,
    "createTime": 1698645219000,
    "enableReading": True,
    "enableSpotAndMarginTrading": False,
    "enableWithdrawals": False,
    "enableInternalTransfer": False,
    "permitsUniversalTransfer": False,
    "enableVanillaOptions": False,
    "enableFutures": False,
    "enableMargin": False,
}


def venue(account: Any = ACCOUNT, rights: Any = RIGHTS) -> FakeBinance:
    return FakeBinance(
        answers={
            "/api/v3/account": constantly(account),
            "/sapi/v1/account/apiRestrictions": rights if callable(rights) else constantly(rights),
        }
    )


async def test_balances_are_exact_and_without_the_empty_ones() -> None:
    async with connected(venue()) as (client, _, server):
        assets = await BinanceAccountApi(client).get_assets_info()
        assert assets.assets == (Balance("BTC", Decimal("4723846.89208129"), Decimal("0.00000001")),)
        assert assets.assets[0].total == Decimal("4723846.89208130")
        assert assets.positions == ()
        assert server.requests[-1].params["omitZeroBalances"] == "true"
        assert server.requests[-1].headers["x-mbx-apikey"] == "test-key"


@pytest.mark.parametrize(("withdraw", "trade", "bound"), [(True, False, False), (False, True, True)])
async def test_rights_are_the_keys_own(withdraw: bool, trade: bool, bound: bool) -> None:
    rights = {
        **RIGHTS,
        "enableWithdrawals": withdraw,
        "enableSpotAndMarginTrading": trade,
        "ipRestrict": bound,
    }
    async with connected(venue(rights=rights)) as (client, _, _server):
        info = await BinanceAccountApi(client).get_account_info()
        assert (info.can_read, info.can_withdraw, info.can_trade) == (True, withdraw, trade)
        assert info.ip_restricted is bound
        assert info.account_id == "354937868"
        assert (info.maker_fee, info.taker_fee) == (Decimal("0.0015"), Decimal("0.0025"))
        assert "reading" in info.permissions
        assert ("withdrawals" in info.permissions) is withdraw


async def test_other_ways_to_move_money_are_named() -> None:
    rights = {**RIGHTS, "enableInternalTransfer": True, "permitsUniversalTransfer": True}
    async with connected(venue(rights=rights)) as (client, _, _server):
        info = await BinanceAccountApi(client).get_account_info()
        assert info.permissions == ("reading", "internal transfers", "universal transfers")


async def test_the_testnet_is_not_asked_and_the_rights_stay_unknown() -> None:
    async with connected(venue(), environment="testnet") as (client, _, server):
        info = await BinanceAccountApi(client).get_account_info()
        assert (info.can_read, info.can_withdraw, info.can_trade, info.ip_restricted) == (
            True,
            None,
            None,
            None,
        )
        assert info.permissions == ("SPOT",)
        assert not any("sapi" in request.path for request in server.requests)


async def test_a_no_of_the_account_is_certain() -> None:
    account = {**ACCOUNT, "canTrade": False, "canWithdraw": False}
    async with connected(venue(account), environment="testnet") as (client, _, _server):
        info = await BinanceAccountApi(client).get_account_info()
        assert (info.can_withdraw, info.can_trade) == (False, False)


@pytest.mark.parametrize(
    "refusal", [Reply(b"", 404), error(400, -1100, "no"), Reply(b"<html>"), Reply(b"{}")]
)
async def test_where_the_rights_cannot_be_read_they_are_unknown_not_safe(refusal: Reply) -> None:
    async with connected(venue(rights=lambda _: refusal)) as (client, _, _server):
        info = await BinanceAccountApi(client).get_account_info()
        assert (info.can_read, info.can_withdraw, info.can_trade) == (True, None, None)


async def test_a_limit_on_the_way_is_reported_not_guessed_over() -> None:
    limited = error(429, -1003, "Too many requests.", **{"Retry-After": "60"})
    async with connected(venue(rights=lambda _: limited)) as (client, _, _server):
        with pytest.raises(RateLimited):
            await BinanceAccountApi(client).get_account_info()


async def test_a_wrong_key_says_what_may_be_wrong() -> None:
    async with connected(key="other") as (client, _, _server):
        with pytest.raises(AuthenticationFailed, match="live and testnet keys differ"):
            await BinanceAccountApi(client).get_account_info()


@pytest.mark.parametrize(
    "account",
    [
        {}, [], {**ACCOUNT, "balances": [{"asset": "BTC", "free": "NaN", "locked": "0"}]},
        {**ACCOUNT, "balances": [{"asset": "BTC", "free": "1e1000000", "locked": "0"}]},
        {**ACCOUNT, "balances": 7},
    ],
)  # fmt: skip
async def test_an_account_that_cannot_be_read(account: Any) -> None:
    async with connected(venue(account)) as (client, _, _server):
        with pytest.raises(BadResponse):
            await BinanceAccountApi(client).get_assets_info()


async def test_fees_that_cannot_be_read() -> None:
    account = {**ACCOUNT, "commissionRates": {"maker": "Infinity", "taker": "0"}}
    async with connected(venue(account)) as (client, _, _server):
        with pytest.raises(BadResponse, match="fees"):
            await BinanceAccountApi(client).get_account_info()


async def test_an_assets_name_is_cleaned() -> None:
    account = {**ACCOUNT, "balances": [{"asset": "\x1b[31mBTC\u202e", "free": "1", "locked": "0"}]}
    async with connected(venue(account)) as (client, _, _server):
        (balance,) = (await BinanceAccountApi(client).get_assets_info()).assets
        assert balance.currency.isprintable()
