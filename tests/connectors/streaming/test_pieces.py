"""The small pure pieces, with a clock of their own."""

import email.utils
import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.streaming.backoff import Backoff
from connectors.streaming.dialect import Channel
from connectors.streaming.handover import Handover
from connectors.streaming.handshake import describe, is_final, wait_asked_for
from connectors.streaming.ledger import Ledger
from connectors.streaming.liveness import ConnectionWatch, SilenceLimit, stale_since
from connectors.streaming.pacing import SlidingWindow
from connectors.streaming.refusals import StreamRefused
from connectors.streaming.rotation import rotation_age
from connectors.streaming.settings import SessionSettings


class FakeClock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_backoff_is_at_once_then_doubles_to_its_cap_with_full_jitter():
    highest = Backoff(0.5, 30.0, uniform=lambda low, high: high)
    assert [highest.next() for _ in range(9)] == [0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0]
    lowest = Backoff(0.5, 30.0, uniform=lambda low, high: low)
    assert [lowest.next() for _ in range(4)] == [0.0, 0.0, 0.0, 0.0]


def test_backoff_keeps_the_floor_and_starts_over_after_a_reset():
    backoff = Backoff(0.5, 30.0, uniform=lambda low, high: high)
    assert backoff.next(7.0) == 7.0
    assert backoff.next(7.0) == 7.0
    backoff.reset()
    assert backoff.next() == 0.0


@given(st.lists(st.floats(0, 3), min_size=1, max_size=60), st.integers(1, 6))
def test_no_window_ever_holds_more_turns_than_the_limit(pauses, limit):
    clock = FakeClock()
    window = SlidingWindow(limit, 1.0, clock)
    turns = []
    for pause in pauses:
        clock.now += pause
        clock.now += window.delay()
        window.note()
        turns.append(clock.now)
    for begin in turns:
        assert sum(begin <= turn < begin + 1.0 - 1e-9 for turn in turns) <= limit


def test_a_connection_is_pinged_and_given_up_only_without_any_byte():
    watch = ConnectionWatch(interval=5.0, timeout=5.0, now=0.0)
    assert watch.step(1.0, last_byte=0.0) == ("wait", 4.0)
    assert watch.step(5.0, last_byte=0.0)[0] == "ping"
    assert watch.step(7.0, last_byte=5.5) == ("wait", 3.0)
    assert watch.step(10.0, last_byte=5.5)[0] == "ping"
    assert watch.step(14.9, last_byte=5.5)[0] == "wait"
    assert watch.step(15.0, last_byte=5.5)[0] == "dead"
    assert watch.step(15.0, last_byte=14.99)[0] == "ping"


def test_what_silence_means_before_and_after_the_first_data():
    limits = {"first_data_timeout": 10.0, "stale_after": 3.0}
    assert stale_since(active_since=None, last_data=5.0, **limits) is None
    assert stale_since(active_since=100.0, last_data=None, **limits) == 110.0
    assert stale_since(active_since=100.0, last_data=50.0, **limits) == 110.0
    assert stale_since(active_since=100.0, last_data=105.0, **limits) == 108.0
    quiet = {"first_data_timeout": None, "stale_after": None}
    assert stale_since(active_since=100.0, last_data=None, **quiet) is None
    assert stale_since(active_since=100.0, last_data=105.0, **quiet) is None


def test_rotation_comes_before_the_lifetime_and_not_for_all_at_once():
    assert rotation_age(None, 0.95) is None
    ages = {rotation_age(86_400.0, 0.95) for _ in range(50)}
    assert len(ages) > 40
    assert all(86_400 * 0.85 <= age <= 86_400 * 0.95 for age in ages)


def channels(*names: str) -> dict[str, Channel]:
    return {name: Channel(name) for name in names}


def test_the_ledger_asks_for_the_difference_in_batches():
    ledger = Ledger(batch=2)
    ledger.wanted = wanted = channels("a", "b", "c")
    assert ledger.next().channels == ("a", "b")
    assert ledger.next().channels == ("c",)
    assert ledger.next() is None
    assert ledger.answered(1, (), False).acknowledged == ("a", "b")
    del wanted["a"]
    request = ledger.next()
    assert (request.operation, request.channels) == ("unsubscribe", ("a",))
    assert ledger.answered(request.id, (), False).dropped == ("a",)


