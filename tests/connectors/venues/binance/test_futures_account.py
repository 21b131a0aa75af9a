"""USD-M balances, positions and rights, over REST and in the account's stream."""

import json
from decimal import Decimal
from typing import Any

import pytest

from catalog.model import MarketType
from connectors.contracts import (
    AccountAdapterOptions,
    AccountUpdate,
    Balance,
    ConnectorContext,
    Credentials,
    Position,
)
from connectors.contracts.errors import BadFrame, BadResponse
from connectors.venues.binance.adapters import create_account_adapter, decode_futures_account
from connectors.venues.binance.client import BinanceClientService
from connectors.venues.binance.futures_account import BinanceFuturesAccountApi
from tests.connectors.rest.server import Request, loopback
from tests.connectors.venues.binance.test_account import RIGHTS
from tests.connectors.venues.binance.venue import KEY, SECRET, FakeBinance, constantly

D = Decimal
BALANCE = {
    "accountAlias": "SgsR",
    "asset": "USDT",
    "balance": "122607.35137903",
    "crossWalletBalance": "23.72469206",
    "crossUnPnl": "0.00000000",
    "availableBalance": "23.72469206",
    "maxWithdrawAmount": "23.72469206",
    "marginAvailable": True,
    "updateTime": 1617939110373,
}
POSITION = {
    "symbol": "ADAUSDT",
    "positionSide": "BOTH",
    "positionAmt": "30",
    "entryPrice": "0.385",
    "breakEvenPrice": "0.385077",
    "markPrice": "0.41047590",
    "unRealizedProfit": "0.76427700",
    "liquidationPrice": "0",
    "updateTime": 1720736417660,
}


async def read(
    balances: Any = (BALANCE,),
    positions: Any = (POSITION,),
    *,
    environment: str = "local",
    endpoints: dict[str, str] | None = None,
    asked: list[Request] | None = None,
):
    """The account's assets and the key's rights as the connector reads these answers."""
    venue = FakeBinance(
        answers={
            "/fapi/v3/balance": constantly(balances),
            "/fapi/v3/positionRisk": constantly(positions),
            "/sapi/v1/account/apiRestrictions": constantly(RIGHTS),
        }
    )
    async with loopback(venue) as server:
        named = {"rest": server.url, **dict.fromkeys(endpoints or {}, server.url)}
        context = ConnectorContext(
            connector_type="binance",
            market_type=MarketType.FUTURES,
            environment=environment,
            endpoints=named,
        )
        client = BinanceClientService(context)
        client.set_credentials(Credentials({"apiKey": KEY, "apiSecret": SECRET}))
        try:
            api = BinanceFuturesAccountApi(client)
            return await api.get_assets_info(), await api.get_account_info()
        finally:
            if asked is not None:
                asked.extend(server.requests)
            await client.close()


async def test_balances_and_positions_are_exact() -> None:
    assets, info = await read()
    assert assets.assets == (Balance("USDT", D("23.72469206"), D("122583.62668697")),)
    assert assets.assets[0].total == D("122607.35137903")
    assert assets.positions == (Position("ADAUSDT", D("30"), D("0.385"), D("0.41047590"), D("0.76427700")),)
    assert (info.account_id, info.market_type, info.can_read) == ("SgsR", MarketType.FUTURES, True)


@pytest.mark.parametrize(
    ("wallet", "available", "free"),
    [
        ("100", "40", "40"),
        ("100", "130", "100"),
        ("100", "-5", "0"),
        ("-20", "0", "-20"),
        ("-20", "7", "-20"),
    ],
)
async def test_free_and_locked_add_up_to_the_wallet(wallet: str, available: str, free: str) -> None:
    assets, _ = await read([{**BALANCE, "balance": wallet, "availableBalance": available}])
    (balance,) = assets.assets
    assert (balance.free, balance.total) == (D(free), D(wallet))


async def test_both_sides_of_a_hedge_are_told_and_closed_positions_are_not() -> None:
    short = {**POSITION, "positionSide": "SHORT", "positionAmt": "-12"}
    closed = {**POSITION, "symbol": "XRPUSDT", "positionAmt": "0"}
    assets, _ = await read(positions=[POSITION, short, closed])
    assert [position.quantity for position in assets.positions] == [D(30), D(-12)]


async def test_the_rights_are_the_keys_own_where_the_wallet_service_is() -> None:
    asked: list[Request] = []
    _, info = await read(environment="live", endpoints={"sapi": ""}, asked=asked)
    assert (info.can_trade, info.can_withdraw, info.ip_restricted) == (False, False, False)
    assert info.permissions == ("reading",)
    assert sum("sapi" in request.path for request in asked) == 1


async def test_elsewhere_the_rights_are_unknown() -> None:
    asked: list[Request] = []
    _, info = await read(environment="testnet", asked=asked)
    assert (info.can_read, info.can_trade, info.can_withdraw, info.permissions) == (True, None, None, ())
    assert not any("sapi" in request.path for request in asked)


@pytest.mark.parametrize(
    ("balances", "positions"),
    [
        ({}, [POSITION]),
        ([{**BALANCE, "balance": "NaN"}], [POSITION]),
        ([BALANCE], [{**POSITION, "positionAmt": "1e999"}]),
        ([BALANCE], [{**POSITION, "symbol": ""}]),
        ([BALANCE], [{"symbol": "ADAUSDT"}]),
    ],
)
async def test_an_account_that_cannot_be_read(balances: Any, positions: Any) -> None:
    with pytest.raises(BadResponse):
        await read(balances, positions)


UPDATE = {
    "e": "ACCOUNT_UPDATE",
    "E": 1564745798939,
    "T": 1564745798938,
    "a": {
        "m": "ORDER",
        "B": [{"a": "USDT", "wb": "122624.12345678", "cw": "100.12345678", "bc": "50.12345678"}],
        "P": [
            {"s": "BTCUSDT_240628", "pa": "-0.5", "ep": "60000.10", "bep": "0", "cr": "200", "up": "-1.25"}
        ],
    },
}


def test_an_update_names_balances_and_positions() -> None:
    expected = AccountUpdate(
        1564745798939,
        (Balance("USDT", D("100.12345678"), D("122524.00000000")),),
        (Position("BTCUSDT240628", D("-0.5"), D("60000.10"), None, D("-1.25")),),
    )
    frame = json.dumps(UPDATE, separators=(",", ":")).encode()
    assert decode_futures_account(frame) == expected
    assert decode_futures_account(b'{"stream":"key","data":' + frame + b"}") == expected
    heard: list[AccountUpdate] = []
    options = AccountAdapterOptions(market_type=MarketType.FUTURES)
    create_account_adapter(options, heard.append)("futures")(UPDATE)
    assert heard == [expected]


@pytest.mark.parametrize(
    "event", ["ORDER_TRADE_UPDATE", "TRADE_LITE", "MARGIN_CALL", "ALGO_UPDATE", "listenKeyExpired", "NEW_ONE"]
)
def test_other_events_are_passed_over(event: str) -> None:
    assert decode_futures_account(json.dumps({"e": event, "E": "1736996475556"}).encode()) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"B": [{"a": "USDT", "wb": "Infinity", "cw": "1"}]},
        {"B": [{"a": "USDT"}]},
        {"P": [{"s": "X" * 65, "pa": "1", "ep": "1", "up": "1"}]},
        {"B": 7},
        [],
    ],
)
def test_a_hostile_update_is_a_bad_frame(changes: Any) -> None:
    with pytest.raises(BadFrame):
        decode_futures_account(json.dumps({**UPDATE, "a": changes}).encode())
