"""Each misbehaviour does what it says, and is counted exactly."""

import asyncio
import json
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, ConnectionClosedError

from connectors.emulator.alterations import altered, oversized
from connectors.emulator.emulator import Emulator
from connectors.emulator.faults import BadFault, Faults, Rule, parse_rule
from connectors.emulator.testing import pass_time, running_emulator
from tests.connectors.emulator.support import ask, receive, rest_client, still_emulator, stream_client, until

DEPTH = "btcusdt@depth@100ms"
SECOND = 1_000


async def diffs(client: ClientConnection, emulator: Emulator, seconds: int = 2) -> list[Any]:
    """All frames of some seconds; the answer to a last request marks their end."""
    pass_time(emulator, seconds * SECOND)
    await client.send('{"method":"LIST_SUBSCRIPTIONS","id":99}')
    frames: list[Any] = []
    while True:
        text = await asyncio.wait_for(client.recv(), 5)
        try:
            frame = json.loads(text)
        except ValueError:
            frame = text
        if isinstance(frame, dict) and frame.get("id") == 99:
            return frames
        frames.append(frame)


async def spoilt(rule: Rule) -> tuple[list[Any], list[Any], Emulator]:
    """The frames that a healthy and a faulty client get over the same two seconds, and the faulty emulator."""
    async with still_emulator() as sound, stream_client(sound, f"/ws/{DEPTH}") as client:
        await ask(client, method="LIST_SUBSCRIPTIONS", id=1)
        healthy = await diffs(client, sound)
    async with still_emulator() as emulator, stream_client(emulator, f"/ws/{DEPTH}") as client:
        await ask(client, method="LIST_SUBSCRIPTIONS", id=1)
        emulator.inject(rule)
        return healthy, await diffs(client, emulator), emulator


async def test_drop():
    healthy, faulty, emulator = await spoilt(Rule("drop", target="*@depth*", count=3, skip=2))
    assert faulty == healthy[:2] + healthy[5:]
    assert emulator.faults.counts == {"drop": 3}
    assert emulator.faults.suppressed == {DEPTH: 3}


async def test_repeat():
    healthy, faulty, emulator = await spoilt(Rule("repeat", count=2))
    assert faulty == [healthy[0], healthy[0], healthy[1], healthy[1], *healthy[2:]]
    assert emulator.faults.counts == {"repeat": 2}


async def test_reorder():
    healthy, faulty, emulator = await spoilt(Rule("reorder", count=1, skip=1))
    assert faulty == [healthy[0], healthy[2], healthy[1], *healthy[3:]]
    assert emulator.faults.counts == {"reorder": 1}


async def test_alter():
    healthy, faulty, emulator = await spoilt(Rule("alter", count=1))
    assert faulty[0] == {**healthy[0], "U": healthy[0]["U"] + 1}
    assert faulty[1:] == healthy[1:]
    assert emulator.faults.counts == {"alter": 1}


async def test_alter_a_named_field():
    healthy, faulty, _ = await spoilt(Rule("alter", count=1, field="u", value=7))
    assert faulty[0] == {**healthy[0], "u": 7}


async def test_malformed():
    healthy, faulty, emulator = await spoilt(Rule("malformed", count=2, payload="rubbish"))
    assert faulty == [healthy[0], "rubbish", healthy[1], "rubbish", *healthy[2:]]
    assert emulator.faults.counts == {"malformed": 2}


async def test_oversized():
    healthy, faulty, emulator = await spoilt(Rule("oversized", count=1, size=300_000))
    assert len(json.dumps(faulty[1], separators=(",", ":"))) == 300_000
    assert [faulty[0], *faulty[2:]] == healthy
    assert emulator.faults.counts == {"oversized": 1}


async def test_probability_is_seeded_and_counted():
    _, one, emulator = await spoilt(Rule("drop", probability=0.5))
    _, two, again = await spoilt(Rule("drop", probability=0.5))
    assert one == two
    assert emulator.faults.counts == again.faults.counts
    assert 0 < emulator.faults.counts["drop"] < 20


async def test_other_streams_and_connections_are_left_alone():
    path = f"/stream?streams={DEPTH}/btcusdt@trade"
    async with still_emulator() as emulator, stream_client(emulator, path) as client:
        await ask(client, method="LIST_SUBSCRIPTIONS", id=1)
        emulator.inject(Rule("drop", target="*@depth*"))
        frames = await diffs(client, emulator)
    assert {frame["stream"] for frame in frames} == {"btcusdt@trade"}


async def test_delay_holds_everything_in_order():
    async with still_emulator() as emulator, stream_client(emulator, f"/ws/{DEPTH}") as client:
        await ask(client, method="LIST_SUBSCRIPTIONS", id=1)
        emulator.inject(Rule("delay", count=1, milliseconds=1_000))
        assert await diffs(client, emulator) == []
        held = [await receive(client) for _ in range(10)]
        identifiers = [event["U"] for event in held]
        assert identifiers == sorted(identifiers)
        assert emulator.faults.counts == {"delay": 1}