def test_the_ledger_takes_an_answer_that_names_channels_instead_of_the_request():
    ledger = Ledger(batch=10)
    ledger.wanted = channels("a", "b")
    ledger.next()
    assert ledger.answered(None, ("b",), False).acknowledged == ("b",)
    assert ledger.answered(None, ("b",), False).acknowledged == ()
    assert ledger.expired(1).refused == ("a",)
    assert ledger.next() is None
    ledger.renew("a")
    assert ledger.next().channels == ("a",)


def test_an_unsubscribe_answered_by_channels_is_told_from_the_subscribe_after_it():
    ledger = Ledger(batch=1)
    ledger.wanted = channels("a")
    ledger.next()
    ledger.answered(None, ("a",), False)
    ledger.renew("a")
    left, again = ledger.next(), ledger.next()
    assert (left.operation, again.operation) == ("unsubscribe", "subscribe")
    assert ledger.left(("a",)).dropped == ("a",)
    assert ledger.acknowledged == set()
    assert ledger.expired(left.id).dropped == ()
    assert ledger.answered(None, ("a",), False).acknowledged == ("a",)


@given(st.data())
def test_whatever_happens_the_venue_ends_with_exactly_the_wanted_set(data):
    names = [f"c{i}" for i in range(6)]
    ledger = Ledger(batch=data.draw(st.integers(1, 4)))
    ledger.wanted = wanted = {}
    venue: dict[str, int] = {}
    for _ in range(data.draw(st.integers(1, 30))):
        name = data.draw(st.sampled_from(names))
        match data.draw(st.sampled_from(["want", "drop", "renew", "send", "send"])):
            case "want":
                wanted[name] = Channel(name)
            case "drop":
                wanted.pop(name, None)
            case "renew":
                ledger.renew(name)
            case "send":
                carry_out(ledger, venue)
    while carry_out(ledger, venue):
        pass
    assert venue == dict.fromkeys(wanted, 1)
    assert ledger.acknowledged == wanted.keys()


def carry_out(ledger: Ledger, venue: dict[str, int]) -> bool:
    request = ledger.next()
    if request is None:
        return False
    for name in request.channels:
        if request.operation == "subscribe":
            venue[name] = venue.get(name, 0) + 1
        else:
            venue[name] -= 1
            assert venue.pop(name) == 0
    ledger.answered(request.id, (), False)
    return True


class Kept:
    def __init__(self) -> None:
        self.numbers: list[int] = []

    def deliver(self, frame: bytes, now: float) -> None:
        self.numbers.append(int(frame))


@given(
    first_old=st.integers(0, 3),
    joined_at=st.integers(0, 8),
    order=st.lists(st.booleans(), min_size=24, max_size=24),
    switched_at=st.integers(0, 24),
)
def test_a_handover_loses_nothing_and_repeats_nothing_in_any_interleaving(
    first_old, joined_at, order, switched_at
):
    kept = Kept()
    handover = Handover(kept, int, lambda: None)
    old, new = list(range(first_old, 10)), list(range(joined_at, 12))
    old = [number for number in old if number < 10]
    for step, from_old in enumerate(order):
        if from_old and old:
            handover.old.deliver(b"%d" % old.pop(0), 0.0)
        elif new:
            handover.new.deliver(b"%d" % new.pop(0), 0.0)
        if step == switched_at and not old:
            handover.switch(0.0)
    while old:
        handover.old.deliver(b"%d" % old.pop(0), 0.0)
    handover.switch(0.0)
    for number in new:
        handover.new.deliver(b"%d" % number, 0.0)
    assert kept.numbers == sorted(set(kept.numbers))
    if joined_at <= 10:
        assert kept.numbers == list(range(min(first_old, kept.numbers[0]), 12))


def test_a_channel_without_numbers_changes_over_at_the_new_connections_first_frame():
    kept = Kept()
    attached = []
    handover = Handover(kept, lambda frame: None, lambda: attached.append(True))
    handover.old.deliver(b"1", 0.0)
    handover.new.deliver(b"2", 0.0)
    handover.old.deliver(b"2", 0.0)
    handover.new.deliver(b"3", 0.0)
    assert kept.numbers == [1, 2, 3]
    assert attached


