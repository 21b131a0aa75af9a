"""A long soak: a reconnect every few seconds, and nothing grows, is left over, or comes twice."""

import asyncio
import dataclasses
import gc
import json
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.contracts import BookState, LiveBook, OrderBookOptions, StreamStatus, Trade, TradeOptions
from tests.connectors.streaming.scripted import until
from tests.connectors.venues.binance_rig import QUICK, SPOT, Connector
from tests.faults.rig import SYMBOLS, no_file_is_left, open_files, wanted

SECONDS = int(os.environ.get("SOAK_SECONDS", "600"))
WARM_UP = 0.2
"""The share of the soak after which memory must not grow any more."""
MOST_GROWTH = 4 * 1024 * 1024
"""Bytes, over the whole of the rest."""
SETTINGS = dataclasses.replace(QUICK, ping_interval=0.6, ping_timeout=0.5)


class Ledger:
    """The handlers. Trades are numbered one by one: one that is not newer than all before came twice."""

    def __init__(self) -> None:
        self.wrong: list[str] = []
        self.books: dict[str, LiveBook] = {}
        self.last: dict[str, int] = {}
        self.trades = self.updates = self.missing = 0
        self.told: Counter[str] = Counter()
        self._told_missing: dict[str, int] = {}

    def book(self, book: LiveBook) -> None:
        self.books[book.symbol] = book
        self.updates += 1
        view = book.view(1)
        if view.state is BookState.SYNCED and view.bids[0][0] >= view.asks[0][0]:
            self.wrong.append(f"{book.symbol} is crossed at {view.sequence}")

    def trade(self, trade: Trade) -> None:
        number, last = int(trade.trade_id), self.last.get(trade.symbol)
        told = self._told_missing.pop(trade.symbol, 0)
        if last is not None and number != last + 1 + told:
            self.wrong.append(f"{trade.symbol}: {number} after {last}, with {told} told missing")
        self.trades += 1
        self.missing += told
        self.last[trade.symbol] = number

    def status(self, event: StreamStatus) -> None:
        self.told[event.kind] += 1
        if event.kind == "gap" and event.symbol and event.count is not None:
            self._told_missing[event.symbol] = event.count


class Venue:
    """An emulator in a process of its own, so that the memory measured here is the connector's alone."""

    def __init__(self, endpoints: dict[str, str], http: httpx.AsyncClient) -> None:
        self.endpoints = endpoints
        self._http = http

    async def state(self, depth: int = 1) -> dict[str, Any]:
        return (await self._http.get(f"/_emulator/state?depth={depth}")).json()

    async def inject(self, **rule: Any) -> None:
        (await self._http.post("/_emulator/faults", json=rule)).raise_for_status()

    async def until_state(self, **wanted: Any) -> None:
        """Wait until these parts of the state are as wanted."""
        async with asyncio.timeout(10):
            while True:
                state = await self.state()
                if {name: state[name] for name in wanted} == wanted:
                    return
                await asyncio.sleep(0.05)


