"""Sessions over polling: the same promises as over a stream, with the market's own tape as the oracle."""

import asyncio
import dataclasses
import itertools

import pytest

from connectors.contracts.errors import RateLimited, SubscriptionFailed, VenueUnavailable
from connectors.emulator.emulator import Emulator
from connectors.emulator.faults import Rule
from connectors.streaming.polling import polling
from tests.connectors.streaming.http_clients import (
    LASTING,
    Caller,
    Heard,
    PollDialect,
    label,
    market_channel,
    session_over,
)
from tests.connectors.streaming.http_venue import LIST, http_venue, news, tape
from tests.connectors.streaming.scripted import Probe, until

EVERY = 0.01
DIALECT = PollDialect("")


class Answers:
    """A venue that answers what the test says next; the last answer stays."""

    def __init__(self, *answers: bytes | Exception) -> None:
        self.answers = list(answers)
        self.calls = 0

    async def __call__(self, url: str) -> bytes:
        self.calls += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


class Frames(Probe):
    def __init__(self) -> None:
        super().__init__()
        self.frames: list[bytes] = []

    def frame(self, frame: bytes) -> None:
        self.frames.append(frame)
        self.log.append("frame")


def caller(emulator: Emulator) -> Caller:
    return Caller(emulator.endpoints["rest"])


async def test_every_trade_comes_once_though_the_lists_repeat_them():
    async with http_venue() as emulator:
        get = caller(emulator)
        async with session_over(DIALECT, polling(get, EVERY, label=label)) as session:
            heard = Heard(lists=True)
            await session.subscribe(heard.channel, heard.feed)
            expected = tape(emulator)[-LIST:]
            for _ in range(5):
                await until(lambda: len(heard.numbers) == len(expected))  # noqa: B023 - awaited in the turn
                # Few enough that each list holds all that the one before did not.
                expected += news(emulator, 0.3)
            await until(lambda: heard.numbers == expected)
            answered, frames = get.answered, session.health().messages
            await until(lambda: get.answered > answered + 3)
            assert session.health().messages == frames == 6
            assert heard.numbers == expected
            health = session.health()
            assert health.latency_ms is not None
            assert health.latency_ms > 0
            assert heard.kinds == ["connected"]


async def test_the_first_answer_comes_after_the_acknowledgement_and_unchanged_ones_do_not_come_again():
    get = Answers(b"a", b"a", b"b", b"b", b"a", b"a")
    async with session_over(DIALECT, polling(get, EVERY, label=lambda url: b"X ")) as session:
        frames = Frames()
        await session.subscribe(market_channel("X", "BTCUSDT"), frames)
        await until(lambda: get.calls > 8)
        assert frames.frames == [b"X a", b"X b", b"X a"]
        assert frames.log == ["connected", "opened", *["frame"] * 3]


async def test_unsubscribing_ends_the_calls_and_a_new_subscription_begins_them():
    async with http_venue() as emulator:
        get = caller(emulator)
        async with session_over(DIALECT, polling(get, EVERY, label=label)) as session:
            heard = Heard(lists=True)
            await session.subscribe(heard.channel, heard.feed)
            await session.unsubscribe("BTCUSDT")
            await until(lambda: session.state == "IDLE")
            calls = get.calls
            with pytest.raises(TimeoutError):
                await until(lambda: get.calls > calls, timeout=10 * EVERY)
            again = Heard(lists=True)
            await session.subscribe(again.channel, again.feed)
            await until(lambda: again.numbers == tape(emulator)[-LIST:])


async def test_a_few_failures_are_borne_and_many_in_a_row_are_the_loss_of_the_connection():
    async with http_venue() as emulator:
        get = caller(emulator)
        async with session_over(DIALECT, polling(get, EVERY, label=label)) as session:
            heard = Heard(lists=True)
            await session.subscribe(heard.channel, heard.feed)
            expected = tape(emulator)[-LIST:]
            emulator.inject(Rule("status", count=1, status=503))
            emulator.inject(Rule("reset", count=1))
            await until(lambda: emulator.faults.counts == {"status": 1, "reset": 1})
            expected += news(emulator, 0.3)
            await until(lambda: heard.numbers == expected)
            assert heard.kinds == ["connected"]
            emulator.inject(Rule("status", count=5, status=503))
            await until(lambda: emulator.faults.counts["status"] == 6)
            expected += news(emulator, 0.3)
            await until(lambda: heard.numbers == expected)
            assert heard.kinds == ["connected", "lost", *["reconnecting"] * 3, "connected"]
            assert heard.statuses[1].reason == "3 calls in a row failed: HTTP 503"
            assert session.health().reconnects == 1


