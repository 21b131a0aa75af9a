"""Budgets: never overspent in any window, first come first served, corrected from outside, blocked on demand."""

import asyncio
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.contracts.errors import RateLimited
from connectors.rest.limits import LimitScope, Meter, shared_scope


class Hand:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@given(st.lists(st.tuples(st.integers(1, 60), st.floats(0, 30)), max_size=60))
@settings(max_examples=60)
def test_no_window_is_ever_overspent(calls: list[tuple[int, float]]) -> None:
    meter = Meter(limit=100, window=60)
    now = 0.0
    spent: list[tuple[float, int]] = []
    for amount, pause in calls:
        now = meter.earliest(amount, now + pause)
        meter.add(amount, now)
        spent.append((now, amount))
    for start, _ in spent:
        assert sum(amount for at, amount in spent if start <= at < start + 60) <= meter.capacity


async def test_what_fits_passes_at_once_and_is_counted() -> None:
    scope = LimitScope(clock=Hand())
    scope.set_limit("WEIGHT", 100, 60)
    await scope.acquire({"WEIGHT": 50}, max_wait=0)
    await scope.acquire({"WEIGHT": 40}, max_wait=0)
    (usage,) = scope.usage()
    assert (usage.name, usage.used, usage.limit, usage.window) == ("WEIGHT", 90, 100, 60)


async def test_what_would_wait_too_long_fails_at_once_and_says_how_long() -> None:
    clock = Hand()
    scope = LimitScope(clock=clock)
    scope.set_limit("WEIGHT", 100, 60)
    await scope.acquire({"WEIGHT": 90}, max_wait=0)
    clock.now += 20
    with pytest.raises(RateLimited) as refused:
        await scope.acquire({"WEIGHT": 1}, max_wait=10)
    assert refused.value.retry_after == pytest.approx(40)
    assert not refused.value.banned
    assert scope.usage()[0].used == 90


async def test_a_call_waits_for_the_window_and_those_behind_it_keep_their_order() -> None:
    scope = LimitScope()
    scope.set_limit("WEIGHT", 10, 0.1)
    passed: list[int] = []
    started = time.monotonic()

    async def call(number: int) -> None:
        await scope.acquire({"WEIGHT": 9}, max_wait=5)
        passed.append(number)

    async with asyncio.TaskGroup() as group:
        for number in range(4):
            group.create_task(call(number))
    assert passed == [0, 1, 2, 3]
    assert time.monotonic() - started >= 0.29


async def test_a_cheap_newcomer_does_not_starve_a_dear_call() -> None:
    scope = LimitScope()
    scope.set_limit("WEIGHT", 10, 0.1)
    await scope.acquire({"WEIGHT": 5}, max_wait=0)
    passed: list[str] = []

    async def call(name: str, weight: int) -> None:
        await scope.acquire({"WEIGHT": weight}, max_wait=5)
        passed.append(name)

    async with asyncio.TaskGroup() as group:
        group.create_task(call("dear", 9))
        await asyncio.sleep(0)
        group.create_task(call("cheap", 1))
    assert passed == ["dear", "cheap"]


async def test_a_cancelled_wait_gives_its_place_back() -> None:
    scope = LimitScope()
    scope.set_limit("WEIGHT", 10, 0.1)
    await scope.acquire({"WEIGHT": 9}, max_wait=0)
    waiting = asyncio.create_task(scope.acquire({"WEIGHT": 9}, max_wait=5))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    started = time.monotonic()
    await scope.acquire({"WEIGHT": 9}, max_wait=5)
    assert time.monotonic() - started < 0.15


async def test_a_call_dearer_than_the_whole_budget_waits_for_an_empty_window() -> None:
    clock = Hand()
    scope = LimitScope(clock=clock)
    scope.set_limit("WEIGHT", 10, 60)
    await scope.acquire({"WEIGHT": 500}, max_wait=0)
    with pytest.raises(RateLimited):
        await scope.acquire({"WEIGHT": 1}, max_wait=59)


async def test_the_venues_own_count_is_taken_over_where_it_is_higher() -> None:
    clock = Hand()
    scope = LimitScope(clock=clock)
    scope.set_limit("WEIGHT", 100, 60)
    await scope.acquire({"WEIGHT": 10}, max_wait=0)
    scope.observe("WEIGHT", 85)
    assert scope.usage()[0].used == 85
    scope.observe("WEIGHT", 3)
    assert scope.usage()[0].used == 85
    with pytest.raises(RateLimited):
        await scope.acquire({"WEIGHT": 10}, max_wait=1)
    clock.now += 61
    await scope.acquire({"WEIGHT": 90}, max_wait=0)


async def test_a_block_holds_everyone_back_even_who_waits_already() -> None:
    scope = LimitScope()
    scope.set_limit("WEIGHT", 10, 0.05)
    await scope.acquire({"WEIGHT": 9}, max_wait=0)
    waiting = asyncio.create_task(scope.acquire({"WEIGHT": 9}, max_wait=5))
    await asyncio.sleep(0)
    blocked_at = time.monotonic()
    scope.block(0.2)
    await waiting
    assert time.monotonic() - blocked_at >= 0.2


async def test_a_ban_is_told_as_one_and_a_shorter_block_does_not_end_it() -> None:
    clock = Hand()
    scope = LimitScope(clock=clock)
    scope.block(120, banned=True)
    scope.block(1)
    with pytest.raises(RateLimited) as refused:
        await scope.acquire({}, max_wait=10)
    assert refused.value.banned
    assert refused.value.retry_after == pytest.approx(120)
    clock.now += 121
    await scope.acquire({}, max_wait=0)
    assert scope.blocked_for == 0


async def test_meters_hold_together_and_unknown_ones_cost_nothing() -> None:
    clock = Hand()
    scope = LimitScope(clock=clock)
    scope.set_limit("WEIGHT", 100, 60)
    scope.set_limit("RAW", 10, 300)
    for _ in range(9):
        await scope.acquire({"WEIGHT": 1, "RAW": 1, "ELSE": 1}, max_wait=0)
    with pytest.raises(RateLimited) as refused:
        await scope.acquire({"WEIGHT": 1, "RAW": 1}, max_wait=100)
    assert refused.value.retry_after == pytest.approx(300)


def test_clients_of_one_address_share_a_scope() -> None:
    assert shared_scope("127.0.0.1:1 test-limits") is shared_scope("127.0.0.1:1 test-limits")
    assert shared_scope("127.0.0.1:1 test-limits") is not shared_scope("127.0.0.1:2 test-limits")
