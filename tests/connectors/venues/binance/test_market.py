import json

import pytest

from connectors.contracts import Candle, Instrument, Price, TimeFrame
from connectors.contracts.errors import BadResponse, BadSymbol, UnsupportedTimeFrame
from connectors.venues.binance.client import BinanceClientService
from connectors.venues.binance.market import BinanceMarketApi
from tests.connectors.rest.server import Reply, Request
from tests.connectors.venues.binance.venue import FakeBinance, connected, constantly, error

MINUTE = 60_000
NOW = 1_700_000_000_000 // MINUTE * MINUTE + 30_000


def history(count: int) -> dict[str, object]:
    """A venue whose clock stands at NOW and whose last candle of `count` is the one of that minute."""
    last = NOW // MINUTE * MINUTE
    opens = [last - MINUTE * back for back in reversed(range(count))]

    def klines(request: Request) -> Reply:
        until = int(request.params.get("endTime", NOW))
        limit = min(int(request.params.get("limit", "500")), 1000)
        rows = [
            [time, "1.0", "2.0", "0.5", str(1 + number / 1e6), "10", time + MINUTE - 1, "0", 1, "0", "0", "0"]
            for number, time in enumerate(opens)
            if time <= until
        ]
        return Reply(json.dumps(rows[-limit:]).encode())

    return {"/api/v3/klines": klines, "/api/v3/time": constantly({"serverTime": NOW})}


def fake(answers: object) -> FakeBinance:
    return FakeBinance(answers=answers)  # type: ignore[arg-type]  # built by `history`


async def ready(client: BinanceClientService) -> tuple[BinanceMarketApi, Instrument]:
    await client.ensure_ready()
    return BinanceMarketApi(client), client.instrument("ETHBTC")


