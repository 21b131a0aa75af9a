"""The runner contains whatever a case or a connector does, and runs things in the right order."""

import asyncio
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import pytest

from catalog.model import MarketType
from connectors.conformance.case import Case, CaseFailed, NotClaimed, Scope
from connectors.conformance.containment import ContainedLoop
from connectors.conformance.job import Job, select
from connectors.conformance.result import Result, Verdict
from connectors.conformance.runner import Runner
from connectors.conformance.subject import Claim, Subject
from tests.connectors.conformance.wrongly import binance, case


async def passes(subject: Subject) -> None: ...


async def fails(subject: Subject) -> None:
    raise CaseFailed("expected a thing, saw another")


async def is_not_claimed(subject: Subject) -> None:
    raise NotClaimed("it says so")


async def breaks(subject: Subject) -> None:
    raise ValueError("apiSecret=ABCDEF0123456789 was in it\x1b[2J")


async def exits(subject: Subject) -> None:
    sys.exit(0)


async def interrupts(subject: Subject) -> None:
    raise KeyboardInterrupt


async def cancels_itself(subject: Subject) -> None:
    raise asyncio.CancelledError


async def exits_in_a_task(subject: Subject) -> None:
    async def leave() -> None:
        sys.exit(0)

    task = asyncio.create_task(leave())
    await asyncio.wait({task})


async def raises_a_group(subject: Subject) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(fails(subject))
        group.create_task(asyncio.sleep(60))


async def cancels_everything(subject: Subject) -> None:
    for task in asyncio.all_tasks():
        task.cancel()
    await asyncio.Event().wait()


async def waits_for_ever(subject: Subject) -> None:
    await asyncio.Event().wait()


async def blocks(subject: Subject) -> None:
    time.sleep(60)  # noqa: ASYNC251 - that is what is tested


async def spins(subject: Subject) -> None:
    while True:
        pass


async def blocks_in_a_callback(subject: Subject) -> None:
    done = asyncio.Event()

    def callback() -> None:
        try:
            time.sleep(60)
        finally:
            done.set()

    asyncio.get_running_loop().call_soon(callback)
    await done.wait()


def run(*cases: Case, **options: int) -> list[Result]:
    with ContainedLoop(blocked_seconds=0.3) as loop:
        runner = Runner(binance(), cases, ending=lambda: loop.ending, **options)
        return loop.run(runner.run())


def only(made: Case) -> Result:
    (result,) = run(made)
    return result


@pytest.mark.parametrize(
    ("what", "verdict", "reason"),
    [
        (passes, Verdict.PASSED, ""),
        (fails, Verdict.FAILED, "expected a thing, saw another"),
        (is_not_claimed, Verdict.SKIPPED, "it says so"),
        (breaks, Verdict.FAILED, "ValueError: apiSecret=*** was in it [2J"),
        (exits, Verdict.FAILED, "SystemExit: 0"),
        (interrupts, Verdict.FAILED, "KeyboardInterrupt"),
        (cancels_itself, Verdict.FAILED, "it was cancelled, and not by the kit"),
        (exits_in_a_task, Verdict.FAILED, "a task of the connector raised SystemExit"),
        (raises_a_group, Verdict.FAILED, "expected a thing, saw another"),
        (blocks, Verdict.FAILED, "LoopBlocked: it blocked the event loop for more than 0.3 s"),
        (spins, Verdict.FAILED, "LoopBlocked: it blocked the event loop for more than 0.3 s"),
        (blocks_in_a_callback, Verdict.FAILED, "it blocked the event loop for more than 0.3 s"),
    ],
)
def test_whatever_a_case_does_it_has_a_verdict(
    what: Callable[[Subject], None], verdict: Verdict, reason: str
) -> None:
    first, after = run(case(what), case(passes, "Z02"))
    assert (first.verdict, first.reason) == (verdict, reason)
    assert after.verdict is Verdict.PASSED


def test_a_case_that_does_not_end_is_ended() -> None:
    result = only(case(waits_for_ever, timeout=0.05))
    assert (result.verdict, result.reason) == (Verdict.FAILED, "it took longer than 0.05 s")


def test_a_connector_that_cancels_every_task_ends_its_own_case_alone() -> None:
    first, second = run(case(cancels_everything), case(passes, "Z02", after=()))
    assert first.verdict is Verdict.FAILED
    assert second.verdict is Verdict.PASSED
    with ContainedLoop() as loop:
        runner = Runner(binance(), [case(cancels_everything)], ending=lambda: loop.ending)
        assert loop.run(runner.run_job(runner.jobs[0])).verdict is Verdict.FAILED


def test_a_case_that_refuses_to_end_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.conformance.attempt.END_SECONDS", 0.05)
    over = asyncio.Event()

    async def refuses(subject: Subject) -> None:
        while not over.is_set():
            with suppress(asyncio.CancelledError):
                await over.wait()

    async def check() -> Result:
        runner = Runner(binance(), [case(refuses, timeout=0.05)])
        (result,) = await runner.run()
        over.set()
        return result

    with ContainedLoop() as loop:
        result = loop.run(check())
    assert result.verdict is Verdict.FAILED
    assert "did not end within" in result.reason


def test_what_cannot_be_interrupted_ends_the_check() -> None:
    """A connector that swallows the interruption: the thread that watches gives the results."""
    over = threading.Event()
    told: list[list[Result]] = []

    async def swallows(subject: Subject) -> None:
        while not over.is_set():
            try:
                time.sleep(0.02)  # noqa: ASYNC251 - that is what is tested
            except BaseException:  # noqa: BLE001 - that is what is tested
                continue

    runner = Runner(binance(), [case(swallows), case(passes, "Z02", after=("Z01",))])

    def hung(stack: str) -> None:
        told.append(list(runner.given_up(stack)))
        over.set()

    with ContainedLoop(hung, blocked_seconds=0.1, given_up_seconds=0.2) as loop:
        loop.run(runner.run())
    (results,) = told
    assert [result.verdict for result in results] == [Verdict.FAILED, Verdict.BLOCKED]
    assert "in swallows" in results[0].reason


