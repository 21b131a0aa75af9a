"""One case on its way: what came of it, contained whatever the connector does."""

import asyncio
import time
import traceback
from contextvars import ContextVar
from pathlib import Path
from typing import cast

from catalog.text import MESSAGE_LIMIT, clean
from connectors.conformance.case import CaseFailed, NotClaimed
from connectors.conformance.job import Job
from connectors.conformance.result import Result, Verdict
from connectors.conformance.subject import Subject
from connectors.contracts.errors import BarfinexError
from connectors.runtime.foreign import describe
from connectors.runtime.redaction import redact

END_SECONDS = 5.0
"""How long a case that is told to end may take to do so."""

current: ContextVar["Attempt | None"] = ContextVar("conformance_attempt", default=None)
"""The attempt that the running code belongs to: tasks and callbacks inherit it from whoever made them."""


class Attempt:
    """A case being run. `blame` adds a fault that was noticed from outside; then it has failed, whatever it says."""

    def __init__(self, job: Job, folder: Path) -> None:
        """`folder` is where the connector's code lies: its lines are told rather than others'."""
        self.job = job
        self.started = time.monotonic()
        self.folder = folder
        self._faults: list[tuple[str, str]] = []

    def blame(self, reason: str, where: str = "") -> None:
        self._faults.append((reason, where))

    async def run(self, subject: Subject) -> Result:
        """Never raises but on cancellation. What does not end in time is told to end, and then left."""
        task = asyncio.create_task(self._contained(subject), name=f"conformance {self.job.name}")
        try:
            done, _ = await asyncio.wait({task}, timeout=self.job.case.timeout)
        except asyncio.CancelledError:
            task.cancel()
            await asyncio.wait({task}, timeout=END_SECONDS)
            raise
        if done:
            return self._judged(task.result())
        task.cancel()
        done, _ = await asyncio.wait({task}, timeout=END_SECONDS)
        reason = f"it took longer than {self.job.case.timeout:g} s"
        if not done:
            reason += f", and did not end within {END_SECONDS:g} s of being cancelled"
        return self._judged(self._result(Verdict.FAILED, reason))

    def failed(self, reason: str, where: str = "") -> Result:
        return self._result(Verdict.FAILED, reason, where)

    async def _contained(self, subject: Subject) -> Result:
        current.set(self)
        try:
            await self.job.case.run(subject)
        except GeneratorExit:
            raise
        except BaseException as error:  # noqa: BLE001 - a stranger's code may raise anything, SystemExit too
            return self._of(first_of(error))
        return self._result(Verdict.PASSED)

    def _of(self, error: BaseException) -> Result:
        match error:
            case NotClaimed():
                return self._result(Verdict.SKIPPED, str(error))
            case CaseFailed():
                return self._result(Verdict.FAILED, str(error))
            case asyncio.CancelledError():
                return self._result(Verdict.FAILED, "it was cancelled, and not by the kit")
            case BarfinexError():
                text = f"{type(error).__name__}: {error}"
            case _:
                text = describe(error)
        return self._result(Verdict.FAILED, text, place_of(error, self.folder))

    def _judged(self, result: Result) -> Result:
        if not self._faults or result.verdict is Verdict.FAILED:
            return result
        return self._result(Verdict.FAILED, *self._faults[0])

    def _result(self, verdict: Verdict, reason: str = "", where: str = "") -> Result:
        return Result(
            case=self.job.case,
            market_type=self.job.market_type,
            verdict=verdict,
            seconds=time.monotonic() - self.started,
            reason=clean(redact(reason), MESSAGE_LIMIT),
            where=clean(where, 200),
        )


def first_of(error: BaseException) -> BaseException:
    """What is inside a group of errors: a failed case before anything else."""
    if not isinstance(error, BaseExceptionGroup):
        return error
    group = cast("BaseExceptionGroup[BaseException]", error)
    inner = [first_of(one) for one in group.exceptions]
    return next((one for one in inner if isinstance(one, CaseFailed)), inner[0])


def place_of(error: BaseException, folder: Path) -> str:
    """The innermost line of the connector's code that the error passed through; empty where there is none."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if found := place(frame.filename, frame.lineno, frame.name, folder):
            return found
    return ""


def place(file: str, line: int | None, function: str, folder: Path) -> str:
    """`acme/ws.py:41 in subscribe`, where the file is one of the folder's."""
    path = Path(file)
    if not path.is_relative_to(folder):
        return ""
    return f"{path.relative_to(folder.parent)}:{line} in {function}"
