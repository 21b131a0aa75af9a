"""Sessions over HTTP streams: the same promises as over WebSockets, with the market's own tape as the oracle."""

import dataclasses

import pytest

from connectors.emulator.emulator import Emulator
from connectors.emulator.faults import Rule
from connectors.emulator.testing import pass_time
from connectors.streaming.http_stream import http_stream
from tests.connectors.streaming.http_clients import (
    LASTING,
    Heard,
    StreamDialect,
    session_over,
)
from tests.connectors.streaming.http_venue import http_venue, news, tape
from tests.connectors.streaming.scripted import until

BOTH = "BTCUSDT,ETHUSDT"


def dialect(emulator: Emulator, path: str = "/stream/trades", **limits: float | None) -> StreamDialect:
    return StreamDialect(emulator.endpoints["rest"], path, **limits)


@pytest.mark.parametrize("path", ["/stream/trades", "/events/trades"])
async def test_every_trade_comes_once_and_in_order(path: str):
    async with http_venue() as emulator, session_over(dialect(emulator, path), http_stream()) as session:
        heard = Heard()
        await session.subscribe(heard.channel, heard.feed)
        made = news(emulator, 3)
        await until(lambda: len(heard.trades) >= len(made))
        assert heard.numbers == made
        assert emulator.state(0)["subscriptions"] == {"BTCUSDT": 1}
        health = session.health()
        assert (health.state, health.latency_ms) == ("CONNECTED", None)
        assert [(one.channel, one.state) for one in health.subscriptions] == [("BTCUSDT", "ACTIVE")]


async def test_the_last_unsubscribe_leaves_the_connection_and_a_new_subscription_makes_one():
    async with http_venue() as emulator, session_over(dialect(emulator), http_stream()) as session:
        heard = Heard()
        await session.subscribe(heard.channel, heard.feed)
        await session.unsubscribe("BTCUSDT")
        await until(lambda: not emulator.sockets)
        await until(lambda: session.state == "IDLE")
        pass_time(emulator, 1_000)
        again = Heard()
        await session.subscribe(again.channel, again.feed)
        made = news(emulator)
        await until(lambda: len(again.trades) >= len(made))
        assert again.numbers == made
        assert heard.numbers == []
        assert emulator.dialect.opened == 2


async def test_unsubscribing_one_of_a_set_keeps_the_connection_for_the_others():
    async with http_venue() as emulator, session_over(dialect(emulator), http_stream(), BOTH) as session:
        btc, eth = Heard("BTCUSDT", BOTH), Heard("ETHUSDT", BOTH)
        await session.subscribe(btc.channel, btc.feed)
        await session.subscribe(eth.channel, eth.feed)
        await session.unsubscribe("BTCUSDT")
        made = news(emulator, 3, "ETHUSDT")
        await until(lambda: len(eth.trades) >= len(made))
        assert eth.numbers == made
        assert btc.numbers == []
        again = Heard("BTCUSDT", BOTH)
        await session.subscribe(again.channel, again.feed)
        made = news(emulator)
        await until(lambda: len(again.trades) >= len(made))
        assert again.numbers == made
        assert emulator.dialect.opened == 1
        assert "lost" not in eth.kinds


@pytest.mark.parametrize("kind", ["close", "abort", "garbage", "oversized"])
async def test_a_connection_that_ends_or_breaks_is_made_anew(kind: str):
    async with http_venue() as emulator, session_over(dialect(emulator), http_stream()) as session:
        heard = Heard()
        await session.subscribe(heard.channel, heard.feed)
        made = news(emulator)
        await until(lambda: heard.numbers == made)
        emulator.inject(Rule(kind, count=1, size=LASTING.max_frame + 1))
        lost = news(emulator)
        await until(lambda: heard.kinds[-1:] == ["connected"] and "lost" in heard.kinds)
        await until(lambda: len(emulator.sockets) == 1)
        kept = [number for number in heard.numbers if number in lost]
        assert kept == lost[: len(kept)]
        after = news(emulator)
        await until(lambda: heard.numbers[-1:] == after[-1:])
        assert heard.numbers == [*made, *kept, *after]
        assert heard.kinds == ["connected", "lost", "reconnecting", "connected"]
        assert emulator.faults.counts == {kind: 1}
        assert session.health().reconnects == 1


async def test_an_oversized_line_breaks_the_protocol_and_says_so():
    async with http_venue() as emulator, session_over(dialect(emulator), http_stream()) as session:
        heard = Heard()
        await session.subscribe(heard.channel, heard.feed)
        emulator.inject(Rule("oversized", count=1, size=LASTING.max_frame + 1))
        news(emulator)
        await until(lambda: "lost" in heard.kinds)
        lost = next(status for status in heard.statuses if status.kind == "lost")
        assert lost.reason == "the venue broke the protocol: a message longer than 64 KiB"
        assert session.health().quarantined == 1


