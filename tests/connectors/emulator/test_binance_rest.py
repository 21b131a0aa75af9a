"""The REST interface: shapes, errors, limits, orders."""

from decimal import Decimal
from typing import Any

import httpx

from connectors.emulator.accounts import (
    READ_ONLY_KEY,
    READ_ONLY_SECRET,
    WITHDRAW_KEY,
    WITHDRAW_SECRET,
)
from connectors.emulator.emulator import Emulator
from connectors.emulator.testing import pass_time
from tests.connectors.emulator.support import rest_client, signed, still_emulator

TICKER_FIELDS = frozenset(
    [
        "symbol",
        "priceChange",
        "priceChangePercent",
        "weightedAvgPrice",
        "prevClosePrice",
        "lastPrice",
        "lastQty",
        "bidPrice",
        "bidQty",
        "askPrice",
        "askQty",
        "openPrice",
        "highPrice",
        "lowPrice",
        "volume",
        "quoteVolume",
        "openTime",
        "closeTime",
        "firstId",
        "lastId",
        "count",
    ]
)


async def get(client: httpx.AsyncClient, path: str) -> Any:
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def send(
    client: httpx.AsyncClient, emulator: Emulator, method: str, path: str, **params: Any
) -> httpx.Response:
    query, headers = signed(emulator, **params)
    return await client.request(method, f"{path}?{query}", headers=headers)


async def test_exchange_info_describes_every_instrument():
    async with still_emulator(symbols=40) as emulator, rest_client(emulator) as client:
        info = await get(client, "/api/v3/exchangeInfo")
        assert len(info["symbols"]) == 40
        assert info["serverTime"] == emulator.clock.now()
        assert {limit["rateLimitType"] for limit in info["rateLimits"]} == {
            "REQUEST_WEIGHT",
            "ORDERS",
            "RAW_REQUESTS",
        }
        bitcoin = next(symbol for symbol in info["symbols"] if symbol["symbol"] == "BTCUSDT")
        filters = {entry["filterType"]: entry for entry in bitcoin["filters"]}
        assert filters["PRICE_FILTER"]["tickSize"] == "0.01000000"
        assert filters["LOT_SIZE"]["stepSize"] == "0.00001000"
        assert filters["NOTIONAL"]["minNotional"] == "5.00000000"
        assert (bitcoin["baseAsset"], bitcoin["quoteAsset"], bitcoin["status"]) == ("BTC", "USDT", "TRADING")
        two = await get(client, '/api/v3/exchangeInfo?symbols=["ETHBTC","BTCUSDT"]')
        assert [symbol["symbol"] for symbol in two["symbols"]] == ["ETHBTC", "BTCUSDT"]


async def test_the_book_is_sorted_limited_and_in_text():
    async with still_emulator() as emulator, rest_client(emulator) as client:
        book = await get(client, "/api/v3/depth?symbol=BTCUSDT&limit=20")
        assert book.keys() == {"lastUpdateId", "bids", "asks"}
        bids = [Decimal(price) for price, _ in book["bids"]]
        asks = [Decimal(price) for price, _ in book["asks"]]
        assert (len(bids), len(asks)) == (20, 20)
        assert bids == sorted(bids, reverse=True)
        assert asks == sorted(asks)
        assert bids[0] < asks[0]
        assert all(Decimal(quantity) > 0 for _, quantity in (*book["bids"], *book["asks"]))


