"""A client that is not ours works against the emulator when only its URLs are changed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import ccxt
import ccxt.pro
import pytest

from connectors.emulator.accounts import TRADE_KEY, TRADE_SECRET
from connectors.emulator.binance.ws_api import WsApiSession
from connectors.emulator.emulator import Emulator
from connectors.emulator.testing import running_emulator
from tests.connectors.emulator.support import until

PAIR = "BTC/USDT"
pytestmark = pytest.mark.xdist_group("ccxt")


def point(exchange: Any, endpoints: dict[str, str]) -> None:
    """Change the URLs: every REST host to the emulator's, and the two WebSocket addresses of spot."""
    for name, url in list(exchange.urls["api"].items()):
        if isinstance(url, str):
            path = url.split("/", 3)[3]
            exchange.urls["api"][name] = f"{endpoints['rest']}/{path}"
    exchange.urls["api"]["ws"]["spot"] = f"{endpoints['ws']}/ws"
    exchange.urls["api"]["ws"]["ws-api"]["spot"] = endpoints["ws_api"]


@asynccontextmanager
async def client(emulator: Emulator, **options: Any) -> AsyncIterator[Any]:
    exchange = ccxt.pro.binance({"apiKey": TRADE_KEY, "secret": TRADE_SECRET, **options})
    point(exchange, emulator.endpoints)
    try:
        yield exchange
    finally:
        await exchange.close()


async def test_markets_data_and_an_order_over_rest():
    async with running_emulator() as emulator, client(emulator) as exchange:
        markets = await exchange.load_markets()
        assert set(markets) >= {PAIR, "ETH/BTC", "BTC/EUR"}
        assert markets[PAIR]["precision"] == {"amount": 1e-05, "price": 0.01, "base": 1e-08, "quote": 1e-08}
        assert markets[PAIR]["limits"]["cost"]["min"] == 5

        book = await exchange.fetch_order_book(PAIR)
        assert book["bids"][0][0] < book["asks"][0][0]
        assert len(book["bids"]) == 100
        candles = await exchange.fetch_ohlcv(PAIR, "1h", limit=24)
        assert len(candles) == 24
        assert all(low <= min(o, c) <= max(o, c) <= high for _, o, high, low, c, _ in candles)
        ticker = await exchange.fetch_ticker(PAIR)
        assert ticker["bid"] < ticker["ask"]
        assert len(await exchange.fetch_tickers()) == len(emulator.market.listings)
        assert (await exchange.fetch_trades(PAIR))[-1]["symbol"] == PAIR

        balance = await exchange.fetch_balance()
        assert balance["USDT"] == {"free": 100_000.0, "used": 0.0, "total": 100_000.0}
        order = await exchange.create_order(PAIR, "limit", "buy", 0.01, 60_000)
        assert (order["status"], order["filled"]) == ("open", 0)
        assert (await exchange.fetch_balance())["USDT"]["used"] == 600
        assert [entry["id"] for entry in await exchange.fetch_open_orders(PAIR)] == [order["id"]]
        assert (await exchange.cancel_order(order["id"], PAIR))["status"] == "canceled"
        assert (await exchange.fetch_order(order["id"], PAIR))["status"] == "canceled"

        bought = await exchange.create_order(PAIR, "market", "buy", 0.02)
        assert (bought["status"], bought["filled"]) == ("closed", 0.02)
        assert bought["fee"]["currency"] == "BTC"
        assert sum(trade["amount"] for trade in await exchange.fetch_my_trades(PAIR)) == pytest.approx(0.02)


async def test_refusals_become_the_clients_own_errors():
    async with running_emulator(rate=0) as emulator, client(emulator) as exchange:
        with pytest.raises(ccxt.InsufficientFunds):
            await exchange.create_order(PAIR, "limit", "buy", 100, 60_000)
        with pytest.raises(ccxt.OrderImmediatelyFillable):
            await exchange.create_order(PAIR, "limit", "buy", 0.01, 70_000, {"postOnly": True})
        with pytest.raises(ccxt.OrderNotFound):
            await exchange.cancel_order("1", PAIR)
        with pytest.raises(ccxt.BadSymbol):
            await exchange.publicGetDepth({"symbol": "NOSUCH"})
        exchange.secret = "wrong"
        with pytest.raises(ccxt.AuthenticationError):
            await exchange.fetch_balance()


async def test_trades_books_candles_and_tickers_are_streamed():
    async with running_emulator(rate=20) as emulator, client(emulator) as exchange, asyncio.timeout(12):
        await exchange.load_markets()
        first = await exchange.watch_trades(PAIR)
        more = await exchange.watch_trades(PAIR)
        assert int(more[-1]["id"]) > int(first[0]["id"]) or len(more) > 1
        nonces = []
        for _ in range(4):
            book = await exchange.watch_order_book(PAIR)
            assert book["bids"][0][0] < book["asks"][0][0]
            nonces.append(book["nonce"])
        assert nonces == sorted(nonces)
        assert nonces[0] < nonces[-1]
        candle = (await exchange.watch_ohlcv(PAIR, "1m"))[-1]
        assert candle[3] <= candle[4] <= candle[2]
        assert (await exchange.watch_ticker(PAIR))["last"] > 0
        assert PAIR in await exchange.watch_bids_asks([PAIR])


async def test_orders_over_the_websocket_api_are_heard_as_events():
    async with running_emulator(rate=1) as emulator, client(emulator) as exchange, asyncio.timeout(12):
        await exchange.load_markets()
        heard = asyncio.create_task(exchange.watch_orders(PAIR))
        await until(lambda: any(isinstance(socket.session, WsApiSession) for socket in emulator.sockets))
        placed = await exchange.create_order_ws(PAIR, "limit", "buy", 0.01, 60_000)
        assert placed["status"] == "open"
        assert [(order["id"], order["status"]) for order in await heard] == [(placed["id"], "open")]
        again = asyncio.create_task(exchange.watch_orders(PAIR))
        assert (await exchange.cancel_order_ws(placed["id"], PAIR))["status"] == "canceled"
        assert [order["status"] for order in await again] == ["canceled"]
