"""A book kept from snapshot and diffs by the venue's rule is the engine's book."""

import asyncio
import itertools
from typing import Any

import httpx
import pytest

from connectors.emulator.testing import pass_time, running_emulator
from tests.connectors.emulator.support import ask, receive, rest_client, signed, still_emulator, stream_client


class LocalBook:
    """The venue's own recipe ("how to manage a local order book correctly"), written as it stands there."""

    def __init__(self, snapshot: dict[str, Any]) -> None:
        self.id: int = snapshot["lastUpdateId"]
        self.sides = {"b": dict(snapshot["bids"]), "a": dict(snapshot["asks"])}
        self.applied = 0

    def apply(self, event: dict[str, Any]) -> None:
        if event["u"] <= self.id:
            return
        assert event["U"] <= self.id + 1, "gap"
        for side, levels in self.sides.items():
            for price, quantity in event[side]:
                if float(quantity) == 0:
                    levels.pop(price, None)
                else:
                    levels[price] = quantity
        self.id = event["u"]
        self.applied += 1

    def ladder(self) -> dict[str, list[list[str]]]:
        return {
            "bids": [
                list(level) for level in sorted(self.sides["b"].items(), key=lambda level: -float(level[0]))
            ],
            "asks": [
                list(level) for level in sorted(self.sides["a"].items(), key=lambda level: float(level[0]))
            ],
        }


async def truth(client: httpx.AsyncClient, symbol: str) -> dict[str, Any]:
    return (await client.get("/_emulator/state")).json()["books"][symbol]


@pytest.mark.parametrize("pace", ["@100ms", ""])
async def test_diffs_after_a_snapshot_rebuild_the_book_whatever_is_traded(pace: str):
    path = f"/ws/btcusdt@depth{pace}"
    async with (
        still_emulator() as emulator,
        rest_client(emulator) as rest,
        stream_client(emulator, path) as client,
    ):
        await ask(client, method="LIST_SUBSCRIPTIONS", id=1)
        pass_time(emulator, 350)
        book = LocalBook((await rest.get("/api/v3/depth?symbol=BTCUSDT&limit=5000")).json())
        for side in ("BUY", "SELL"):
            query, headers = signed(emulator, symbol="BTCUSDT", side=side, type="MARKET", quantity="1")
            answer = await rest.post(f"/api/v3/order?{query}", headers=headers)
            assert answer.status_code == 200, answer.text
            pass_time(emulator, 4_000)
        # Freeze at a moment when every change was sent.
        pass_time(emulator, 1_000 - emulator.clock.now() % 1_000)
        final = await truth(rest, "BTCUSDT")
        sequence = []
        while book.id < final["lastUpdateId"]:
            event = await receive(client)
            sequence.append((event["U"], event["u"]))
            book.apply(event)
    assert {"lastUpdateId": book.id, **book.ladder()} == final
    assert book.applied >= 8
    assert all(before[1] + 1 == after[0] for before, after in itertools.pairwise(sequence))


async def test_a_snapshot_older_than_the_first_diff_is_told_by_its_id():
    async with still_emulator() as emulator, rest_client(emulator) as rest:
        early = (await rest.get("/api/v3/depth?symbol=BTCUSDT&limit=5000")).json()
        pass_time(emulator, 2_000)
        async with stream_client(emulator, "/ws/btcusdt@depth@100ms") as client:
            await ask(client, method="LIST_SUBSCRIPTIONS", id=1)
            pass_time(emulator, 2_000)
            event = await receive(client)
    assert early["lastUpdateId"] < event["U"]
    with pytest.raises(AssertionError, match="gap"):
        LocalBook(early).apply(event)


async def test_partial_books_and_best_prices_follow_the_book():
    async with (
        still_emulator() as emulator,
        rest_client(emulator) as rest,
        stream_client(emulator, "/stream?streams=ethusdt@depth20@100ms/ethusdt@bookTicker") as client,
    ):
        await ask(client, method="LIST_SUBSCRIPTIONS", id=1)
        pass_time(emulator, 2_000 + 100 - emulator.clock.now() % 100)
        final = await truth(rest, "ETHUSDT")
        partial, best = None, None
        async with asyncio.timeout(5):
            while partial is None or partial["lastUpdateId"] < final["lastUpdateId"]:
                frame = await receive(client)
                if frame["stream"].endswith("bookTicker"):
                    best = frame["data"]
                else:
                    partial = frame["data"]
    assert (partial["bids"], partial["asks"]) == (final["bids"][:20], final["asks"][:20])
    assert best is not None
    assert [best["b"], best["B"], best["a"], best["A"]] == final["bids"][0] + final["asks"][0]


async def test_the_live_market_alone_keeps_a_book_true():
    path = "/ws/btcusdt@depth@100ms"
    async with (
        running_emulator(rate=10) as emulator,
        rest_client(emulator) as rest,
        stream_client(emulator, path) as client,
    ):
        first = await receive(client)
        book = LocalBook((await rest.get("/api/v3/depth?symbol=BTCUSDT&limit=5000")).json())
        book.apply(first)
        while book.applied < 5:
            book.apply(await receive(client))
    best_bid, best_ask = book.ladder()["bids"][0][0], book.ladder()["asks"][0][0]
    assert float(best_bid) < float(best_ask)
