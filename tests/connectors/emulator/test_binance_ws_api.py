"""The WebSocket API: signed requests, the account's events, and its errors."""

import json
from typing import Any

import pytest

from connectors.emulator.accounts import READ_ONLY_KEY, READ_ONLY_SECRET
from connectors.emulator.binance.auth import signature_of, ws_payload
from tests.connectors.emulator.support import (
    api_client,
    ask,
    receive,
    rest_client,
    signed,
    signed_params,
    still_emulator,
)

LIMIT = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "0.01",
    "price": "60000",
}
SUBSCRIBE = "userDataStream.subscribe.signature"


async def test_public_requests_answer_like_rest_with_the_limits():
    async with still_emulator() as emulator, api_client(emulator) as client, rest_client(emulator) as rest:
        answer = await ask(client, id="a", method="depth", params={"symbol": "BTCUSDT", "limit": 5})
        assert (answer["id"], answer["status"]) == ("a", 200)
        assert answer["result"] == (await rest.get("/api/v3/depth?symbol=BTCUSDT&limit=5")).json()
        assert answer["rateLimits"] == [
            {
                "rateLimitType": "REQUEST_WEIGHT",
                "interval": "MINUTE",
                "intervalNum": 1,
                "limit": 6000,
                "count": 7,
            }
        ]
        assert (await ask(client, id=1, method="ping"))["result"] == {}
        assert (await ask(client, id=2, method="time"))["result"] == {"serverTime": emulator.clock.now()}
        info = await ask(
            client, id=3, method="exchangeInfo", params={"symbol": "ETHBTC", "returnRateLimits": False}
        )
        assert info["result"]["symbols"][0]["symbol"] == "ETHBTC"
        assert "rateLimits" not in info


async def test_an_order_is_placed_seen_and_cancelled_and_every_step_is_an_event():
    async with still_emulator() as emulator, api_client(emulator) as client:
        subscribed = await ask(client, id=1, method=SUBSCRIBE, params=signed_params(emulator))
        assert subscribed["result"] == {"subscriptionId": 0}
        params = signed_params(emulator, **LIMIT, newClientOrderId="mine")
        await client.send(json.dumps({"id": 2, "method": "order.place", "params": params}))
        events = [await receive(client) for _ in range(3)]
        report, position, answer = events[0], events[1], events[2]
        assert report["subscriptionId"] == 0
        assert " ".join(report["event"]) == (
            "e E s c S o f q p P F g C x X r i l z L n N T t v I w m M O Z Y Q W V"
        )
        assert (report["event"]["x"], report["event"]["X"], report["event"]["c"]) == ("NEW", "NEW", "mine")
        assert {"a": "USDT", "f": "99400.00000000", "l": "600.00000000"} in position["event"]["B"]
        order_id = answer["result"]["orderId"]

        which = {"symbol": "BTCUSDT", "orderId": order_id}
        seen = await ask(client, id=3, method="order.status", params=signed_params(emulator, **which))
        assert seen["result"]["status"] == "NEW"
        opened = await ask(client, id=4, method="openOrders.status", params=signed_params(emulator))
        assert opened["result"] == [seen["result"]]
        await client.send(
            json.dumps({"id": 5, "method": "order.cancel", "params": signed_params(emulator, **which)})
        )
        cancel = (await receive(client))["event"]
        assert (cancel["x"], cancel["X"], cancel["C"], cancel["i"]) == (
            "CANCELED",
            "CANCELED",
            "mine",
            order_id,
        )


async def test_fills_are_reported_one_by_one_with_their_fees():
    async with still_emulator() as emulator, api_client(emulator) as client, rest_client(emulator) as rest:
        await ask(client, id=1, method=SUBSCRIBE, params=signed_params(emulator))
        query, headers = signed(emulator, symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.5")
        fills = (await rest.post(f"/api/v3/order?{query}", headers=headers)).json()["fills"]
        reports: list[Any] = []
        while len(reports) < len(fills) + 1:
            event = (await receive(client))["event"]
            if event["e"] == "executionReport":
                reports.append(event)
    assert [report["x"] for report in reports] == ["NEW"] + ["TRADE"] * len(fills)
    assert [(report["L"], report["l"], report["t"], report["n"]) for report in reports[1:]] == [
        (fill["price"], fill["qty"], fill["tradeId"], fill["commission"]) for fill in fills
    ]
    assert (reports[-1]["X"], reports[-1]["z"]) == ("FILLED", "0.50000000")


async def test_an_account_is_subscribed_to_once_and_unsubscribed():
    async with still_emulator() as emulator, api_client(emulator) as client:
        await ask(client, id=1, method=SUBSCRIBE, params=signed_params(emulator))
        again = await ask(client, id=2, method=SUBSCRIBE, params=signed_params(emulator))
        assert (again["status"], again["error"]["code"]) == (400, -2035)
        assert (await ask(client, id=3, method="session.subscriptions"))["result"] == [{"subscriptionId": 0}]
        ended = await ask(client, id=4, method="userDataStream.unsubscribe", params={"subscriptionId": 0})
        assert ended["result"] == {}
        none = await ask(client, id=5, method="userDataStream.unsubscribe")
        assert none["error"]["code"] == -2036


@pytest.mark.parametrize(
    ("method", "change", "status", "code"),
    [
        ("account.status", {"signature": "00"}, 400, -1022),
        ("account.status", {"apiKey": "nobody"}, 401, -2015),
        ("account.status", {"timestamp": 1}, 400, -1021),
        ("userDataStream.start", {}, 400, -1135),
        ("restrictions", {}, 400, -1135),
        ("order.status", {"symbol": "BTCUSDT", "orderId": 1}, 400, -2013),
    ],
)
async def test_errors_carry_the_venues_codes(method: str, change: dict[str, Any], status: int, code: int):
    async with still_emulator(rate=0) as emulator, api_client(emulator) as client:
        params = {
            **signed_params(emulator, **change),
            **({"signature": "00"} if "signature" in change else {}),
        }
        answer = await ask(client, id=1, method=method, params=params)
        assert (answer["status"], answer["error"]["code"]) == (status, code)


async def test_a_read_only_key_reads_and_does_not_trade():
    async with still_emulator(rate=0) as emulator, api_client(emulator) as client:

        def with_key(**params: Any) -> dict[str, Any]:
            values = {"apiKey": READ_ONLY_KEY, "timestamp": str(emulator.clock.now()), **params}
            return {**values, "signature": signature_of(ws_payload(values), READ_ONLY_SECRET)}

        account = await ask(client, id=1, method="account.status", params=with_key(omitZeroBalances="true"))
        assert (account["result"]["canTrade"], account["result"]["canWithdraw"]) == (False, False)
        refused = await ask(client, id=2, method="order.place", params=with_key(**LIMIT))
        assert refused["error"]["code"] == -2015


async def test_what_is_no_request_is_answered():
    async with still_emulator(rate=0) as emulator, api_client(emulator) as client:
        for text in ("{", "[]", '{"id":1}', '{"id":1,"method":"ping","params":[1]}'):
            await client.send(text)
            assert (await receive(client))["status"] == 400
        assert (await ask(client, id=9, method="ping"))["status"] == 200
