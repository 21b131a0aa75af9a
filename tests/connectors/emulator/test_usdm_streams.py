"""USD-M streams: the pu chain, the split addresses, the account's events."""

import asyncio
import json
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from connectors.emulator.accounts import TRADE_KEY
from connectors.emulator.binance.usdm.prices import FUNDING_MS
from connectors.emulator.clock import ManualClock
from connectors.emulator.emulator import Emulator
from connectors.emulator.testing import pass_time, running_emulator
from tests.connectors.emulator.support import (
    START,
    ask,
    receive,
    rest_client,
    signed,
    still_emulator,
    stream_client,
)

PUBLIC = ("btcusdt@depth@100ms", "btcusdt@depth5@100ms", "btcusdt@bookTicker", "btcusdt@trade")
MARKET = (
    "btcusdt@aggTrade",
    "btcusdt@kline_1m",
    "btcusdt@ticker",
    "btcusdt@miniTicker",
    "btcusdt@markPrice@1s",
    "!miniTicker@arr",
    "!ticker@arr",
    "!markPrice@arr@1s",
)


async def streamed(path: str, names: tuple[str, ...]) -> dict[str, list[Any]]:
    """What each stream sent in four seconds of venue time at that address."""
    async with still_emulator(rate=10) as emulator, stream_client(emulator, f"/usdm{path}") as client:
        assert (await ask(client, method="SUBSCRIBE", params=list(names), id=1))["result"] is None
        assert (await ask(client, method="LIST_SUBSCRIPTIONS", id=2))["result"] == list(names)
        pass_time(emulator, 4_000)
        await client.send(json.dumps({"method": "LIST_SUBSCRIPTIONS", "id": 3}))
        heard: dict[str, list[Any]] = {}
        while "id" not in (frame := await receive(client)):
            heard.setdefault(frame["stream"], []).append(frame["data"])
        return heard


@pytest.mark.parametrize(("category", "own"), [("public", PUBLIC), ("market", MARKET)])
async def test_each_address_serves_its_own_streams_and_is_silent_on_the_others(
    category: str, own: tuple[str, ...]
):
    heard = await streamed(f"/{category}/stream", PUBLIC + MARKET)
    assert heard.keys() == set(own)


async def test_the_retired_addresses_are_answered_and_silent():
    assert await streamed("/stream", PUBLIC + MARKET) == {}


@pytest.mark.parametrize("path", ["/usdm/other/stream", "/usdm/public", "/usdm/public/other", "/public/ws"])
async def test_there_are_no_other_addresses(path: str):
    async with still_emulator(rate=0) as emulator:
        with pytest.raises(InvalidStatus, match="404"):
            async with stream_client(emulator, path):
                pass


async def test_every_depth_event_names_the_last_id_of_the_one_before():
    events = (await streamed("/public/stream", PUBLIC))["btcusdt@depth@100ms"]
    assert len(events) > 10
    assert events[0]["pu"] == events[0]["U"] - 1
    assert [event["pu"] for event in events[1:]] == [event["u"] for event in events[:-1]]
    assert events[0].keys() == {"e", "E", "T", "s", "U", "u", "pu", "b", "a"}


async def test_events_have_the_futures_shapes():
    public, market = await streamed("/public/stream", PUBLIC), await streamed("/market/stream", MARKET)
    ticker = market["btcusdt@ticker"][0]
    assert not {"x", "b", "B", "a", "A"} & ticker.keys()
    assert public["btcusdt@bookTicker"][0]["e"] == "bookTicker"
    assert public["btcusdt@depth5@100ms"][0]["e"] == "depthUpdate"
    assert len(public["btcusdt@depth5@100ms"][0]["b"]) == 5
    trades = market["btcusdt@aggTrade"]
    numbers = [trade["a"] for trade in trades]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert "M" not in trades[0]
    mark = market["btcusdt@markPrice@1s"]
    assert len(mark) == 4
    assert mark[0].keys() == {"e", "E", "s", "p", "i", "P", "r", "T"}
    assert len(market["btcusdt@kline_1m"]) >= 16
    assert {row["s"] for row in market["!markPrice@arr@1s"][0]} > {"BTCUSDT", "ETHUSDT"}


async def test_ten_messages_a_second_are_taken():
    async with still_emulator(rate=0) as emulator, stream_client(emulator, "/usdm/market/ws") as client:
        for number in range(10):
            await client.send(json.dumps({"method": "LIST_SUBSCRIPTIONS", "id": number}))
        answers = [(await receive(client))["id"] for _ in range(10)]
        assert answers == list(range(10))


async def listening(emulator: Emulator) -> str:
    async with rest_client(emulator) as client:
        headers = {"X-MBX-APIKEY": TRADE_KEY}
        answer = await client.post("/usdm/fapi/v1/listenKey", headers=headers)
        return str(answer.json()["listenKey"])


@pytest.mark.parametrize("form", ["/usdm/private/ws?listenKey={}", "/usdm/private/ws/{}"])
async def test_funding_changes_the_balance_and_names_the_isolated_position(form: str):
    clock = ManualClock(START - START % FUNDING_MS + FUNDING_MS - 500)
    async with running_emulator(clock=clock, drive=False) as emulator, rest_client(emulator) as client:
        key = await listening(emulator)
        query, headers = signed(emulator)
        before = (await client.get(f"/usdm/fapi/v3/balance?{query}", headers=headers)).json()[0]
        async with stream_client(emulator, form.format(key)) as stream:
            pass_time(emulator, 1_000)
            cross, isolated = await receive(stream), await receive(stream)
        assert {event["a"]["m"] for event in (cross, isolated)} == {"FUNDING_FEE"}
        assert cross["a"]["P"] == []
        assert [row["s"] for row in isolated["a"]["P"]] == ["ETHUSDT"]
        paid = sum(float(event["a"]["B"][0]["bc"]) for event in (cross, isolated))
        assert float(isolated["a"]["B"][0]["wb"]) == pytest.approx(float(before["balance"]) + paid)
        # Longs pay, shorts are paid.
        assert float(cross["a"]["B"][0]["bc"]) < 0 < float(isolated["a"]["B"][0]["bc"])


async def test_who_listens_hears_that_the_key_has_expired():
    async with still_emulator(rate=0) as emulator:
        key = await listening(emulator)
        async with stream_client(emulator, f"/usdm/private/ws?listenKey={key}") as stream:
            emulator.clock.offset = 3_600_001
            pass_time(emulator, 100)
            assert await receive(stream) == {
                "e": "listenKeyExpired",
                "E": str(emulator.clock.now() + 3_600_001),
                "listenKey": key,
            }


async def test_a_wrong_listen_key_hears_nothing():
    clock = ManualClock(START - START % FUNDING_MS + FUNDING_MS - 500)
    async with running_emulator(clock=clock, drive=False) as emulator:
        key = await listening(emulator)
        async with (
            stream_client(emulator, "/usdm/private/ws?listenKey=another") as stranger,
            stream_client(emulator, f"/usdm/private/ws?listenKey={key}") as owner,
        ):
            async with rest_client(emulator) as client:
                query, headers = signed(emulator)
                await client.get(f"/usdm/fapi/v3/balance?{query}", headers=headers)
            pass_time(emulator, 1_000)
            assert (await receive(owner))["e"] == "ACCOUNT_UPDATE"
            await (await stranger.ping())
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0):
                    await stranger.recv()
