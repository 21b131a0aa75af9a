"""USD-M futures over REST, as the venue documents them."""

import itertools
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from connectors.emulator.accounts import TRADE_KEY
from connectors.emulator.binance.usdm.contracts import next_delivery
from tests.connectors.emulator.support import rest_client, signed, still_emulator

FAPI = "/usdm/fapi/v1"


def ms(*moment: int) -> int:
    return int(datetime(*moment, tzinfo=UTC).timestamp() * 1_000)


@pytest.mark.parametrize(
    ("now", "delivery"),
    [
        ((2026, 11, 23), (2026, 12, 25, 8)),
        ((2026, 11, 26), (2027, 3, 26, 8)),
        ((2027, 1, 1), (2027, 3, 26, 8)),
        ((2027, 6, 1), (2027, 9, 24, 8)),
    ],
)
def test_a_quarters_contract_is_delivered_on_its_last_friday(
    now: tuple[int, ...], delivery: tuple[int, ...]
) -> None:
    assert next_delivery(ms(*now)) == ms(*delivery)


async def test_the_contracts_are_perpetual_or_dated():
    async with still_emulator(rate=0) as emulator, rest_client(emulator) as client:
        info = (await client.get(f"{FAPI}/exchangeInfo")).json()
        by_symbol = {symbol["symbol"]: symbol for symbol in info["symbols"]}
        assert info["rateLimits"][0]["limit"] == 2_400
        perpetual = by_symbol["BTCUSDT"]
        assert (perpetual["contractType"], perpetual["deliveryDate"]) == ("PERPETUAL", 4_133_404_800_000)
        (dated,) = [symbol for symbol in by_symbol if "_" in symbol]
        delivery = next_delivery(emulator.market.now)
        day = datetime.fromtimestamp(delivery / 1_000, UTC).strftime("%y%m%d")
        assert dated == f"BTCUSDT_{day}"
        assert (by_symbol[dated]["pair"], by_symbol[dated]["deliveryDate"]) == ("BTCUSDT", delivery)
        filters = {each["filterType"]: each for each in perpetual["filters"]}
        assert filters["PRICE_FILTER"]["tickSize"] == "0.10"
        assert filters["MARKET_LOT_SIZE"]["stepSize"] == "0.001"
        assert filters["MIN_NOTIONAL"]["notional"] == "5"


async def test_a_client_of_spot_sees_no_contracts():
    async with still_emulator(rate=0) as emulator, rest_client(emulator) as client:
        assert (await client.get("/fapi/v1/exchangeInfo")).json()["symbols"] == []
        assert emulator.dialect.futures is None


async def test_futures_trade_around_what_spot_says_the_asset_is_worth():
    async with still_emulator() as emulator, rest_client(emulator) as client:
        premiums = {row["symbol"]: row for row in (await client.get(f"{FAPI}/premiumIndex")).json()}
        futures = emulator.dialect.futures
        assert futures is not None
        for symbol, row in premiums.items():
            index = float(row["indexPrice"])
            assert index == pytest.approx(emulator.market.worth(futures.listings[symbol].instrument))
            book = (await client.get(f"{FAPI}/depth", params={"symbol": symbol, "limit": 5})).json()
            middle = (float(book["bids"][0][0]) + float(book["asks"][0][0])) / 2
            assert middle == pytest.approx(float(row["markPrice"]), rel=1e-3)
            dated = "_" in symbol
            assert float(row["markPrice"]) == pytest.approx(index * (1.012 if dated else 1), rel=1e-6)
            assert (row["lastFundingRate"] == "") is dated


async def test_market_data_has_the_futures_shapes():
    async with still_emulator() as emulator, rest_client(emulator) as client:
        one = {"symbol": "BTCUSDT"}
        book = (await client.get(f"{FAPI}/depth", params=one)).json()
        assert book.keys() == {"lastUpdateId", "E", "T", "bids", "asks"}
        ticker = (await client.get(f"{FAPI}/ticker/24hr", params=one)).json()
        assert not {"bidPrice", "askPrice", "prevClosePrice"} & ticker.keys()
        assert (await client.get(f"{FAPI}/ticker/bookTicker", params=one)).json()["time"] > 0
        assert (await client.get("/usdm/fapi/v2/ticker/price", params=one)).json()["time"] > 0
        (newest,) = (await client.get(f"{FAPI}/aggTrades", params={**one, "limit": 1})).json()
        (trade,) = (await client.get(f"{FAPI}/trades", params={**one, "limit": 1})).json()
        assert newest["l"] == trade["id"]
        rows = (await client.get(f"{FAPI}/klines", params={**one, "interval": "1m", "limit": 9_999})).json()
        assert len(rows) == 1_500
        assert all(later[0] - earlier[0] == 60_000 for earlier, later in itertools.pairwise(rows))
        assert rows[-1][4] == ticker["lastPrice"]


