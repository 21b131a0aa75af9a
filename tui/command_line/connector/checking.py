"""A check as it goes: which cases run, what came of each, and the exit code."""

import asyncio
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from catalog.model import MarketType
from connectors.conformance.case import Case
from connectors.conformance.containment import ContainedLoop
from connectors.conformance.job import Job
from connectors.conformance.report import junit as to_junit
from connectors.conformance.report import result_to_json, summary_to_json
from connectors.conformance.result import Result
from connectors.conformance.runner import Runner
from connectors.conformance.subject import Target
from tui.command_line.connector.live import LiveProgress
from tui.command_line.connector.table import print_table
from tui.command_line.output import print_lines
from tui.command_line.problems import FAILED, INTERRUPTED, OK, Failure


def run(
    target: Target,
    cases: Sequence[Case],
    markets: Sequence[MarketType],
    *,
    as_json: bool,
    junit: Path | None,
) -> int:
    """Check, tell, and give the exit code. Raises `Failure` where the JUnit file cannot be written."""
    started = time.monotonic()
    live = LiveProgress()

    def progress(job: Job, result: Result | None) -> None:
        live(job, result)
        if as_json and result is not None:
            print_lines([json.dumps(result_to_json(result, target), ensure_ascii=False)])

    runner = Runner(target, cases, markets, progress=progress)
    live.expect(len(runner.jobs))

    def told(results: Sequence[Result]) -> int:
        live.close()
        seconds = time.monotonic() - started
        if junit is not None:
            _write(junit, to_junit(results, target, seconds))
        if as_json:
            print_lines([json.dumps(summary_to_json(results, target, seconds), ensure_ascii=False)])
        else:
            print_table(results, target, seconds)
        return FAILED if any(result.failed for result in results) else OK

    def hung(stack: str) -> None:
        # Nothing gets the main thread out of the connector's code any more: this thread ends the process.
        known = set(runner.results)
        for result in runner.given_up(f"it blocked the event loop and could not be interrupted: {stack}"):
            if as_json and Job(result.case, result.market_type) not in known:
                print_lines([json.dumps(result_to_json(result, target), ensure_ascii=False)])
        told(runner.so_far())
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(FAILED)

    try:
        with ContainedLoop(on_hang=hung) as loop:
            results = loop.run(runner.run())
    except (KeyboardInterrupt, asyncio.CancelledError):
        live.close()
        return INTERRUPTED
    return told(results)


def _write(file: Path, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except OSError as error:
        raise Failure(f"cannot write {file}: {error.strerror}") from None