async def test_trades_candles_and_tickers_have_the_venues_shapes():
    async with still_emulator() as emulator, rest_client(emulator) as client:
        trades = await get(client, "/api/v3/trades?symbol=BTCUSDT&limit=5")
        assert trades[-1].keys() == {"id", "price", "qty", "quoteQty", "time", "isBuyerMaker", "isBestMatch"}
        assert [trade["id"] for trade in trades] == sorted(trade["id"] for trade in trades)
        assert Decimal(trades[0]["quoteQty"]) == Decimal(trades[0]["price"]) * Decimal(trades[0]["qty"])
        older = await get(client, f"/api/v3/historicalTrades?symbol=BTCUSDT&fromId={trades[0]['id']}&limit=5")
        assert older == trades
        aggregates = await get(client, "/api/v3/aggTrades?symbol=BTCUSDT&limit=5")
        assert aggregates[-1].keys() == set("apqflTmM")
        assert aggregates[-1]["l"] == trades[-1]["id"]

        rows = await get(client, "/api/v3/klines?symbol=BTCUSDT&interval=1h&limit=3")
        assert [len(row) for row in rows] == [12, 12, 12]
        opened, o, h, low, c, *_ = rows[-1]
        assert rows[-1][6] == opened + 3_599_999
        assert Decimal(low) <= min(Decimal(o), Decimal(c)) <= max(Decimal(o), Decimal(c)) <= Decimal(h)
        assert await get(client, "/api/v3/uiKlines?symbol=BTCUSDT&interval=1h&limit=3") == rows
        since = rows[1][0]
        assert (
            await get(client, f"/api/v3/klines?symbol=BTCUSDT&interval=1h&startTime={since}&limit=9")
            == rows[1:]
        )
        assert (
            await get(client, f"/api/v3/klines?symbol=BTCUSDT&interval=1h&endTime={since}&limit=1")
            == rows[1:2]
        )

        ticker = await get(client, "/api/v3/ticker/24hr?symbol=BTCUSDT")
        assert ticker.keys() == TICKER_FIELDS
        assert ticker["lastPrice"] == trades[-1]["price"]
        mini = await get(client, "/api/v3/ticker/24hr?symbol=BTCUSDT&type=MINI")
        assert mini.keys() < ticker.keys()
        assert len(await get(client, "/api/v3/ticker/24hr")) == len(emulator.market.listings)
        assert await get(client, '/api/v3/ticker/price?symbols=["BTCUSDT"]') == [
            {"symbol": "BTCUSDT", "price": ticker["lastPrice"]}
        ]
        best = await get(client, "/api/v3/ticker/bookTicker?symbol=BTCUSDT")
        book = await get(client, "/api/v3/depth?symbol=BTCUSDT&limit=1")
        assert [[best["bidPrice"], best["bidQty"]], [best["askPrice"], best["askQty"]]] == book[
            "bids"
        ] + book["asks"]
        assert (await get(client, "/api/v3/avgPrice?symbol=BTCUSDT"))["mins"] == 5


async def test_wrong_paths_and_methods():
    async with still_emulator() as emulator, rest_client(emulator) as client:
        assert (await client.get("/api/v1/ping")).status_code == 404
        assert (await client.post("/api/v3/userDataStream")).status_code == 404
        assert (await client.post("/api/v3/time")).status_code == 405


async def test_weights_are_counted_and_the_limit_ends_in_429_then_418():
    async with still_emulator() as emulator, rest_client(emulator) as client:

        async def used(path: str) -> int:
            return int((await client.get(path)).headers["X-MBX-USED-WEIGHT-1M"])

        assert await used("/api/v3/ping") == 1
        assert await used("/api/v3/depth?symbol=BTCUSDT&limit=5") == 6
        assert await used("/api/v3/depth?symbol=BTCUSDT&limit=500") == 31
        assert await used("/api/v3/depth?symbol=BTCUSDT&limit=5000") == 281
        assert await used("/api/v3/exchangeInfo?symbol=BTCUSDT") == 301
        for _ in range(22):
            await used("/api/v3/depth?symbol=BTCUSDT&limit=5000")
        limited = await client.get("/api/v3/depth?symbol=BTCUSDT&limit=5000")
        assert (limited.status_code, limited.json()["code"]) == (429, -1003)
        left = 60 - emulator.clock.now() // 1_000 % 60
        assert int(limited.headers["Retry-After"]) in (left, left + 1)
        statuses = [(await client.get("/api/v3/ping")).status_code for _ in range(12)]
        assert statuses[-1] == 418
        pass_time(emulator, 61_000)
        banned = await client.get("/api/v3/ping")
        assert (banned.status_code, banned.json()["code"]) == (418, -1003)
        pass_time(emulator, int(banned.headers["Retry-After"]) * 1_000)
        assert await used("/api/v3/ping") == 1


async def test_a_new_minute_clears_the_weight():
    async with still_emulator() as emulator, rest_client(emulator) as client:
        await client.get("/api/v3/exchangeInfo")
        pass_time(emulator, 60_000)
        assert (await client.get("/api/v3/ping")).headers["X-MBX-USED-WEIGHT-1M"] == "1"