@pytest.mark.parametrize("now", [True, False])
async def test_close(now: bool):
    async with still_emulator() as emulator, stream_client(emulator, f"/ws/{DEPTH}") as client:
        await ask(client, method="LIST_SUBSCRIPTIONS", id=1)
        emulator.inject(Rule("close", count=1, code=1012, now=now))
        pass_time(emulator, SECOND)
        with pytest.raises(ConnectionClosed) as closed:
            await receive(client)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1012
        assert emulator.faults.counts == {"close": 1}


@pytest.mark.parametrize("now", [True, False])
async def test_abort_breaks_the_connection_without_a_closing_handshake(now: bool):
    async with still_emulator() as emulator, stream_client(emulator, f"/ws/{DEPTH}") as client:
        await ask(client, method="LIST_SUBSCRIPTIONS", id=1)
        emulator.inject(Rule("abort", count=1, now=now))
        pass_time(emulator, SECOND)
        with pytest.raises(ConnectionClosedError) as closed:
            await receive(client)
        assert closed.value.rcvd is None
        assert emulator.faults.counts == {"abort": 1}
        await until(lambda: not emulator.sockets)


async def test_garbage_is_no_frame():
    async with still_emulator() as emulator, stream_client(emulator, f"/ws/{DEPTH}") as client:
        await ask(client, method="LIST_SUBSCRIPTIONS", id=1)
        emulator.inject(Rule("garbage", count=1))
        pass_time(emulator, SECOND)
        assert (await receive(client))["e"] == "depthUpdate"
        with pytest.raises(ConnectionClosedError) as closed:
            await receive(client)
        assert closed.value.sent is not None
        assert closed.value.sent.code == 1002


@pytest.mark.parametrize("now", [True, False])
async def test_a_stall_stops_data_and_answers_pings(now: bool):
    async with still_emulator() as emulator, stream_client(emulator, f"/ws/{DEPTH}") as client:
        await ask(client, method="LIST_SUBSCRIPTIONS", id=1)
        emulator.inject(Rule("stall", target="*@depth*", count=1, now=now, milliseconds=100))
        assert await diffs(client, emulator) == []
        await asyncio.wait_for(await client.ping(), 5)
        assert emulator.faults.counts == {"stall": 1}
        lost = emulator.faults.suppressed[DEPTH]
        assert lost >= 10

        async def recovered() -> bool:
            return bool(await diffs(client, emulator, 1))

        while not await recovered():
            assert emulator.faults.suppressed[DEPTH] > lost
            lost = emulator.faults.suppressed[DEPTH]
            await asyncio.sleep(0.25)


async def test_what_is_done_at_once_is_done_and_counted_where_a_stream_matches():
    async with (
        still_emulator(rate=0) as emulator,
        stream_client(emulator, f"/ws/{DEPTH}") as one,
        stream_client(emulator, "/ws/btcusdt@trade") as other,
    ):
        for client in (one, other):
            await ask(client, method="LIST_SUBSCRIPTIONS", id=1)
        emulator.inject(Rule("stall", target="*@depth*", now=True, milliseconds=1))
        assert emulator.faults.counts == {"stall": 1}
        emulator.inject(Rule("close", target="*@trade", now=True))
        with pytest.raises(ConnectionClosed):
            await receive(other)
        await asyncio.wait_for(await one.ping(), 5)
        emulator.inject(Rule("close", now=True))
        with pytest.raises(ConnectionClosed):
            await receive(one)
        assert emulator.faults.counts == {"stall": 1, "close": 2}


@pytest.mark.parametrize("now", [True, False])
async def test_half_open_answers_nothing_and_stays_connected(now: bool):
    async with (
        still_emulator() as emulator,
        stream_client(emulator, f"/ws/{DEPTH}", ping_interval=None) as client,
    ):
        await ask(client, method="LIST_SUBSCRIPTIONS", id=1)
        emulator.inject(Rule("half_open", count=1, now=now))
        pass_time(emulator, SECOND)
        await until(lambda: emulator.faults.counts == {"half_open": 1})
        pong = await client.ping()
        async with rest_client(emulator) as rest:
            assert (await rest.get("/api/v3/ping")).status_code == 200
        assert not pong.done()
        assert len(emulator.sockets) == 1


async def test_answers_of_matching_paths_go_wrong_and_then_right():
    async with still_emulator() as emulator, rest_client(emulator) as client:
        emulator.inject(Rule("status", target="/api/v3/depth", count=2, status=429, retry_after=3))
        emulator.inject(Rule("status", target="/api/v3/depth", count=1, status=503))
        answers = [await client.get("/api/v3/depth?symbol=BTCUSDT") for _ in range(4)]
        assert [answer.status_code for answer in answers] == [429, 429, 503, 200]
        assert answers[0].headers["Retry-After"] == "3"
        assert (await client.get("/api/v3/ping")).status_code == 200
        assert emulator.faults.counts == {"status": 3}