@pytest.mark.parametrize(
    ("path", "params", "status", "code"),
    [
        ("depth", {"symbol": "NOSUCH"}, 400, -1121),
        ("depth", {"symbol": "BTCUSDT", "limit": 7}, 400, -1130),
        ("klines", {"symbol": "BTCUSDT", "interval": "1s"}, 400, -1120),
        ("klines", {"symbol": "BTCUSDT"}, 400, -1102),
    ],
)
async def test_refusals(path: str, params: dict[str, object], status: int, code: int):
    async with still_emulator(rate=0) as emulator, rest_client(emulator) as client:
        answer = await client.get(f"{FAPI}/{path}", params=params)
        assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize(
    ("call", "weight"),
    [
        ("depth?symbol=BTCUSDT&limit=50", 2),
        ("depth?symbol=BTCUSDT&limit=1000", 20),
        ("klines?symbol=BTCUSDT&interval=1m&limit=99", 1),
        ("klines?symbol=BTCUSDT&interval=1m&limit=100", 2),
        ("klines?symbol=BTCUSDT&interval=1m", 5),
        ("klines?symbol=BTCUSDT&interval=1m&limit=1500", 10),
        ("ticker/24hr", 40),
        ("aggTrades?symbol=BTCUSDT", 20),
    ],
)
async def test_a_call_weighs_what_the_venue_says_and_not_on_spots_budget(call: str, weight: int):
    async with still_emulator(rate=0) as emulator, rest_client(emulator) as client:
        spot = (await client.get("/api/v3/time")).headers["X-MBX-USED-WEIGHT-1M"]
        assert (await client.get(f"{FAPI}/{call}")).headers["X-MBX-USED-WEIGHT-1M"] == str(weight)
        assert int((await client.get("/api/v3/time")).headers["X-MBX-USED-WEIGHT-1M"]) == int(spot) + 1


async def test_the_account_adds_up():
    async with still_emulator() as emulator, rest_client(emulator) as client:

        async def read(path: str):
            query, headers = signed(emulator)
            return (await client.get(f"/usdm/fapi/v3/{path}?{query}", headers=headers)).json()

        balances = {row["asset"]: row for row in await read("balance")}
        positions = await read("positionRisk")
        account = await read("account")
        assert set(balances) == {"USDT", "BNB"}
        assert {row["symbol"]: row["positionAmt"] for row in positions} == {
            "BTCUSDT": "0.250",
            "ETHUSDT": "-3.000",
        }
        for row in positions:
            amount, entry, mark = (Decimal(row[name]) for name in ("positionAmt", "entryPrice", "markPrice"))
            assert Decimal(row["unRealizedProfit"]) == (amount * (mark - entry)).quantize(Decimal("1e-8"))
        profit = sum(Decimal(row["unRealizedProfit"]) for row in positions)
        assert Decimal(account["totalUnrealizedProfit"]) == profit
        assert Decimal(account["totalMarginBalance"]) == Decimal(balances["USDT"]["balance"]) + profit
        isolated = sum(Decimal(row["isolatedWallet"]) for row in positions)
        assert isolated > 0
        assert Decimal(account["totalCrossWalletBalance"]) == Decimal(balances["USDT"]["balance"]) - isolated


async def test_the_account_is_for_who_signs():
    async with still_emulator(rate=0) as emulator, rest_client(emulator) as client:
        path = "/usdm/fapi/v3/balance"
        assert (await client.get(path)).json()["code"] == -2014
        unsigned = await client.get(path, headers={"X-MBX-APIKEY": TRADE_KEY})
        assert unsigned.json()["code"] == -1102
        query, headers = signed(emulator, secret="wrong")
        assert (await client.get(f"{path}?{query}", headers=headers)).json()["code"] == -1022


async def test_a_listen_key_is_the_accounts_and_lives_for_an_hour():
    async with still_emulator(rate=0) as emulator, rest_client(emulator) as client:
        headers = {"X-MBX-APIKEY": TRADE_KEY}

        async def ask(method: str):
            return (await client.request(method, f"{FAPI}/listenKey", headers=headers)).json()

        assert (await ask("PUT"))["code"] == -1125
        key = (await ask("POST"))["listenKey"]
        assert (await ask("POST"))["listenKey"] == (await ask("PUT"))["listenKey"] == key
        emulator.clock.offset = 3_600_001
        emulator.dialect.tick(emulator.market.now)
        assert (await ask("PUT"))["code"] == -1125
        assert (await ask("POST"))["listenKey"] != key
        assert await ask("DELETE") == {}
        assert (await ask("PUT"))["code"] == -1125
        assert (await client.post(f"{FAPI}/listenKey")).json()["code"] == -2014