async def test_what_each_key_may_do():
    async with still_emulator() as emulator, rest_client(emulator) as client:
        rights = {}
        for key, secret in ((READ_ONLY_KEY, READ_ONLY_SECRET), (WITHDRAW_KEY, WITHDRAW_SECRET)):
            query, headers = signed(emulator, key, secret)
            account = (await client.get(f"/api/v3/account?{query}", headers=headers)).json()
            restrictions = (
                await client.get(f"/sapi/v1/account/apiRestrictions?{query}", headers=headers)
            ).json()
            assert account["canWithdraw"] == restrictions["enableWithdrawals"]
            rights[key] = (restrictions["enableSpotAndMarginTrading"], restrictions["enableWithdrawals"])
        assert rights == {READ_ONLY_KEY: (False, False), WITHDRAW_KEY: (True, True)}
        query, headers = signed(
            emulator,
            READ_ONLY_KEY,
            READ_ONLY_SECRET,
            symbol="BTCUSDT",
            side="BUY",
            type="MARKET",
            quantity="0.01",
        )
        refused = await client.post(f"/api/v3/order?{query}", headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (401, -2015)


async def test_a_limit_order_lives_is_seen_and_is_cancelled():
    async with still_emulator() as emulator, rest_client(emulator) as client:
        order = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC"}
        placed = await send(
            client,
            emulator,
            "POST",
            "/api/v3/order",
            **order,
            quantity="0.01",
            price="60000",
            newClientOrderId="mine-1",
        )
        assert placed.headers["X-MBX-ORDER-COUNT-10S"] == "1"
        body = placed.json()
        assert (body["status"], body["fills"], body["clientOrderId"]) == ("NEW", [], "mine-1")
        book = await get(client, "/api/v3/depth?symbol=BTCUSDT&limit=5000")
        assert ["60000.00000000", "0.01000000"] in book["bids"]
        account = (await send(client, emulator, "GET", "/api/v3/account", omitZeroBalances="true")).json()
        tether = next(entry for entry in account["balances"] if entry["asset"] == "USDT")
        assert tether == {"asset": "USDT", "free": "99400.00000000", "locked": "600.00000000"}

        seen = (
            await send(client, emulator, "GET", "/api/v3/order", symbol="BTCUSDT", orderId=body["orderId"])
        ).json()
        assert (seen["origQty"], seen["executedQty"], seen["isWorking"]) == ("0.01000000", "0.00000000", True)
        assert (await send(client, emulator, "GET", "/api/v3/openOrders", symbol="BTCUSDT")).json() == [seen]
        cancelled = await send(
            client, emulator, "DELETE", "/api/v3/order", symbol="BTCUSDT", origClientOrderId="mine-1"
        )
        assert (cancelled.json()["status"], cancelled.json()["origClientOrderId"]) == ("CANCELED", "mine-1")
        assert (await send(client, emulator, "GET", "/api/v3/openOrders")).json() == []
        again = await send(
            client, emulator, "DELETE", "/api/v3/order", symbol="BTCUSDT", orderId=body["orderId"]
        )
        assert again.json() == {"code": -2011, "msg": "Unknown order sent."}
        every = (await send(client, emulator, "GET", "/api/v3/allOrders", symbol="BTCUSDT")).json()
        assert [entry["status"] for entry in every] == ["CANCELED"]


async def test_a_market_order_fills_and_pays_its_fee():
    async with still_emulator() as emulator, rest_client(emulator) as client:
        placed = await send(
            client,
            emulator,
            "POST",
            "/api/v3/order",
            symbol="BTCUSDT",
            side="BUY",
            type="MARKET",
            quoteOrderQty="1000",
        )
        body = placed.json()
        assert body["status"] == "FILLED"
        assert sum(Decimal(fill["qty"]) for fill in body["fills"]) == Decimal(body["executedQty"])
        assert Decimal(990) < Decimal(body["cummulativeQuoteQty"]) <= 1_000
        assert {fill["commissionAsset"] for fill in body["fills"]} == {"BTC"}
        mine = (await send(client, emulator, "GET", "/api/v3/myTrades", symbol="BTCUSDT")).json()
        assert [trade["id"] for trade in mine] == [fill["tradeId"] for fill in body["fills"]]
        public = await get(client, "/api/v3/trades?symbol=BTCUSDT&limit=1")
        assert public[0]["id"] == mine[-1]["id"]


LIMIT = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "0.01",
    "price": "60000",
}
MARKET = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.01"}


async def test_an_order_in_the_body_is_read_and_a_test_order_is_not_placed():
    async with still_emulator() as emulator, rest_client(emulator) as client:
        body, headers = signed(emulator, **LIMIT)
        form = {**headers, "Content-Type": "application/x-www-form-urlencoded"}
        tested = await client.post("/api/v3/order/test", content=body, headers=form)
        assert (tested.status_code, tested.json()) == (200, {})
        assert (await send(client, emulator, "GET", "/api/v3/openOrders")).json() == []
        placed = await client.post("/api/v3/order", content=body, headers=form)
        assert placed.json()["status"] == "NEW"
        cancelled = await send(client, emulator, "DELETE", "/api/v3/openOrders", symbol="BTCUSDT")
        assert [order["status"] for order in cancelled.json()] == ["CANCELED"]


async def test_too_many_orders_in_ten_seconds_are_refused():
    async with still_emulator() as emulator, rest_client(emulator) as client:
        market = MARKET | {"quantity": "0.0001"}
        answers = [await send(client, emulator, "POST", "/api/v3/order", **market) for _ in range(101)]
        assert {answer.status_code for answer in answers[:100]} == {200}
        assert (answers[100].status_code, answers[100].json()["code"]) == (429, -1015)


async def test_the_wallet_lists_every_asset():
    async with still_emulator() as emulator, rest_client(emulator) as client:
        coins = (await send(client, emulator, "GET", "/sapi/v1/capital/config/getall")).json()
        assert {"BTC", "USDT", "EUR"} <= {coin["coin"] for coin in coins}
        assert all(coin["networkList"] for coin in coins)
