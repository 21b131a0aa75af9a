"""A check as it goes: which cases run, what came of each, and the exit code."""

import asyncio
import os
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

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
from tui.command_line.output import json_line, print_lines
from tui.command_line.problems import FAILED, INTERRUPTED, OK, Failure
from tui.command_line.standard_streams import OutputFailed, ReaderGone, data


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

    def print_json(told: dict[str, Any]) -> None:
        print_lines([json_line(told)])

    def progress(job: Job, result: Result | None) -> None:
        live(job, result)
        if as_json and result is not None:
            print_json(result_to_json(result, target))

    def told(results: Sequence[Result]) -> int:
        live.close()
        seconds = time.monotonic() - started
        if junit is not None:
            _write(junit, to_junit(results, target, seconds))
        if as_json:
            print_json(summary_to_json(results, target, seconds))
        else:
            print_table(results, target, seconds)
        return FAILED if any(result.failed for result in results) else OK

    def hung(stack: str) -> None:
        # Nothing gets the main thread out of the connector's code any more: this thread ends the process.
        known = set(runner.results)
        for result in runner.given_up(f"it blocked the event loop and could not be interrupted: {stack}"):
            if as_json and Job(result.case, result.market_type) not in known:
                print_json(result_to_json(result, target))
        try:
            told(runner.so_far())
        finally:
            _leave_at_once(FAILED)

    loop = ContainedLoop(on_hang=hung)
    runner = Runner(target, cases, markets, progress=progress, ending=lambda: loop.ending)
    live.expect(len(runner.jobs))
    try:
        with loop:
            results = loop.run(runner.run())
    except (KeyboardInterrupt, asyncio.CancelledError):
        live.close()
        return INTERRUPTED
    code = told(results)
    if any(not thread.daemon for thread in threading.enumerate() if thread is not threading.current_thread()):
        # The connector left a thread that the interpreter would wait for.
        _leave_at_once(code)
    return code


def _leave_at_once(code: int) -> None:
    for stream in (data(), sys.stderr):
        with suppress(OSError, OutputFailed, ReaderGone):
            stream.flush()
    os._exit(code)


def _write(file: Path, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except OSError as error:
        raise Failure(f"cannot write {file}: {error.strerror}") from None