@pytest.mark.parametrize(("limit", "pages"), [(1, 1), (500, 1), (1000, 1), (1001, 2), (2500, 3)])
async def test_history_is_paged_backwards_and_comes_oldest_first(limit: int, pages: int) -> None:
    async with connected(fake(history(3000))) as (client, _, server):
        market, instrument = await ready(client)
        candles = await market.get_candles(instrument, TimeFrame.M1, limit=limit)
        times = [candle.timestamp for candle in candles]
        assert times == [NOW // MINUTE * MINUTE - MINUTE * back for back in reversed(range(limit))]
        assert [candle.closed for candle in candles] == [True] * (limit - 1) + [False]
        assert sum(request.path == "/api/v3/klines" for request in server.requests) == pages


async def test_a_candle_is_what_its_row_says() -> None:
    async with connected(fake(history(2))) as (client, _, _server):
        market, instrument = await ready(client)
        first, last = await market.get_candles(instrument, TimeFrame.M1)
        start = NOW // MINUTE * MINUTE
        assert first == Candle("ETHBTC", "1m", start - MINUTE, 1.0, 2.0, 0.5, 1.0, 10.0, closed=True)
        assert last == Candle("ETHBTC", "1m", start, 1.0, 2.0, 0.5, 1.000001, 10.0, closed=False)


async def test_history_before_a_time_ends_at_it() -> None:
    async with connected(fake(history(3000))) as (client, _, _server):
        market, instrument = await ready(client)
        newest = await market.get_candles(instrument, TimeFrame.M1, limit=100)
        older = await market.get_candles(
            instrument, TimeFrame.M1, limit=1500, end_time=newest[0].timestamp - 1
        )
        assert len(older) == 1500
        assert older[-1].timestamp == newest[0].timestamp - MINUTE
        assert all(candle.closed for candle in older)
        inside = await market.get_candles(
            instrument, TimeFrame.M1, limit=1, end_time=newest[0].timestamp + 10_000
        )
        assert [candle.timestamp for candle in inside] == [newest[0].timestamp - MINUTE]


async def test_history_shorter_than_asked_is_all_there_is() -> None:
    async with connected(fake(history(7))) as (client, _, _server):
        market, instrument = await ready(client)
        assert len(await market.get_candles(instrument, TimeFrame.M1, limit=2500)) == 7
        assert await market.get_candles(instrument, TimeFrame.M1, limit=0) == []
        assert await market.get_candles(instrument, TimeFrame.M1, end_time=5) == []


async def test_an_interval_there_is_not() -> None:
    async with connected() as (client, _, server):
        market, instrument = await ready(client)
        asked = len(server.requests)
        with pytest.raises(UnsupportedTimeFrame):
            await market.get_candles(instrument, "7m")  # type: ignore[arg-type]  # what a person may type
        assert len(server.requests) == asked


ROW = [60_000, "1", "2", "0.5", "1", "10", 119_999]


@pytest.mark.parametrize(
    "rows",
    [
        {"not": "rows"}, [[1, 2]], [["x", *ROW[1:]]], [[60_000, "NaN", *ROW[2:]]], [ROW, ROW],
        [[120_000, *ROW[1:]], ROW], [[60_000, "-1", *ROW[2:]]],
    ],
)  # fmt: skip
async def test_candles_that_cannot_be_read(rows: object) -> None:
    async with connected(FakeBinance(answers={"/api/v3/klines": constantly(rows)})) as (client, _, _server):
        market, instrument = await ready(client)
        with pytest.raises(BadResponse, match="candles"):
            await market.get_candles(instrument, TimeFrame.M1)


async def test_a_venue_that_ignores_the_end_does_not_page_for_ever() -> None:
    newest = [[NOW // MINUTE * MINUTE + MINUTE * number, *ROW[1:6], NOW * 2] for number in range(1000)]
    async with connected(FakeBinance(answers={"/api/v3/klines": constantly(newest)})) as (client, _, server):
        market, instrument = await ready(client)
        with pytest.raises(BadResponse, match="newer than was asked for"):
            await market.get_candles(instrument, TimeFrame.M1, limit=5000)
        assert sum(request.path == "/api/v3/klines" for request in server.requests) == 2


@pytest.mark.parametrize(
    ("limit", "asked", "weight"),
    [(1, 1, 5), (100, 100, 5), (101, 101, 25), (1000, 1000, 50), (5000, 5000, 250), (9999, 5000, 250)],
)
async def test_a_snapshot_and_its_weight(limit: int, asked: int, weight: int) -> None:
    body = {"lastUpdateId": 1027024, "bids": [["4.0", "431.0"]], "asks": [["4.2", "12.0"]]}
    async with connected(FakeBinance(answers={"/api/v3/depth": constantly(body)})) as (client, _, server):
        market, instrument = await ready(client)
        before = client.client_health().budgets[0].used
        book = await market.get_depth(instrument, limit)
        assert book.is_snapshot
        assert (book.symbol, book.last_sequence) == ("ETHBTC", 1027024)
        assert (book.bids, book.asks) == ([(4.0, 431.0)], [(4.2, 12.0)])
        assert server.requests[-1].params == {"symbol": "ETHBTC", "limit": str(asked)}
        assert client.client_health().budgets[0].used - before == weight


async def test_a_symbol_the_venue_no_longer_knows() -> None:
    refusal = error(400, -1121, "Invalid symbol.")
    async with connected(FakeBinance(answers={"/api/v3/depth": lambda _: refusal})) as (client, _, _server):
        market, instrument = await ready(client)
        with pytest.raises(BadSymbol):
            await market.get_depth(instrument)


async def test_prices_leave_out_what_has_none_and_what_cannot_be_read() -> None:
    good = {
        "symbol": "BNBBTC",
        "lastPrice": "4.00000200",
        "bidPrice": "4.00000000",
        "askPrice": "4.00000200",
        "openPrice": "99.00000000",
        "highPrice": "100.00000000",
        "lowPrice": "0.10000000",
        "volume": "8913.30000000",
        "quoteVolume": "15.30000000",
        "closeTime": 1499869899040,
    }
    rows = [
        good,
        {**good, "symbol": "DEAD", "lastPrice": "0.00"},
        {**good, "symbol": "BAD", "lastPrice": "NaN"},
        7,
    ]
    answers = {"/api/v3/ticker/24hr": constantly(rows)}
    async with connected(FakeBinance(answers=answers)) as (client, _, _server):
        prices = await BinanceMarketApi(client).get_prices()
        assert prices == {
            "BNBBTC": Price("BNBBTC", 4.000002, 1499869899040, 4.0, 4.000002, 99.0, 100.0, 0.1, 8913.3, 15.3)
        }


@pytest.mark.parametrize("body", [{}, [7], b"x"])
async def test_prices_that_cannot_be_read(body: object) -> None:
    async with connected(FakeBinance(answers={"/api/v3/ticker/24hr": constantly(body)})) as (
        client,
        _,
        _server,
    ):
        with pytest.raises(BadResponse):
            await BinanceMarketApi(client).get_prices()


async def test_fresh_instruments_renew_the_clients_own() -> None:
    async with connected() as (client, fake, _server):
        market, _ = await ready(client)
        info = json.loads(fake._body(Request("GET", "/api/v3/exchangeInfo", {}, b"")))
        info["symbols"][0]["symbol"] = "NEWBTC"
        fake.answers["/api/v3/exchangeInfo"] = constantly(info)
        assert [instrument.symbol for instrument in await market.get_instruments_info()] == ["NEWBTC"]
        assert list(client.instruments) == ["NEWBTC"]
