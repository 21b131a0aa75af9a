"""A list however long, a bomb, half a character, an absurd tick: each costs itself and nothing else."""

import asyncio
import gzip
import tracemalloc
from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from catalog.model import MarketType
from connectors.contracts.errors import BadResponse
from connectors.contracts.instruments import is_step
from connectors.contracts.services import ConnectorContext
from connectors.rest.bodies import mended, read_bounded
from connectors.venues.binance.client import BinanceClientService
from tests.connectors.rest.server import Reply, Request, loopback


def context_of(url: str) -> ConnectorContext:
    return ConnectorContext(
        connector_type="binance", market_type=MarketType.SPOT, environment="local", endpoints={"rest": url}
    )


def row(symbol: str, *, base: str = "A", tick: str = "0.01", lot: str = "0.001") -> str:
    """As JSON text, with escapes as they are written."""
    return (
        f'{{"symbol":"{symbol}","status":"TRADING","baseAsset":"{base}","quoteAsset":"USDT","filters":['
        f'{{"filterType":"PRICE_FILTER","tickSize":"{tick}"}},{{"filterType":"LOT_SIZE","stepSize":"{lot}"}}]}}'
    )


def listing(*rows: str) -> bytes:
    return f'{{"rateLimits":[],"symbols":[{",".join(rows)}]}}'.encode()


async def symbols_of(body: bytes) -> list[str]:
    def answer(request: Request) -> Reply:
        return Reply(b'{"serverTime":1700000000000}' if request.path.endswith("/time") else body)

    async with loopback(answer) as server:
        context = context_of(server.url)
        client = BinanceClientService(context)
        try:
            await client.ensure_ready()
            return list(client.instruments)
        finally:
            await client.close()


@pytest.mark.parametrize("bad", [{"tick": "1e17"}, {"tick": "1e-99"}, {"lot": "1e17"}, {"lot": "1e-99"}])
async def test_an_absurd_step_costs_its_own_instrument(bad: dict[str, str]):
    assert await symbols_of(listing(row("BTCUSDT"), row("BADUSDT", **bad))) == ["BTCUSDT"]
    with pytest.raises(BadResponse, match="no tick that can be one"):
        await symbols_of(listing(row("BADUSDT", **bad)))


@pytest.mark.parametrize(
    ("step", "right"),
    [
        ("1e-18", True),
        ("1e9", True),
        ("0.01", True),
        ("1e-19", False),
        ("1e10", False),
        ("0", False),
        ("NaN", False),
    ],
)
def test_what_a_step_may_be(step: str, right: bool):
    assert is_step(Decimal(step)) is right
    assert is_step(None)


@pytest.mark.parametrize("half", ["\\ud800", "\\uDFFF", "\\udc00\\ud800", "\\uD83D\\u0041"])
async def test_half_a_character_costs_its_own_row(half: str):
    assert await symbols_of(listing(row("BTCUSDT"), row(f"{half}USDT"))) == ["BTCUSDT"]
    # A name that is only shown loses that sign alone.
    assert await symbols_of(listing(row("BTCUSDT"), row("XUSDT", base=half))) == ["BTCUSDT", "XUSDT"]


@pytest.mark.parametrize(
    "body", [rb'"\ud83d\ude00"', rb'"\\ud800"', rb'"\u9f99\u867e"', b'"plain"', rb'"\\\ud83d\ude00"']
)
def test_whole_characters_and_escaped_backslashes_stay(body: bytes):
    assert mended(body) == body


async def test_a_bomb_is_stopped_in_little_memory():
    bomb = gzip.compress(bytes(256 * 1024 * 1024))

    async def chunks() -> AsyncIterator[bytes]:
        yield bomb

    tracemalloc.start()
    try:
        with pytest.raises(BadResponse, match="longer than 65536 KiB"):
            await read_bounded(chunks(), "gzip", 64 * 1024 * 1024)
        assert tracemalloc.get_traced_memory()[1] < 90 * 1024 * 1024
    finally:
        tracemalloc.stop()


async def test_a_long_list_leaves_the_loop_its_turns():
    """Measured in turns, not in time: a list that is read in one go leaves the loop none."""
    body = listing(row("BTCUSDT"), *(row(f"C{number}USDT") for number in range(20_000)))
    turns = 0

    async def turning() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0.001)

    others = asyncio.create_task(turning())
    client = BinanceClientService(context_of("http://127.0.0.1:9"))

    async def get(*_: object, **__: object) -> bytes:
        return body

    client.get = get  # type: ignore[method-assign]
    try:
        assert len(await client.load_instruments()) == 20_001
    finally:
        others.cancel()
        await client.close()
    assert turns > 10
