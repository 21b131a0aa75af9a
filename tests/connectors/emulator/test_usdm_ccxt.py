"""A client that is not ours works against the emulator's futures when only its URLs are changed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import ccxt.pro
import pytest

from connectors.emulator.accounts import TRADE_KEY, TRADE_SECRET
from connectors.emulator.emulator import Emulator
from connectors.emulator.testing import running_emulator

PAIR = "BTC/USDT:USDT"
pytestmark = pytest.mark.xdist_group("ccxt")


@asynccontextmanager
async def client(emulator: Emulator) -> AsyncIterator[Any]:
    """Every host of the futures is the emulator's `/usdm`, and every other one the emulator itself."""
    endpoints = emulator.endpoints
    exchange = ccxt.pro.binanceusdm({"apiKey": TRADE_KEY, "secret": TRADE_SECRET})
    for name, url in list(exchange.urls["api"].items()):
        if isinstance(url, str):
            base = endpoints["futures_rest" if name.startswith("fapi") else "rest"]
            exchange.urls["api"][name] = f"{base}/{url.split('/', 3)[3]}"
    exchange.urls["api"]["ws"]["linear"] = f"{endpoints['futures_ws']}/ws"
    try:
        yield exchange
    finally:
        await exchange.close()


async def test_markets_data_and_the_account_over_rest():
    async with running_emulator() as emulator, client(emulator) as exchange:
        markets = await exchange.load_markets()
        dated = next(market for market in markets.values() if market["future"])
        assert (markets[PAIR]["swap"], markets[PAIR]["linear"]) == (True, True)
        assert markets[PAIR]["precision"]["price"] == 0.1
        assert (dated["base"], dated["settle"], dated["expiry"]) == ("BTC", "USDT", dated["expiry"])
        book = await exchange.fetch_order_book(PAIR)
        assert book["bids"][0][0] < book["asks"][0][0]
        candles = await exchange.fetch_ohlcv(PAIR, "1h", limit=24)
        assert len(candles) == 24
        assert (await exchange.fetch_ticker(dated["symbol"]))["last"] > (await exchange.fetch_ticker(PAIR))[
            "last"
        ]
        assert (await exchange.fetch_funding_rate(PAIR))["fundingRate"] == 0.0001
        balance = await exchange.fetch_balance()
        assert balance["USDT"]["total"] > 0
        held = {position["symbol"]: position for position in await exchange.fetch_positions()}
        assert (held[PAIR]["side"], held[PAIR]["contracts"]) == ("long", 0.25)
        assert held["ETH/USDT:USDT"]["side"] == "short"


async def test_trades_books_candles_and_marks_are_streamed():
    async with running_emulator(rate=10) as emulator, client(emulator) as exchange, asyncio.timeout(12):
        await exchange.load_markets()
        trades = await exchange.watch_trades(PAIR)
        assert trades[0]["symbol"] == PAIR
        nonces = []
        for _ in range(4):
            book = await exchange.watch_order_book(PAIR)
            assert book["bids"][0][0] < book["asks"][0][0]
            nonces.append(book["nonce"])
        assert nonces == sorted(nonces)
        assert nonces[0] < nonces[-1]
        candle = (await exchange.watch_ohlcv(PAIR, "1m"))[-1]
        assert candle[3] <= candle[4] <= candle[2]
        assert (await exchange.watch_mark_price(PAIR))["markPrice"] > 0