@pytest.mark.parametrize("last_old", [3, 7])
def test_a_handover_attaches_once_nothing_needs_comparing(last_old):
    kept = Kept()
    attached = []
    handover = Handover(kept, int, lambda: attached.append(len(kept.numbers)))
    for number in range(last_old + 1):
        handover.old.deliver(b"%d" % number, 0.0)
    for number in range(2, 10):
        handover.new.deliver(b"%d" % number, 0.0)
    assert kept.numbers == list(range(10))
    assert attached[0] == last_old + 2


def test_a_connection_that_cannot_be_pinged_is_dead_after_its_limit_of_silence():
    watch = SilenceLimit(10.0)
    assert watch.step(100.0, 95.0) == ("wait", 5.0)
    assert watch.step(104.9, 95.0)[0] == "wait"
    assert watch.step(105.0, 95.0) == ("dead", 0.0)
    assert watch.step(106.0, 105.5) == ("wait", 9.5)


def test_a_connection_that_watches_itself_is_looked_at_from_time_to_time():
    assert SilenceLimit(math.inf).step(1e9, 0.0) == ("wait", 60.0)


@pytest.mark.parametrize(
    ("status", "header", "seconds"),
    [
        (429, "7", 7.0),
        (503, "2.5", 2.5),
        (429, None, 16.0),
        (418, None, 120.0),
        (401, None, 0.0),
        (503, "soon", 0.0),
        (503, "Sun, 06 Nov 1994 08:49:37 GMT", 0.0),
    ],
)
def test_a_refused_stream_says_how_long_to_wait(status: int, header: str | None, seconds: float):
    refused = StreamRefused(status, {} if header is None else {"retry-after": header})
    assert wait_asked_for(refused, SessionSettings()) == seconds
    assert describe(refused).startswith(f"the venue refused the connection: HTTP {status} (")


@pytest.mark.parametrize("status", [418, 429, 503])
def test_a_refused_stream_may_name_a_date(status: int):
    header = email.utils.format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    refused = StreamRefused(status, {"retry-after": header})
    assert 85 <= wait_asked_for(refused, SessionSettings()) <= 90
    assert not is_final(refused)


@pytest.mark.parametrize("status", [200, 301, 302, 307, 400, 401, 403, 404, 407, 451, 511])
def test_a_refusal_that_asking_again_does_not_change_is_final(status: int):
    assert is_final(StreamRefused(status))


@pytest.mark.parametrize("status", [408, 418, 425, 429, 500, 502, 503, 504, 520])
def test_a_refusal_that_passes_is_not(status: int):
    assert not is_final(StreamRefused(status))


def test_a_request_that_nothing_carries_is_worth_the_connection_only_where_nothing_else_is_wanted():
    ledger = Ledger(batch=10)
    ledger.wanted = {"a": Channel("a"), "b": Channel("b")}
    ledger.answered(ledger.next().id, (), refused=False)
    ledger.wanted = {"b": Channel("b")}
    assert not ledger.must_leave(ledger.next())
    ledger.renew("b")
    assert ledger.must_leave(ledger.next())
    ledger.answered(ledger.next().id, (), refused=False)
    ledger.wanted = {}
    assert ledger.must_leave(ledger.next())


@settings(deadline=None)
@given(
    st.integers(1, 5),
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 3)), min_size=1, max_size=40),
)
def test_what_is_under_way_keeps_its_turn_until_it_must_have_arrived(
    limit: int, steps: list[tuple[float, float]]
) -> None:
    """Whenever each arrives between its sending and its answer: never more than the limit in a second."""
    clock = FakeClock()
    window = SlidingWindow(limit, 1.0, clock)
    answers: list[float] = []
    spans: list[tuple[float, float]] = []
    for pause, round_trip in steps:
        clock.now += pause
        while (delay := window.delay()) > 0:
            due = min(answers, default=math.inf)
            clock.now = min(clock.now + delay, max(due, clock.now))
            while answers and min(answers) <= clock.now:
                answers.remove(min(answers))
                window.end()
        window.begin()
        answers.append(clock.now + round_trip)
        spans.append((clock.now, clock.now + round_trip))
        while answers and min(answers) <= clock.now:
            answers.remove(min(answers))
            window.end()
    for number, (sent, _) in enumerate(spans):
        may_arrive_in_the_same_second = [end for _, end in spans[:number] if end > sent - 1.0 + 1e-9]
        assert len(may_arrive_in_the_same_second) < limit