async def test_the_wait_a_venue_asks_for_is_kept_and_is_no_loss():
    async with http_venue() as emulator:
        get = caller(emulator)
        async with session_over(DIALECT, polling(get, EVERY, label=label)) as session:
            heard = Heard(lists=True)
            await session.subscribe(heard.channel, heard.feed)
            emulator.inject(Rule("status", count=1, status=429, retry_after=1))
            await until(lambda: emulator.faults.counts == {"status": 1})
            expected = [*heard.numbers, *news(emulator, 0.3)]
            await until(lambda: heard.numbers == expected)
            assert max(later - earlier for earlier, later in itertools.pairwise(get.calls_at)) >= 1.0
            assert heard.kinds == ["connected"]


async def test_the_wait_holds_for_all_connections_of_the_transport():
    get = Answers(b"1", RateLimited("too many", retry_after=60.0))
    transport = polling(get, EVERY, label=lambda url: b"X ")
    settings = dataclasses.replace(LASTING, subscribe_timeout=0.2)
    async with (
        session_over(DIALECT, transport) as first,
        session_over(DIALECT, transport, settings=settings) as second,
    ):
        await first.subscribe(market_channel("X", "BTCUSDT"), Frames())
        await until(lambda: get.calls == 2)
        with pytest.raises(SubscriptionFailed, match="the venue wants to be asked later"):
            await second.subscribe(market_channel("X", "BTCUSDT"), Frames())
        assert get.calls == 2


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (VenueUnavailable("maintenance"), "maintenance"),
        (RuntimeError("a fault of the connector"), "a fault of the connector"),
        (TimeoutError(), "no answer in time"),
    ],
)
async def test_a_first_call_that_fails_is_a_connection_that_fails(error: Exception, said: str):
    settings = dataclasses.replace(LASTING, subscribe_timeout=0.2)
    async with session_over(DIALECT, polling(Answers(error), EVERY), settings=settings) as session:
        with pytest.raises(SubscriptionFailed, match=said):
            await session.subscribe(market_channel(), Frames())


async def test_a_call_that_never_ends_is_a_failure():
    calls = itertools.count()
    stuck = asyncio.Event()

    async def get(url: str) -> bytes:
        if next(calls) > 0:
            await stuck.wait()
        return b"1"

    settings = dataclasses.replace(LASTING, open_timeout=0.05)
    async with session_over(
        DIALECT, polling(get, EVERY, failures=2, label=lambda url: b"X "), settings=settings
    ) as session:
        frames = Frames()
        await session.subscribe(market_channel("X", "BTCUSDT"), frames)
        await until(lambda: "lost" in frames.kinds)
        assert frames.events[1].reason == "2 calls in a row failed: no answer in time"


async def test_an_answer_that_is_too_long_breaks_the_protocol():
    get = Answers(b"1", bytes(LASTING.max_frame + 1), b"2")
    async with session_over(DIALECT, polling(get, EVERY, label=lambda url: b"X ")) as session:
        frames = Frames()
        await session.subscribe(market_channel("X", "BTCUSDT"), frames)
        await until(lambda: frames.frames == [b"X 1", b"X 2"])
        assert frames.events[1].reason == "the venue broke the protocol: an answer longer than 64 KiB"
        assert session.health().quarantined == 1


async def test_a_poll_whose_answers_do_not_change_is_stale_as_any_silent_channel():
    async with session_over(DIALECT, polling(Answers(b"1"), EVERY, label=lambda url: b"X ")) as session:
        frames = Frames()
        await session.subscribe(market_channel("X", "BTCUSDT", stale_after=0.1), frames)
        await until(lambda: "stale" in frames.kinds)
        assert "lost" not in frames.kinds[: frames.kinds.index("stale")]


async def test_slow_polls_are_no_silence():
    settings = dataclasses.replace(LASTING, ping_interval=0.01, ping_timeout=0.01)
    get = Answers(b"1", b"2")
    async with session_over(
        DIALECT, polling(get, 0.3, label=lambda url: b"X "), settings=settings
    ) as session:
        frames = Frames()
        await session.subscribe(market_channel("X", "BTCUSDT"), frames)
        await until(lambda: frames.frames == [b"X 1", b"X 2"])
        assert frames.kinds == ["connected"]


async def test_the_tap_sees_what_was_given_and_no_query():
    events: list[tuple] = []
    get = Answers(b"1", b"1", b"2")
    async with session_over(
        DIALECT, polling(get, EVERY, label=label), tap=lambda *event: events.append(event)
    ) as session:
        await session.subscribe(market_channel(), Frames())
        await until(lambda: get.calls > 4)
    conn = f"{session.name}#1"
    assert events == [
        ("open", conn, "/trades", None),
        ("recv", conn, None, b"BTCUSDT 1"),
        ("recv", conn, None, b"BTCUSDT 2"),
        ("close", conn, None, "closed by us"),
    ]