def test_what_depends_on_a_failure_is_blocked_with_its_reason() -> None:
    results = run(
        case(fails, "Z01"),
        case(passes, "Z02", after=("Z01",)),
        case(passes, "Z03", after=("Z02",)),
        case(passes, "Z04"),
    )
    assert [result.verdict.value for result in results] == ["failed", "blocked", "blocked", "passed"]
    assert {result.reason for result in results[1:3]} == {"Z01 failed: expected a thing, saw another"}


def test_what_depends_on_something_skipped_is_skipped() -> None:
    results = run(case(is_not_claimed, "Z01"), case(passes, "Z02", after=("Z01",)))
    assert [(result.verdict, result.reason) for result in results] == [(Verdict.SKIPPED, "it says so")] * 2


def test_an_unclaimed_capability_is_skipped() -> None:
    result = only(case(fails, claims=frozenset({Claim.ORDERS})))
    assert (result.verdict, result.reason) == (
        Verdict.SKIPPED,
        "the manifest does not claim order_execution",
    )


def test_a_gate_blocks_everything_behind_it() -> None:
    results = run(case(fails, "I01"), case(passes, "B01"), case(passes, "M02"), case(passes, "Z01"))
    assert [result.verdict.value for result in results] == ["failed", "blocked", "passed", "blocked"]


def test_a_broken_manifest_fails_its_own_case_and_blocks_the_rest() -> None:
    target = replace(binance(), entry=None, manifest_fault="maturity: missing")
    runner = Runner(target, [case(passes, "M01"), case(passes, "Z01")])
    with ContainedLoop() as loop:
        first, second = loop.run(runner.run())
    assert (first.verdict, first.reason) == (Verdict.FAILED, "maturity: missing")
    assert (second.verdict, second.reason) == (Verdict.BLOCKED, "M01 failed: maturity: missing")


class Crowd:
    """Counts how many cases are inside at once."""

    def __init__(self, full: int) -> None:
        self.inside = self.most = 0
        self.full = full

    async def __call__(self, subject: Subject) -> None:
        self.inside += 1
        self.most = max(self.most, self.inside)
        for _ in range(5):
            await asyncio.sleep(0)
        self.inside -= 1


def test_cases_run_at_once_but_not_too_many() -> None:
    crowd = Crowd(3)
    run(*(case(crowd, f"Z{number:02}") for number in range(9)), at_once=3)
    assert crowd.most == 3


def test_a_case_that_wants_to_be_alone_is() -> None:
    crowd, alone = Crowd(4), []

    async def looks(subject: Subject) -> None:
        for _ in range(5):
            alone.append(crowd.inside)
            await asyncio.sleep(0)

    run(
        *(case(crowd, f"Z{number:02}") for number in range(4)),
        case(looks, "Z50", alone=True),
        *(case(crowd, f"Z{number:02}") for number in range(60, 64)),
    )
    assert alone == [0] * 5


def test_a_market_case_runs_for_each_market_and_only_those_asked_for() -> None:
    made = case(passes, scope=Scope.MARKET)
    assert [result.market_type for result in run(made)] == [MarketType.SPOT, MarketType.FUTURES]
    runner = Runner(binance(), [made], [MarketType.FUTURES])
    with ContainedLoop() as loop:
        assert [result.market_type for result in loop.run(runner.run())] == [MarketType.FUTURES]


def test_one_job_brings_along_what_it_depends_on() -> None:
    ran: list[str] = []

    def noting(number: str) -> Case:
        async def note(subject: Subject) -> None:
            ran.append(number)

        return case(note, number, after=("Z01",) if number == "Z02" else ())

    runner = Runner(binance(), [noting("Z01"), noting("Z02"), noting("Z03")])

    async def check() -> None:
        await runner.run_job(runner.jobs[1])
        await runner.run_job(runner.jobs[1])

    with ContainedLoop() as loop:
        loop.run(check())
    assert ran == ["Z01", "Z02"]


async def test_cancellation_passes_when_all_has_ended() -> None:
    ended: list[str] = []
    begun = asyncio.Event()

    async def long(subject: Subject) -> None:
        try:
            begun.set()
            await asyncio.Event().wait()
        finally:
            ended.append("ended")

    task = asyncio.create_task(Runner(binance(), [case(long)]).run())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended == ["ended"]


def test_progress_is_told_of_every_beginning_and_end() -> None:
    told: list[tuple[str, str | None]] = []

    def progress(job: Job, result: Result | None) -> None:
        told.append((job.name, result.verdict.value if result else None))

    runner = Runner(binance(), [case(fails), case(passes, "Z02", after=("Z01",))], progress=progress)
    with ContainedLoop() as loop:
        loop.run(runner.run())
    assert told == [("Z01", None), ("Z01", "failed"), ("Z02", "blocked")]


def test_a_selection_takes_in_what_it_depends_on() -> None:
    cases = [case(passes, number) for number in ("M01", "I01", "B01", "K01")]
    cases += [case(passes, "K02", after=("K01",)), case(passes, "S01")]
    assert [one.number for one in select(cases, ["k02"])] == ["M01", "I01", "B01", "K01", "K02"]
    assert len(select(cases, ["K*"])) == 5
    assert select(cases, []) == cases
    with pytest.raises(KeyError, match="Q"):
        select(cases, ["Q*"])