@pytest.mark.parametrize("path", ["/stream/trades", "/events/trades"])
async def test_frames_that_are_dropped_repeated_reordered_or_wrong_harm_no_others(path: str):
    async with http_venue() as emulator, session_over(dialect(emulator, path), http_stream()) as session:
        heard = Heard()
        await session.subscribe(heard.channel, heard.feed)
        emulator.inject(Rule("drop", count=1))
        emulator.inject(Rule("repeat", count=1))
        emulator.inject(Rule("reorder", count=1))
        emulator.inject(Rule("malformed", count=1, payload="not json at all"))
        made = news(emulator, 3)
        await until(lambda: heard.numbers[-1:] == made[-1:])
        # Dropped: the first. Repeated: the second, given once. The third changes places with the fourth.
        assert heard.numbers == [made[1], made[3], made[2], *made[4:]]
        assert session.health().quarantined == 1
        assert emulator.dialect.opened == 1


@pytest.mark.parametrize("path", ["/stream/trades", "/events/trades"])
async def test_a_half_open_connection_is_noticed_and_one_that_beats_is_not(path: str):
    settings = dataclasses.replace(LASTING, ping_interval=0.3, ping_timeout=0.5)
    async with (
        http_venue(drive=True, rate=0.0) as emulator,
        session_over(dialect(emulator, path), http_stream(), settings=settings) as session,
    ):
        heard = Heard()
        await session.subscribe(heard.channel, heard.feed)
        link = session._upkeep.link
        first = link.last_byte
        await until(lambda: link.last_byte - first > 1.6)
        assert heard.kinds == ["connected"]
        emulator.inject(Rule("half_open", now=True))
        await until(lambda: heard.kinds[-1:] == ["connected"] and len(heard.kinds) > 1)
        assert heard.kinds == ["connected", "lost", "reconnecting", "connected"]
        assert heard.statuses[1].reason == "no sign of life: not one byte comes"


async def test_a_venue_whose_beats_are_rare_says_so():
    settings = dataclasses.replace(LASTING, ping_interval=0.05, ping_timeout=0.05)
    async with http_venue() as emulator:
        impatient, patient = Heard(), Heard()
        async with (
            session_over(dialect(emulator), http_stream(), settings=settings) as short,
            session_over(dialect(emulator, heartbeat=60.0), http_stream(), settings=settings) as long,
        ):
            await short.subscribe(impatient.channel, impatient.feed)
            await long.subscribe(patient.channel, patient.feed)
            await until(lambda: impatient.kinds.count("lost") >= 3)
            assert patient.kinds == ["connected"]


async def test_a_stall_is_told_while_the_connection_lives():
    async with (
        http_venue(drive=True) as emulator,
        session_over(dialect(emulator), http_stream()) as session,
    ):
        heard = Heard(stale_after=0.5)
        await session.subscribe(heard.channel, heard.feed)
        await until(lambda: heard.trades)
        emulator.inject(Rule("stall", now=True, milliseconds=1_000))
        await until(lambda: "stale" in heard.kinds)
        await until(lambda: heard.kinds[-1] in ("live", "connected"))
        count = len(heard.trades)
        await until(lambda: len(heard.trades) > count)


async def test_the_venues_lifetime_ends_a_stream_which_is_rotated_before_without_loss_or_repeat():
    async with (
        http_venue(drive=True) as emulator,
        session_over(dialect(emulator, lifetime=1.0), http_stream()) as session,
    ):
        heard = Heard()
        await session.subscribe(heard.channel, heard.feed)
        await until(lambda: session.health().rotations >= 2, 10)
        numbers = heard.numbers
        whole = tape(emulator)
        first = whole.index(numbers[0])
        assert numbers == whole[first : first + len(numbers)]
        assert "lost" not in heard.kinds


async def test_the_emulators_lifetime_and_shutdown_end_its_streams():
    async with (
        http_venue(drive=True, lifetime=0.5, ping_interval=0.2) as emulator,
        session_over(dialect(emulator), http_stream()) as session,
    ):
        heard = Heard()
        await session.subscribe(heard.channel, heard.feed)
        # Its notice rotates the connection; where that is too late it is lost and made anew.
        await until(lambda: emulator.dialect.opened >= 3, 10)
        emulator.inject(Rule("shutdown", milliseconds=10_000))
        rotations = session.health().rotations
        await until(lambda: session.health().rotations > rotations)
