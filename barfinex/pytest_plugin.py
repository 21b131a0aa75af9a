"""The kit in pytest: `pytest -p barfinex.pytest_plugin --barfinex-connector TARGET` makes a test of every case and
market.

No entry point loads it: pytest would import it in every run of everybody who has barfinex, also where a project has
packages that are named as ours are. It imports nothing but pytest before a connector is named.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from connectors.conformance.containment import ContainedLoop
    from connectors.conformance.job import Job
    from connectors.conformance.result import Result
    from connectors.conformance.runner import Runner

OPTION = "--barfinex-connector"
INI = "barfinex_connector"


def pytest_addoption(parser: pytest.Parser) -> None:
    text = "Check this connector with the conformance kit: an installed type, package.module:function or a folder."
    group = parser.getgroup("barfinex")
    group.addoption(OPTION, action="append", default=[], metavar="TARGET", help=f"{text} May be repeated.")
    parser.addini(INI, f"{text} One a line.", type="linelist", default=[])


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Add the cases, before others choose among the items."""
    targets = [*config.getini(INI), *(config.getoption(OPTION) or ())]
    if targets:
        checks = _Checks()
        config.add_cleanup(checks.close)
        for name in dict.fromkeys(targets):
            items.extend(checks.items(session, name))


class ConformanceFailure(Exception):
    """A case that did not pass; the text is all that is to be shown."""


class CaseItem(pytest.Item):
    """One case on one market."""

    def __init__(self, *, checks: "_Checks", runner: "Runner", job: "Job", **rest: Any) -> None:
        super().__init__(**rest)  # pyright: ignore[reportUnknownMemberType] - pytest leaves it untyped
        self._checks = checks
        self._runner = runner
        self._job = job

    def runtest(self) -> None:
        from connectors.conformance.report import explained  # noqa: PLC0415 - only where it is used
        from connectors.conformance.result import Verdict  # noqa: PLC0415

        result = self._checks.run(self._runner, self._job)
        if result.verdict is Verdict.SKIPPED:
            pytest.skip(result.reason)
        if result.failed:
            raise ConformanceFailure(explained(result))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, ConformanceFailure):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Any, int | None, str]:
        return self.path, None, self.nodeid


class _Checks:
    """The checks of one run. What a case depends on is run once, and all on one event loop."""

    def __init__(self) -> None:
        self._loop: ContainedLoop | None = None

    def _is_ending(self) -> bool:
        return self._loop is None or self._loop.ending

    def items(self, session: pytest.Session, name: str) -> Iterator[CaseItem]:
        """Raises `pytest.UsageError` where there is no such connector."""
        from connectors.conformance.cases import all_cases  # noqa: PLC0415 - only where it is used
        from connectors.conformance.runner import Runner  # noqa: PLC0415
        from connectors.conformance.target import resolve  # noqa: PLC0415
        from connectors.contracts.errors import UsageError  # noqa: PLC0415

        try:
            target = resolve(name)
        except UsageError as error:
            raise pytest.UsageError(f"{OPTION}: {error}") from None
        runner = Runner(target, all_cases(), ending=self._is_ending)
        for job in runner.jobs:
            title = f"{target.connector_type}::{job.name}"
            yield CaseItem.from_parent(  # pyright: ignore[reportUnknownMemberType] - the same
                session, name=title, nodeid=f"barfinex::{title}", checks=self, runner=runner, job=job
            )

    def run(self, runner: "Runner", job: "Job") -> "Result":
        """Raises `KeyboardInterrupt` where the run is interrupted."""
        import asyncio  # noqa: PLC0415 - only where it is used

        from connectors.conformance.containment import ContainedLoop  # noqa: PLC0415

        if self._loop is None:
            self._loop = ContainedLoop()
        try:
            return self._loop.run(runner.run_job(job))
        except asyncio.CancelledError:
            raise KeyboardInterrupt from None

    def close(self) -> None:
        if self._loop is not None:
            self._loop.__exit__()
