"""A venue's list changes at run time, and every dialect's answers with it."""

from typing import Any

import pytest

from connectors.emulator.emulator import Emulator
from tests.connectors.emulator.support import rest_client, still_emulator


async def described(emulator: Emulator, symbol: str) -> dict[str, Any] | None:
    async with rest_client(emulator) as client:
        listed = (await client.get("/api/v3/exchangeInfo")).json()["symbols"]
    return next((one for one in listed if one["symbol"] == symbol), None)


async def change(emulator: Emulator, **fields: Any) -> int:
    async with rest_client(emulator) as client:
        return (await client.post("/_emulator/instruments", json=fields)).status_code


@pytest.mark.parametrize("status", ["HALT", "BREAK", "TRADING"])
async def test_a_status_is_told_and_no_order_taken(status: str):
    async with still_emulator() as emulator:
        assert await change(emulator, symbol="BTCUSDT", status=status) == 200
        told = await described(emulator, "BTCUSDT")
        assert told is not None
        assert told["status"] == status


async def test_a_tick_is_told():
    async with still_emulator() as emulator:
        assert await change(emulator, symbol="DOGEUSDT", tick="0.01") == 200
        told = await described(emulator, "DOGEUSDT")
        assert told is not None
        assert told["filters"][0]["tickSize"] == "0.01000000"


async def test_a_pair_comes_and_goes():
    async with still_emulator() as emulator:
        assert await described(emulator, "NEWUSDT") is None
        assert await change(emulator, symbol="NEWUSDT", base="NEW", quote="USDT") == 200
        assert await described(emulator, "NEWUSDT") is not None
        async with rest_client(emulator) as client:
            assert (await client.get("/api/v3/depth?symbol=NEWUSDT")).json()["bids"]
            assert await change(emulator, symbol="NEWUSDT", listed=False) == 200
            assert (await client.get("/api/v3/depth?symbol=NEWUSDT")).json()["code"] == -1121
        emulator.advance(emulator.clock.now() + 60_000)
        assert await described(emulator, "NEWUSDT") is None


async def test_a_pair_named_in_chinese_is_listed():
    async with still_emulator() as emulator, rest_client(emulator) as client:
        assert await described(emulator, "币安人生USDT") is not None
        answer = await client.get("/api/v3/depth", params={"symbol": "币安人生USDT"})
        assert answer.json()["bids"]


@pytest.mark.parametrize(
    "fields",
    [
        {"symbol": "NOPE", "status": "HALT"},
        {"symbol": "BTCUSDT", "tick": "nan"},
        {"symbol": "BTCUSDT", "tick": "1e-99"},
        {"symbol": "BTCUSDT", "status": "\x1b"},
        {"symbol": "BTCUSDT", "base": "BTC", "quote": "USDT"},
        {"symbol": "XUSDT", "base": "Y", "quote": "USDT"},
        {"symbol": "BTCUSDT", "market": "futures", "status": "HALT"},
        {"symbol": "BTCUSDT", "unknown": 1},
    ],
)
async def test_what_cannot_be_is_refused(fields: dict[str, Any]):
    async with still_emulator() as emulator:
        assert await change(emulator, **fields) == 400
