"""A client that is not ours works against the emulator when only its URLs are changed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any

import ccxt.pro

from connectors.emulator.toolkit import Emulator, running_emulator

PAIR = "BTC/USDT"


@asynccontextmanager
async def client(emulator: Emulator) -> AsyncIterator[Any]:
    exchange: Any = ccxt.pro.bitstamp()
    base = emulator.endpoints["rest"].removesuffix("/v2")
    exchange.urls["api"] = {"public": base, "private": base, "ws": emulator.endpoints["ws"]}
    # Its own wait for the venue's delayed snapshots: the emulator's are not.
    exchange.options["watchOrderBook"]["snapshotDelay"] = 1
    try:
        async with asyncio.timeout(20):
            yield exchange
    finally:
        await exchange.close()


async def test_markets_books_trades_and_candles_over_rest():
    async with running_emulator("bitstamp") as emulator, client(emulator) as exchange:
        markets = await exchange.load_markets()
        assert set(markets) == {
            f"{each.instrument.base}/{each.instrument.quote}" for each in _listings(emulator)
        }
        assert markets[PAIR]["precision"] == {"amount": 1e-05, "price": 0.01}
        assert markets[PAIR]["limits"]["cost"]["min"] == 5
        assert markets[PAIR]["active"]
        order_book = await exchange.fetch_order_book(PAIR)
        assert order_book["bids"][0][0] < order_book["asks"][0][0]
        ticker = await exchange.fetch_ticker(PAIR)
        assert ticker["low"] <= ticker["last"] <= ticker["high"]
        assert set(await exchange.fetch_tickers()) == set(markets)
        last = emulator.market.listings["BTCUSDT"].tape.trades[-1]
        trades = await exchange.fetch_trades(PAIR)
        assert [trade["side"] for trade in trades if trade["id"] == str(last.id)] == [
            "sell" if last.maker_is_buyer else "buy"
        ]
        candles = await exchange.fetch_ohlcv(PAIR, "1h", limit=24)
        assert len(candles) == 24
        assert {later[0] - earlier[0] for earlier, later in pairwise(candles)} == {3_600_000}


async def test_trades_and_a_book_kept_from_differences_over_the_stream():
    async with running_emulator("bitstamp", rate=20) as emulator, client(emulator) as exchange:
        trades: list[Any] = []
        while len(trades) < 5:
            trades = await exchange.watch_trades(PAIR)
        made = {str(trade.id): trade for trade in emulator.market.listings["BTCUSDT"].tape.trades}
        for trade in trades:
            truth = made[trade["id"]]
            assert trade["price"] == float(truth.instrument.price(truth.price))
            assert trade["timestamp"] == truth.time
        for _ in range(5):
            order_book = await exchange.watch_order_book(PAIR)
            assert order_book["bids"][0][0] < order_book["asks"][0][0]


def _listings(emulator: Emulator) -> list[Any]:
    return list(emulator.market.listings.values())
