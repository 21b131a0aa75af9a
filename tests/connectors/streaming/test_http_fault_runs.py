"""Many faults over a moving market: what arrives was traded, comes once and in order, and all is well afterwards."""

from connectors.emulator.emulator import Emulator
from connectors.emulator.faults import Rule
from connectors.streaming.http_stream import http_stream
from connectors.streaming.polling import polling
from tests.connectors.streaming.http_clients import (
    Caller,
    Heard,
    PollDialect,
    StreamDialect,
    label,
    session_over,
)
from tests.connectors.streaming.http_venue import http_venue, tape
from tests.connectors.streaming.scripted import until


async def test_a_stream_survives_a_storm_of_faults():
    async with http_venue(drive=True) as emulator:
        dialect = StreamDialect(emulator.endpoints["rest"])
        async with session_over(dialect, http_stream()) as session:
            heard = Heard()
            await session.subscribe(heard.channel, heard.feed)
            for kind in ("drop", "repeat", "malformed", "abort", "close", "garbage"):
                emulator.inject(Rule(kind, probability=0.08))
            emulator.inject(Rule("status", probability=0.5))
            await until(lambda: emulator.faults.counts.total() >= 60, 60)
            emulator.faults.clear()
            await _settled(emulator, heard)
            broken = sum(emulator.faults.counts[kind] for kind in ("abort", "close", "garbage"))
            # A second fault may strike a connection before the client has seen the first.
            assert 5 < session.health().reconnects <= broken
            assert heard.kinds.count("lost") == session.health().reconnects


async def test_a_poll_survives_a_storm_of_faults_and_misses_nothing():
    async with http_venue(drive=True, rate=5.0) as emulator:
        get = Caller(emulator.endpoints["rest"])
        async with session_over(PollDialect(""), polling(get, 0.02, label=label)) as session:
            heard = Heard(lists=True)
            await session.subscribe(heard.channel, heard.feed)
            emulator.inject(Rule("status", probability=0.2, status=503))
            emulator.inject(Rule("status", probability=0.05, status=429))
            emulator.inject(Rule("reset", probability=0.2))
            await until(lambda: emulator.faults.counts.total() >= 30, 60)
            emulator.faults.clear()
            await _settled(emulator, heard)
            whole = tape(emulator)
            first = whole.index(heard.numbers[0])
            assert heard.numbers == whole[first : first + len(heard.numbers)]


async def _settled(emulator: Emulator, heard: Heard) -> None:
    """Twenty trades in a row arrive, after which all that ever came is compared with what was traded."""
    await until(lambda: heard.numbers[-20:] == _up_to(tape(emulator), heard.numbers[-1])[-20:], 20)
    numbers = heard.numbers
    assert numbers == sorted(set(numbers))
    assert set(numbers) <= set(tape(emulator))


def _up_to(numbers: list[int], last: int) -> list[int]:
    return [number for number in numbers if number <= last]
