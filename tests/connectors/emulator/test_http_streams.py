"""HTTP streams of the emulator as a plain client reads them: each misbehaviour does what it says, and is counted."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from connectors.emulator.emulator import Emulator
from connectors.emulator.faults import Rule
from tests.connectors.streaming.http_venue import http_venue, news
from tests.connectors.streaming.scripted import until

STREAM = "BTCUSDT@trade"


class Reader:
    """The lines of one stream, and how it ended."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self.lines: list[str] = []
        self.end: str | None = None

    @property
    def numbers(self) -> list[Any]:
        """Of the trades, in order; what is no trade stands as it is, but for empty lines and comments."""
        return [number_of(line) for line in self.lines if line and line != ":"]

    async def read(self) -> None:
        try:
            async for line in self.response.aiter_lines():
                self.lines.append(line)
            self.end = "in order"
        except httpx.HTTPError as error:
            self.end = type(error).__name__


def number_of(line: str) -> Any:
    try:
        return json.loads(line.removeprefix("data: "))["t"]
    except (ValueError, KeyError):
        return line


@asynccontextmanager
async def reading(emulator: Emulator, path: str = "/stream/trades") -> AsyncIterator[Reader]:
    url = f"{emulator.endpoints['rest']}{path}?symbols=BTCUSDT"
    async with (
        httpx.AsyncClient(trust_env=False, timeout=None) as client,
        client.stream("GET", url) as response,
    ):
        reader = Reader(response)
        task = asyncio.create_task(reader.read())
        await until(lambda: emulator.dialect.sessions)
        try:
            yield reader
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize(
    ("path", "content_type", "first"),
    [
        ("/stream/trades", "application/x-ndjson", '{"s":"BTCUSDT","t":'),
        ("/events/trades", "text/event-stream", 'data: {"s":"BTCUSDT","t":'),
    ],
)
async def test_messages_are_lines_or_events(path: str, content_type: str, first: str):
    async with http_venue() as emulator, reading(emulator, path) as reader:
        assert reader.response.headers["content-type"] == content_type
        made = news(emulator)
        await until(lambda: reader.numbers[-1:] == made[-1:])
        assert reader.numbers == made
        assert any(line.startswith(first) for line in reader.lines)
        state = emulator.state(0)
        assert (state["connections"], state["subscriptions"]) == (1, {"BTCUSDT": 1})


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (Rule("drop", count=2, skip=1), lambda made: [made[0], *made[3:]]),
        (Rule("repeat", count=2), lambda made: [made[0], made[0], made[1], made[1], *made[2:]]),
        (Rule("reorder", count=1, skip=1), lambda made: [made[0], made[2], made[1], *made[3:]]),
        (Rule("alter", count=1, field="t", value=7), lambda made: [7, *made[1:]]),
        (Rule("malformed", count=1, payload="oops"), lambda made: [made[0], "oops", *made[1:]]),
        (Rule("delay", count=1, milliseconds=50), lambda made: made),
    ],
    ids=lambda value: value.kind if isinstance(value, Rule) else "",
)
async def test_what_goes_wrong_with_single_messages(rule: Rule, expected):
    async with http_venue() as emulator, reading(emulator) as reader:
        emulator.inject(rule)
        wanted = expected(news(emulator))
        await until(lambda: len(reader.numbers) >= len(wanted))
        assert reader.numbers == wanted
        assert emulator.faults.counts == {rule.kind: rule.count}
        dropped = rule.count if rule.kind == "drop" else 0
        assert emulator.faults.suppressed[STREAM] == dropped


async def test_an_oversized_message_is_one_long_line():
    async with http_venue() as emulator, reading(emulator) as reader:
        emulator.inject(Rule("oversized", count=1, size=300_000))
        made = news(emulator)
        await until(lambda: reader.numbers[-1:] == made[-1:])
        assert [len(line) for line in reader.lines if len(line) > 1_000] == [300_000]


@pytest.mark.parametrize(
    ("kind", "end"), [("close", "in order"), ("abort", "ReadError"), ("garbage", "RemoteProtocolError")]
)
async def test_how_a_stream_ends(kind: str, end: str):
    async with http_venue() as emulator, reading(emulator) as reader:
        emulator.inject(Rule(kind, count=1, skip=2))
        made = news(emulator)
        await until(lambda: reader.end is not None)
        assert reader.end == end
        # The frame that garbage follows is whole; the others are that of which nothing, or half, was sent.
        assert reader.numbers == made[: 3 if kind == "garbage" else 2]


@pytest.mark.parametrize("kind", ["stall", "half_open"])
async def test_what_withholds_data_leaves_the_connection(kind: str):
    async with http_venue() as emulator, reading(emulator) as reader:
        made = news(emulator)
        await until(lambda: reader.numbers == made)
        emulator.inject(Rule(kind, now=True))
        before = len(reader.lines)
        withheld = news(emulator)
        if kind == "stall":
            # The venue's signs of life go on.
            await until(lambda: len(reader.lines) > before)
        assert reader.numbers == made
        assert reader.end is None
        assert emulator.faults.suppressed[STREAM] == len(withheld)


@pytest.mark.parametrize("rule", [Rule("close", now=True), Rule("abort", now=True), Rule("shutdown")])
async def test_what_ends_every_connection_ends_streams(rule: Rule):
    async with http_venue() as emulator, reading(emulator) as reader:
        emulator.inject(rule)
        await until(lambda: reader.end is not None)
        assert reader.lines[:1] == (['{"shutdown":true}'] if rule.kind == "shutdown" else [])
        await until(lambda: not emulator.sockets and not emulator.dialect.sessions)


async def test_a_lifetime_ends_a_stream_with_the_venues_notice():
    async with http_venue(lifetime=0.1, ping_interval=0.1) as emulator, reading(emulator) as reader:
        await until(lambda: reader.end is not None)
        assert (reader.end, reader.lines) == ("in order", ['{"shutdown":true}'])


async def test_stopping_the_emulator_ends_its_streams():
    async with http_venue() as emulator, reading(emulator) as reader:
        await emulator.stop()
        await until(lambda: reader.end is not None)
        assert reader.end == "in order"
        assert not emulator.sockets


async def test_a_client_that_leaves_is_forgotten():
    async with http_venue() as emulator:
        async with reading(emulator):
            assert len(emulator.sockets) == 1
        await until(lambda: not emulator.sockets and not emulator.dialect.sessions)


async def test_what_concerns_answers_concerns_the_opening_of_a_stream():
    async with http_venue() as emulator, httpx.AsyncClient(trust_env=False) as client:
        url = f"{emulator.endpoints['rest']}/stream/trades?symbols=BTCUSDT"
        emulator.inject(Rule("status", count=1, status=429, retry_after=3))
        refused = await client.get(url)
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "3")
        emulator.inject(Rule("reset", count=1, target="/stream/*"))
        with pytest.raises(httpx.HTTPError):
            await client.get(url)
        assert emulator.dialect.sessions == []
