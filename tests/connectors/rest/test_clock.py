"""The venue's clock: the median of samples, on a clock that no date change disturbs."""

import asyncio
import time

import pytest

from connectors.contracts.errors import ConnectionFailed
from connectors.rest.clock import MAX_AGE, SAMPLES, ServerClock


class Journey:
    """A monotonic clock that moves with each leg of a round trip, and a venue that reads its own clock between."""

    def __init__(self, legs: list[tuple[float, float]], server_ahead_ms: int) -> None:
        self.now = 500.0
        self._legs = legs
        self._ahead = server_ahead_ms
        self.asked = 0

    def __call__(self) -> float:
        return self.now

    async def fetch(self) -> int:
        there, back = self._legs[self.asked % len(self._legs)]
        self.asked += 1
        self.now += there
        server = round(self.now * 1000) + self._ahead
        self.now += back
        return server


async def test_equal_legs_give_the_exact_offset() -> None:
    journey = Journey([(0.05, 0.05)], 1_700_000_000_000)
    clock = ServerClock(journey.fetch, clock=journey)
    await clock.measure()
    assert clock.now_ms() == round(journey.now * 1000) + 1_700_000_000_000


async def test_one_bad_round_trip_does_not_move_it() -> None:
    journey = Journey(
        [(0.05, 0.05), (0.05, 0.05), (0.01, 4.0), (0.05, 0.05), (0.05, 0.05)], 1_700_000_000_000
    )
    clock = ServerClock(journey.fetch, clock=journey)
    await clock.measure()
    assert abs(clock.now_ms() - (round(journey.now * 1000) + 1_700_000_000_000)) <= 1
    assert journey.asked == SAMPLES


async def test_a_step_of_this_machines_date_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    journey = Journey([(0.01, 0.01)], 1_700_000_000_000)
    clock = ServerClock(journey.fetch, clock=journey)
    await clock.measure()
    before = clock.now_ms()
    skew = clock.skew_ms
    assert skew is not None
    real = time.time()
    monkeypatch.setattr(time, "time", lambda: real - 3_600)
    monkeypatch.setattr(time, "time_ns", lambda: int((real - 3_600) * 1e9))
    assert clock.now_ms() == before
    stepped = clock.skew_ms
    assert stepped is not None
    assert stepped - skew == pytest.approx(3_600_000, abs=1_000)


async def test_it_is_due_before_the_first_measurement_and_again_when_old() -> None:
    journey = Journey([(0.01, 0.01)], 0)
    clock = ServerClock(journey.fetch, clock=journey)
    assert clock.due
    assert abs(clock.now_ms() - time.time() * 1000) < 1_000
    await clock.measure()
    assert not clock.due
    journey.now += MAX_AGE + 1
    assert clock.due


async def test_callers_at_the_same_time_share_one_measurement() -> None:
    asked = 0

    async def fetch() -> int:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0)
        return 1_700_000_000_000

    clock = ServerClock(fetch)
    await asyncio.gather(clock.measure(), clock.measure(), clock.measure())
    assert asked == SAMPLES
    await clock.measure()
    assert asked == 2 * SAMPLES


async def test_a_failed_measurement_leaves_the_former_one() -> None:
    journey = Journey([(0.01, 0.01)], 1_700_000_000_000)
    broken = False

    async def fetch() -> int:
        if broken:
            raise ConnectionError
        return await journey.fetch()

    clock = ServerClock(fetch, clock=journey)
    await clock.measure()
    before = clock.now_ms()
    broken = True
    with pytest.raises(ConnectionError):
        await clock.measure()
    assert clock.now_ms() == before


class Machine:
    """This machine's two clocks. Asleep, the date goes on and the monotonic clock stands still."""

    def __init__(self) -> None:
        self.monotonic, self.date, self.venue = 500.0, 1_700_000_000.0, 1_700_000_000.0
        self.asked = 0

    def awake(self, seconds: float) -> None:
        self.monotonic += seconds
        self.date += seconds
        self.venue += seconds

    def asleep(self, seconds: float) -> None:
        self.date += seconds
        self.venue += seconds

    async def fetch(self) -> int:
        self.asked += 1
        return round(self.venue * 1000)

    def clock(self) -> ServerClock:
        return ServerClock(self.fetch, clock=lambda: self.monotonic, wall=lambda: self.date)


async def test_sleep_makes_it_due() -> None:
    machine = Machine()
    clock = machine.clock()
    await clock.measure()
    machine.awake(60)
    assert not clock.due
    machine.asleep(60)
    assert clock.due
    await clock.measure()
    assert not clock.due
    assert clock.now_ms() == round(machine.venue * 1000)


@pytest.mark.parametrize("signed", [False, True])
async def test_a_call_after_a_step_measures_first(signed: bool) -> None:
    machine = Machine()
    clock = machine.clock()
    await clock.measure()
    machine.awake(1)
    machine.asleep(43_260)
    await clock.before_call(signed=signed)
    assert clock.now_ms() == round(machine.venue * 1000)
    asked = machine.asked
    await clock.before_call(signed=signed)
    assert machine.asked == asked


async def test_a_call_that_needs_no_time_goes_on_where_the_venue_tells_none() -> None:
    machine = Machine()
    clock = machine.clock()
    await clock.measure()
    machine.asleep(60)

    async def fail() -> int:
        raise ConnectionFailed("no connection")

    clock._fetch = fail
    await clock.before_call(signed=False)
    with pytest.raises(ConnectionFailed):
        await clock.before_call(signed=True)


async def test_a_moment_before_a_measurement_is_dated_by_it() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.venue += 60
    moment = clock.moment()
    assert clock.ms_at(moment) == 1_700_000_000_000
    await clock.measure()
    machine.awake(5)
    assert clock.ms_at(moment) == 1_700_000_060_000
