"""Fault runs: many faults of each kind over real sockets, with the market itself as the oracle.

At every handler call a book that is read as SYNCED must equal the venue's book at that sequence in all its levels;
every trade must be one the venue made, come once, and what is missing must be told just before, with the exact number.
Of a futures account, every balance must be one that the venue made, come once, in order.
In the end everything is subscribed to once and works as before, and no task, socket or stream is left.

What no client can see is not injected: Binance sends no checksum, so a level whose price or quantity was altered, or
left out, in a frame that is whole and in sequence, is taken as it is.
"""

import asyncio
import dataclasses
import random
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from catalog.model import MarketType
from connectors.emulator.candles import HOUR
from connectors.emulator.faults import Rule
from tests.connectors.venues.binance_rig import SPOT
from tests.faults.rig import FUTURES, SETTINGS, SYMBOLS, Rig, faulty_market, rule, wanted

SHORT, LONG = {SPOT: 8, FUTURES: 6}, 1_000
SHORT_CONNECTORS = {SPOT: 2, FUTURES: 1}
"""Futures take three connections a connector, and two markets to be driven."""
SHORT_RATE, LONG_RATE = 6.0, 12.0
"""Of the market. Most of a short run is spent on it."""


def lengths(market: MarketType) -> list[Any]:
    return [
        pytest.param(market, SHORT[market], id=f"{market}-short"),
        pytest.param(market, LONG, id=f"{market}-long", marks=[pytest.mark.long, pytest.mark.timeout(1800)]),
    ]


of_futures = pytest.mark.parametrize(("market", "count"), lengths(FUTURES))
of_both = pytest.mark.parametrize(("market", "count"), [*lengths(SPOT), *lengths(FUTURES)])

KINDS = ("gap", "resynced", "lost", "stale", "live", "failed", "dropped")
DEPTH, TRADES, ANY = "*@depth*", "*@*rade", "*"
"""An account's stream is named without an `@`: its events, which have no numbers, are neither lost nor turned round."""
SNAPSHOTS, LISTEN_KEYS = "*/depth", "*/listenKey"
ON_FRAMES: dict[str, list[dict[str, Any]]] = {
    "drop": [{"probability": 0.08}],
    "repeat": [{"probability": 0.3}],
    "reorder": [{"probability": 0.08}],
    "delay": [{"probability": 0.1, "milliseconds": 20}],
    "alter-sequence": [
        {"target": DEPTH, "probability": 0.1},
        {"target": DEPTH, "probability": 0.05, "field": "u", "value": 1},
    ],
    "alter-price": [{"target": TRADES, "probability": 0.1}],
    "alter-level": [{"target": DEPTH, "probability": 0.1, "field": "b", "value": [["nan", "1"]]}],
    "alter-crossed": [{"target": DEPTH, "probability": 0.1, "field": "b", "value": [["99999999", "1"]]}],
    "alter-type": [
        {"target": DEPTH, "probability": 0.1, "field": "a", "value": 7},
        {"target": TRADES, "probability": 0.1, "field": "q", "value": {}},
    ],
    "malformed": [{"target": ANY, "probability": 0.1}],
    "oversized": [{"target": ANY, "probability": 0.03, "size": 300_000}],
    "garbage": [{"target": ANY, "probability": 0.03}],
    "close": [{"target": ANY, "probability": 0.03}],
    "abort": [{"target": ANY, "probability": 0.03}],
}


def report(rig: Rig, kind: str, began: float) -> None:
    """The figures of a run, seen with `-s`."""
    told = sum((witness.told for witness in rig.witnesses), start=type(rig.witnesses[0].told)())
    reads = sum(witness.synced_reads for witness in rig.witnesses)
    trades = sum(sum(witness.delivered.values()) for witness in rig.witnesses)
    missing = sum(len(one) for witness in rig.witnesses for one in witness.missing.values())
    seconds = asyncio.get_running_loop().time() - began
    kept = {name: told[name] for name in KINDS if told[name]}
    paid = sum(witness.updates for witness in rig.account_witnesses)
    print(
        f"\n{rig.market_type} {kind}: {dict(rig.emulator.faults.counts)} in {seconds:.0f} s; {reads} synced books, "
        f"{trades} trades and {paid} account updates checked, {missing} trades told missing; {kept}"
    )


async def run(
    market: MarketType,
    kind: str,
    count: int,
    fault: Callable[[Rig], Awaitable[None]],
    connectors: int,
    **options: Any,
) -> None:
    began, rate = asyncio.get_running_loop().time(), LONG_RATE
    if count < LONG:
        connectors, rate = SHORT_CONNECTORS[market], SHORT_RATE
    async with faulty_market(market, connectors, rate=rate, **options) as rig:
        await fault(rig)
    report(rig, kind, began)


@of_both
@pytest.mark.parametrize("name", ON_FRAMES)
async def test_frames(name: str, market: MarketType, count: int):
    kind = name.partition("-")[0]

    async def fault(rig: Rig) -> None:
        for options in ON_FRAMES[name]:
            rig.emulator.inject(rule(kind, **options))
        await rig.until(lambda: rig.injected(kind) >= count, 900, why=f"{count} faults")

    await run(market, name, count, fault, 8)


@of_both
async def test_half_open_connections(market: MarketType, count: int):
    settings = dataclasses.replace(SETTINGS, ping_interval=0.8, ping_timeout=1.2)

    async def fault(rig: Rig) -> None:
        while rig.injected("half_open") < count:
            aims = [witness.told["lost"] + 1 for witness in rig.witnesses]
            rig.emulator.inject(Rule("half_open", now=True))

            def noticed(aims: list[int] = aims) -> bool:
                told = all(one.told["lost"] >= aim for one, aim in zip(rig.witnesses, aims, strict=True))
                return told and not any(socket.mute for socket in rig.emulator.sockets)

            await rig.until(noticed, why="every dead connection is noticed")
            await rig.recovered()

    await run(market, "half-open", count, fault, 16, settings=settings, pause=0.03)


