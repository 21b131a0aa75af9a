"""The venue's time from the dates of its answers."""

from email.utils import formatdate

import pytest

from connectors.rest.dated_clock import DatedClock


class Machine:
    def __init__(self) -> None:
        self.monotonic, self.date, self.venue = 500.0, 1_700_000_000.25, 1_700_000_000.25
        self.clock = DatedClock(clock=lambda: self.monotonic, wall=lambda: self.date)

    def pass_time(self, seconds: float) -> None:
        self.monotonic += seconds
        self.date += seconds
        self.venue += seconds

    def answer(self, **headers: str) -> None:
        sent = self.clock.moment()
        self.pass_time(0.05)
        self.clock.observe({"date": formatdate(self.venue, usegmt=True), **headers}, sent)

    @property
    def error(self) -> float:
        """In seconds."""
        return self.clock.ms_at(self.clock.moment()) / 1000 - self.venue


def test_a_date_that_agrees_is_believed_to_the_millisecond() -> None:
    machine = Machine()
    for _ in range(20):
        machine.answer()
        assert machine.error == pytest.approx(0, abs=0.001)
        machine.pass_time(0.37)


@pytest.mark.parametrize("off", [-43_260.0, -60.0, 60.0, 43_260.0])
def test_a_date_that_is_wrong_is_corrected_within_a_second(off: float) -> None:
    machine = Machine()
    machine.date += off
    assert machine.error == pytest.approx(off, abs=0.001)
    machine.answer()
    assert abs(machine.error) <= 1.1
    for _ in range(30):
        machine.pass_time(0.37)
        machine.answer()
    assert abs(machine.error) <= 0.2


def test_after_sleep_the_date_is_believed_until_an_answer_tells_more() -> None:
    machine = Machine()
    machine.answer()
    machine.date += 60
    machine.venue += 60
    assert machine.error == pytest.approx(0, abs=0.001)


def test_a_venue_that_sets_its_clock_is_followed() -> None:
    machine = Machine()
    machine.answer()
    machine.venue += 60
    machine.answer()
    assert abs(machine.error) <= 1.1


def test_what_a_cache_kept_is_older_than_its_date() -> None:
    machine = Machine()
    machine.venue -= 100
    machine.answer(age="100")
    machine.venue += 100
    assert abs(machine.error) <= 1.1


@pytest.mark.parametrize("date", ["", "Mon, 99 Foo", "9" * 400, "Wed, 21 Oct 99999 07:28:00 GMT"])
def test_a_date_that_is_none_is_passed_over(date: str) -> None:
    machine = Machine()
    machine.answer(date=date)
    assert machine.error == pytest.approx(0, abs=0.001)
    assert machine.clock.skew_ms is None