async def test_a_late_answer_is_as_old_as_its_question():
    async with running_emulator(rate=10) as emulator, rest_client(emulator) as client:
        emulator.inject(Rule("late", target="/api/v3/depth", count=1, milliseconds=300))
        late = asyncio.create_task(client.get("/api/v3/depth?symbol=BTCUSDT"))
        await until(lambda: emulator.faults.counts == {"late": 1})
        fresh = None
        while not late.done():
            fresh = await client.get("/api/v3/depth?symbol=BTCUSDT&limit=5")
            await asyncio.sleep(0.05)
        assert fresh is not None
        assert (await late).json()["lastUpdateId"] < fresh.json()["lastUpdateId"]


async def test_nobody_is_kept_waiting_for_by_a_late_answer():
    async with still_emulator(rate=0) as emulator:
        emulator.inject(Rule("late", milliseconds=3_600_000))
        async with rest_client(emulator) as client:
            late = asyncio.create_task(client.get("/api/v3/ping"))
            await until(lambda: emulator.faults.counts == {"late": 1})
            late.cancel()
        await until(lambda: emulator.connections == 0)


async def test_a_reset_answer_is_no_answer():
    async with still_emulator(rate=0) as emulator, rest_client(emulator) as client:
        emulator.inject(Rule("reset", count=1))
        with pytest.raises(httpx.TransportError):
            await client.get("/api/v3/ping")
        assert (await client.get("/api/v3/ping")).status_code == 200


async def test_a_clock_step_moves_what_the_venue_says_and_checks():
    async with still_emulator(rate=0) as emulator, rest_client(emulator) as client:
        emulator.inject(Rule("clock", milliseconds=-90_000))
        assert (await client.get("/api/v3/time")).json()["serverTime"] == emulator.clock.now() - 90_000


async def test_a_shutdown_is_announced_on_every_connection():
    async with (
        still_emulator(rate=0) as emulator,
        stream_client(emulator) as one,
        stream_client(emulator) as two,
    ):
        emulator.inject(Rule("shutdown"))
        for client in (one, two):
            assert (await receive(client))["e"] == "serverShutdown"
            with pytest.raises(ConnectionClosed):
                await receive(client)
        assert emulator.faults.counts == {"shutdown": 2}


async def test_the_control_path_arms_lists_and_disarms():
    async with still_emulator() as emulator, rest_client(emulator) as client:
        armed = await client.post("/_emulator/faults", json=[{"kind": "drop", "count": 5}, {"kind": "reset"}])
        assert armed.json() == {"ids": [1, 2]}
        listed = (await client.get("/_emulator/faults")).json()
        assert [rule["kind"] for rule in listed["rules"]] == ["drop", "reset"]
        assert (await client.delete("/_emulator/faults")).json()["rules"] == []
        assert (await client.get("/api/v3/ping")).status_code == 200
        for wrong in (
            {"kind": "explode"},
            {"kind": "drop", "when": 1},
            {"kind": "drop", "probability": 2},
            5,
        ):
            answer = await client.post("/_emulator/faults", json=wrong)
            assert answer.status_code == 400
            assert answer.json()["error"]
        state = (await client.get("/_emulator/state?depth=1")).json()
        assert (state["connections"], state["injected"]) == (0, {})
        assert len(state["books"]["BTCUSDT"]["bids"]) == 1


def test_rules_are_read_from_the_command_line():
    rule = parse_rule("drop:target=*@depth*,probability=0.25,count=3")
    assert (rule.kind, rule.target, rule.probability, rule.count) == ("drop", "*@depth*", 0.25, 3)
    assert parse_rule('{"kind":"clock","milliseconds":-5}').milliseconds == -5
    assert parse_rule("shutdown").kind == "shutdown"
    for wrong in ("nosuch", "drop:count=many", "drop:colour=red", "drop:now=true", "{", "drop:count"):
        with pytest.raises(BadFault):
            parse_rule(wrong)


def test_a_rule_is_spent_after_its_count():
    faults = Faults(1)
    rule = faults.add(Rule("drop", target="a", count=2, skip=1))
    assert [faults.on_frame(name) is rule for name in ("a", "b", "a", "a", "a")] == [
        False,
        False,
        True,
        True,
        False,
    ]
    assert faults.frame_rules == []


@pytest.mark.parametrize(
    "payload",
    [
        b'{"e":"trade","p":"1.0","q":"2"}',
        b'{"stream":"x","data":{"u":1,"b":"1","a":"2"}}',
        b'{"e":"depthUpdate","U":2,"u":3,"pu":1}',
        b'{"e":"kline","k":{"c":"1"}}',
        b'[{"e":"24hrMiniTicker","c":"1"}]',
        b'{"lastUpdateId":1,"bids":[],"asks":[]}',
        b"[]",
        b'{"unknown":1}',
    ],
)
def test_an_altered_frame_is_never_the_frame(payload: bytes):
    assert altered(payload, None, None) != payload


def test_an_altered_depth_event_of_the_futures_is_out_of_its_chain():
    assert json.loads(altered(b'{"e":"depthUpdate","U":2,"u":3,"pu":1}', None, None))["pu"] == 2


@pytest.mark.parametrize("size", [14, 15, 1_000])
def test_an_oversized_frame_has_the_size_asked_for(size: int):
    assert len(oversized(size)) == size
