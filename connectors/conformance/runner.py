"""Runs the cases: some at once, each contained, in an order that what depends on another allows."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeAlias

from catalog.model import MarketType
from catalog.text import MESSAGE_LIMIT, clean
from connectors.conformance.attempt import Attempt
from connectors.conformance.case import Case
from connectors.conformance.job import GATES, Job, depends, plan
from connectors.conformance.result import Result, Verdict
from connectors.conformance.subject import Subject, Target, claims_of
from connectors.conformance.subjects import subjects_of

AT_ONCE = 8
"""Cases: most wait for a silence or a timeout to be noticed, so that more than there are cores can run."""
_CANCELLED = (
    "every task was cancelled while it ran, the kit's own too: a connector may end only what it began"
)

Progress: TypeAlias = Callable[[Job, Result | None], None]
"""Told of a job when it begins, without a result, and when it is over."""


class Runner:
    """One check of one target. `run` runs everything; `run_job` one job, after what it depends on."""

    def __init__(
        self,
        target: Target,
        cases: Sequence[Case],
        markets: Sequence[MarketType] = (),
        *,
        at_once: int = AT_ONCE,
        progress: Progress = lambda job, result: None,
        ending: Callable[[], bool] = lambda: True,
    ) -> None:
        """`ending` tells whether a cancellation is meant: a connector may cancel every task that it can find."""
        self.target = target
        self.jobs = plan(target, cases, markets)
        self.results: dict[Job, Result] = {}
        """What is known so far."""
        self._at_once = at_once
        self._progress = progress
        self._ending = ending
        self._needs = {job: depends(job, self.jobs) for job in self.jobs}
        # Those that may take long begin first, so that none is left to wait for at the end.
        self._order = sorted(self.jobs, key=lambda job: -job.case.timeout)
        self._running: dict[asyncio.Task[Result], Job] = {}
        self._anew: set[Job] = set()
        """Jobs that were cancelled, and not by us: run once more and alone, it is told who does it."""
        self._subjects: dict[MarketType, Subject] = {}

    async def run(self) -> list[Result]:
        """Every result, in the cases' order. Raises only on cancellation, when all that ran has ended."""
        await self._load()
        try:
            while len(self.results) < len(self.jobs):
                self._start_ready()
                if self._running:
                    await self._one_done()
        finally:
            await self._stop()
        return self.so_far()

    async def run_job(self, job: Job) -> Result:
        """One result. What it depends on is run first, unless its result is known."""
        if (known := self.results.get(job)) is not None:
            return known
        await self._load()
        for needed in self._needs[job]:
            await self.run_job(needed)
        if (settled := self._settled(job)) is not None:
            return settled
        try:
            while job not in self.results:
                self._start(job)
                await self._one_done()
        finally:
            await self._stop()
        return self.results[job]

    def so_far(self) -> list[Result]:
        """The known results, in the cases' order."""
        return [self.results[job] for job in self.jobs if job in self.results]

    def given_up(self, reason: str) -> list[Result]:
        """Results for all, of a check that cannot go on: what was running has failed, the rest is blocked."""
        running = set(self._running.values())
        for job in self.jobs:
            if job in self.results:
                continue
            verdict = Verdict.FAILED if job in running else Verdict.BLOCKED
            text = reason if job in running else f"the check ended early: {reason}"
            self.results[job] = _result(job, verdict, text)
        return self.so_far()

    # --- scheduling -------------------------------------------------------------------------------------------------

    def _start_ready(self) -> None:
        """Start what may run now. A job that wants to be alone waits until nothing runs, and then nothing else does."""
        for job in self._order:
            if job in self.results or job in self._running.values():
                continue
            if any(needed not in self.results for needed in self._needs[job]):
                continue
            if self._settled(job) is not None:
                continue
            if len(self._running) >= self._at_once or any(map(self._is_alone, self._running.values())):
                return
            if self._is_alone(job) and self._running:
                continue
            self._start(job)

    def _is_alone(self, job: Job) -> bool:
        return job.case.alone or job in self._anew

    def _start(self, job: Job) -> None:
        self._running[asyncio.create_task(self._attempt(job))] = job

    async def _one_done(self) -> None:
        try:
            done, _ = await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            own = asyncio.current_task()
            if own is None or self._ending():
                raise
            own.uncancel()
            done = {task for task in self._running if task.done()}
        for task in done:
            job = self._running.pop(task)
            if not task.cancelled():
                self._keep(job, task.result())
            elif job in self._anew:
                self._keep(job, _result(job, Verdict.FAILED, _CANCELLED))
            else:
                self._anew.add(job)

    async def _stop(self) -> None:
        for task in self._running:
            task.cancel()
        if self._running:
            await asyncio.wait(self._running)
        self._running.clear()

    # --- one job ----------------------------------------------------------------------------------------------------

    def _settled(self, job: Job) -> Result | None:
        """The result of a job that need not be run: blocked by another, or about what is not claimed."""
        if self.target.entry is None:
            fault = self.target.manifest_fault or "there is no manifest"
            if job.case.number == GATES[0]:
                return self._keep(job, _result(job, Verdict.FAILED, fault))
            return self._keep(job, _result(job, Verdict.BLOCKED, f"{GATES[0]} failed: {fault}"))
        for needed in self._needs[job]:
            found = self.results[needed]
            if found.failed:
                return self._keep(job, _result(job, Verdict.BLOCKED, _blocked_by(needed, found)))
            if found.verdict is Verdict.SKIPPED:
                return self._keep(job, _result(job, Verdict.SKIPPED, found.reason))
        missing = sorted(claim.value for claim in job.case.claims - claims_of(self.target.entry))
        if missing:
            reason = f"the manifest does not claim {', '.join(missing)}"
            return self._keep(job, _result(job, Verdict.SKIPPED, reason))
        return None

    async def _attempt(self, job: Job) -> Result:
        self._progress(job, None)
        return await Attempt(job, self.target.folder).run(self._subject(job))

    async def _load(self) -> None:
        if not self._subjects:
            self._subjects = await subjects_of(self.target)

    def _subject(self, job: Job) -> Subject:
        market = job.market_type
        return self._subjects[market] if market is not None else next(iter(self._subjects.values()))

    def _keep(self, job: Job, result: Result) -> Result:
        self.results[job] = result
        self._progress(job, result)
        return result


def _blocked_by(needed: Job, found: Result) -> str:
    return (
        found.reason if found.verdict is Verdict.BLOCKED else f"{needed.case.number} failed: {found.reason}"
    )


def _result(job: Job, verdict: Verdict, reason: str) -> Result:
    return Result(
        case=job.case, market_type=job.market_type, verdict=verdict, reason=clean(reason, MESSAGE_LIMIT)
    )