@asynccontextmanager
async def venue_process() -> AsyncIterator[Venue]:
    command = (
        sys.executable,
        "-m",
        "connectors.emulator",
        "binance",
        "--json",
        "--seed",
        "5",
        "--rate",
        "20",
    )
    process = await asyncio.create_subprocess_exec(
        *command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        assert process.stdout is not None
        facts = json.loads(await asyncio.wait_for(process.stdout.readline(), 20))
        endpoints = {name: facts[name] for name in ("rest", "ws", "ws_api")}
        token = {"Authorization": f"Bearer {facts['token']}"}
        async with httpx.AsyncClient(base_url=endpoints["rest"], headers=token, trust_env=False) as http:
            yield Venue(endpoints, http)
    finally:
        process.kill()
        await process.wait()


def resident() -> int:
    """Bytes of memory in use."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def rise(samples: list[tuple[float, int]]) -> float:
    """Bytes a second, by least squares."""
    at, size = (sum(column) / len(samples) for column in zip(*samples, strict=True))
    spread = sum((moment - at) ** 2 for moment, _ in samples)
    return sum((moment - at) * (used - size) for moment, used in samples) / spread


def healthy(connector: Connector, ledger: Ledger) -> bool:
    return all(
        health.state == "CONNECTED" and all(one.state == "ACTIVE" for one in health.subscriptions)
        for health in connector.ws.health()
    ) and all(book.state is BookState.SYNCED for book in ledger.books.values())


async def watch(connector: Connector, ledger: Ledger) -> None:
    await connector.client.ensure_ready()
    instruments = connector.instruments(*SYMBOLS)
    books = OrderBookOptions(market_type=SPOT, instruments=instruments, on_status=ledger.status)
    trades = TradeOptions(market_type=SPOT, instruments=instruments, on_status=ledger.status)
    await asyncio.gather(
        connector.ws.subscribe_to_order_book(books, ledger.book),
        connector.ws.subscribe_to_trade(trades, ledger.trade),
    )


async def break_now_and_then(venue: Venue, connector: Connector, ledger: Ledger) -> list[tuple[float, int]]:
    """Ends the connection every few seconds, now one way and now another. The samples of memory on the way."""
    loop, chance = asyncio.get_running_loop(), random.Random(3)
    began, samples = loop.time(), []
    while loop.time() - began < SECONDS:
        before = connector.ws.health()[0].reconnects
        await venue.inject(kind=chance.choice(("close", "abort", "half_open")), now=True)
        await until(lambda before=before: connector.ws.health()[0].reconnects > before, 10)
        await until(lambda: healthy(connector, ledger), 20)
        await venue.until_state(subscriptions=dict.fromkeys(wanted(SPOT), 1), connections=1)
        samples.append((loop.time() - began, resident()))
        # An address may connect 300 times in five minutes.
        await asyncio.sleep(chance.uniform(1.5, 4.0))
    return samples


async def equals_the_venues(venue: Venue, book: LiveBook) -> None:
    """The book, at a moment when both stand at the same update, is the venue's in all its levels."""
    async with asyncio.timeout(20):
        while True:
            there = (await venue.state(1_000))["books"][book.symbol]
            view = book.view(1_000)
            if view.sequence == there["lastUpdateId"]:
                break
    for ours, theirs in ((view.bids, there["bids"]), (view.asks, there["asks"])):
        assert ours == [(float(price), float(quantity)) for price, quantity in theirs]


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.skipif(
    not Path("/proc/self/statm").is_file(), reason="memory is measured by Linux's own figures"
)
async def test_soak():
    tasks, files = asyncio.all_tasks(), open_files()
    async with venue_process() as venue:
        connector, ledger = Connector(venue, settings=SETTINGS), Ledger()  # type: ignore[arg-type]
        try:
            await watch(connector, ledger)
            await until(lambda: len(ledger.books) == len(SYMBOLS) and healthy(connector, ledger), 10)
            samples = await break_now_and_then(venue, connector, ledger)
            for book in ledger.books.values():
                await equals_the_venues(venue, book)
            reconnects = connector.ws.health()[0].reconnects
        finally:
            await connector.ws.destroy()
            await connector.client.close()
        await venue.until_state(subscriptions={}, connections=0)
    settled = [sample for sample in samples if sample[0] >= WARM_UP * SECONDS]
    slope = rise(settled)
    print(
        f"\nsoak: {SECONDS} s, {reconnects} reconnects, {ledger.updates} book events, {ledger.trades} trades, "
        f"{ledger.missing} told missing, {dict(ledger.told)}; resident {settled[0][1] / 2**20:.1f} MiB after warm-up, "
        f"{settled[-1][1] / 2**20:.1f} MiB at the end, trend {slope * 60 / 1024:.1f} KiB a minute"
    )
    assert ledger.wrong == []
    assert reconnects >= SECONDS / 10
    assert slope * (settled[-1][0] - settled[0][0]) < MOST_GROWTH
    assert asyncio.all_tasks() - tasks == set()
    assert no_file_is_left(files)