@of_both
async def test_stalls_with_pongs_answered(market: MarketType, count: int):
    channels = wanted(market)
    lasting = 4_000 if count < LONG else 8_000

    async def fault(rig: Rig) -> None:
        lost = [witness.told["lost"] for witness in rig.witnesses]
        while rig.injected("stall") < count:
            heard = [len(witness.events) for witness in rig.witnesses]
            for channel in channels:
                rig.emulator.inject(Rule("stall", target=channel, now=True, milliseconds=lasting))

            def told(kind: str, heard: list[int] = heard) -> bool:
                return all(
                    {event.channel for event in witness.events[before:] if event.kind == kind} == channels
                    for witness, before in zip(rig.witnesses, heard, strict=True)
                )

            # Silent for 0.3 s, then half a second for what may be on its way. In a long run 64 are asked after at once,
            # and a market that has not moved by then is asked after once more, later.
            await rig.until(lambda: told("stale"), lasting / 1_000 - 0.1, why="stalls are shown")
            await rig.until(lambda: told("live"), why="stalls are over")
            await rig.recovered()
            # What was silent may be just being subscribed to anew: a stall would pass it by.
            await rig.subscribed()
        assert [witness.told["lost"] for witness in rig.witnesses] == lost

    await run(market, "stall", count, fault, 8, silence=0.3, pause=0.02)


@of_both
async def test_late_snapshots_of_dead_connections(market: MarketType, count: int):
    async def fault(rig: Rig) -> None:
        rig.emulator.inject(rule("late", SNAPSHOTS, milliseconds=30))
        rig.emulator.inject(rule("drop", DEPTH, 0.02))
        turn = 0
        while rig.injected("late") < count:
            turn += 1
            rig.emulator.inject(Rule("abort", now=True))
            asked = rig.injected("late")
            await rig.until(
                lambda asked=asked: rig.injected("late") > asked + len(SYMBOLS), why="snapshots asked for"
            )
            if turn % 3 == 0:
                await rig.until(
                    lambda: rig.healthy or rig.injected("late") >= count, why="late snapshots serve"
                )

    await run(market, "late", count, fault, 8)


@of_both
@pytest.mark.parametrize("status", [429, 418, 503])
async def test_snapshots_refused(status: int, market: MarketType, count: int):
    async def fault(rig: Rig) -> None:
        rig.emulator.inject(rule("drop", DEPTH, 0.1))
        after = None if status == 503 else 0
        rig.emulator.inject(rule("status", SNAPSHOTS, 0.7, status=status, retry_after=after))
        rig.emulator.inject(rule("reset", SNAPSHOTS, 0.1))
        await rig.until(lambda: rig.injected("status") >= count, 900, why=f"{count} refusals")

    await run(market, f"status-{status}", count, fault, 8)


@of_both
async def test_clock_steps(market: MarketType, count: int):
    chance = random.Random(5)

    async def fault(rig: Rig) -> None:
        while rig.injected("clock") < count:
            rig.emulator.inject(Rule("clock", milliseconds=chance.randint(-3_600_000, 3_600_000)))
            await rig.steps_pass(1)
            if rig.injected("clock") % 10 == 0:
                client = chance.choice(rig.connectors).client
                await client.get(client.endpoints.account, signed=True)
        rig.emulator.inject(Rule("clock", milliseconds=0))
        assert not any(witness.told["gap"] or witness.told["lost"] for witness in rig.witnesses)

    await run(market, "clock", count, fault, 2)


@of_futures
async def test_listen_keys_that_expire(market: MarketType, count: int):
    """The account's key is one for all connectors: when it ends, every one of them has to get another."""

    async def fault(rig: Rig) -> None:
        for kind in ("status", "late", "reset"):
            rig.emulator.inject(rule(kind, LISTEN_KEYS, 0.1, milliseconds=20, retry_after=0))
        offset = 0
        while rig.injected("expired") < count:
            connected = [witness.told["connected"] for witness in rig.account_witnesses]
            offset += HOUR + 1_000
            rig.emulator.inject(Rule("clock", milliseconds=offset))

            def replaced(before: list[int] = connected) -> bool:
                now = [witness.told["connected"] for witness in rig.account_witnesses]
                return all(after > one for after, one in zip(now, before, strict=True))

            await rig.until(replaced, why="every account stream has a new key")
            await rig.recovered()
            rig.emulator.faults.counts["expired"] += len(rig.connectors)
        rig.emulator.inject(Rule("clock", milliseconds=0))
        assert not any(witness.told["gap"] or witness.told["lost"] for witness in rig.witnesses)

    await run(market, "listen-key", count, fault, 16)


@of_both
async def test_everything_at_once(market: MarketType, count: int):
    async def fault(rig: Rig) -> None:
        for kind in ("drop", "repeat", "reorder", "alter", "malformed"):
            rig.emulator.inject(rule(kind, probability=0.02))
        for kind in ("garbage", "close", "abort"):
            rig.emulator.inject(rule(kind, ANY, 0.001))
        for kind in ("status", "late", "reset"):
            for answers in (SNAPSHOTS, LISTEN_KEYS):
                rig.emulator.inject(rule(kind, answers, 0.2, milliseconds=20, retry_after=0))
        await rig.until(lambda: sum(rig.emulator.faults.counts.values()) >= count, 900, why=f"{count} faults")

    await run(market, "everything", count, fault, 8)
