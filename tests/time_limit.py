"""A test that hangs ends with every stack on standard error, under xdist and while it holds the interpreter too.

pytest-timeout keeps the limits (`timeout` in pyproject.toml, `@pytest.mark.timeout`); its own two methods do not serve
here. A raised exception ends one task of a hanging loop and not the loop, and what its thread writes is lost in a
worker of xdist. So the process says what it was doing and ends: xdist calls the test failed and starts another worker.
"""

import asyncio
import faulthandler
import gc
import os
import threading
from typing import Any

import pytest

GRACE = 5.0
"""Seconds until C code ends the process, where no Python of ours gets its turn."""
_STDERR = pytest.StashKey[int]()


def pytest_configure(config: pytest.Config) -> None:
    """Standard error is kept as it is between loading and collecting: pytest captures nothing then."""
    config.stash[_STDERR] = os.dup(2)


def pytest_timeout_set_timer(item: pytest.Item, settings: Any) -> bool:
    stderr = item.config.stash[_STDERR]
    timer = threading.Timer(settings.timeout, _end, (item.nodeid, settings.timeout, stderr))
    timer.daemon = True
    timer.name = f"time limit of {item.nodeid}"
    timer.start()
    faulthandler.dump_traceback_later(settings.timeout + GRACE, exit=True, file=stderr)
    item.cancel_timeout = lambda: _cancel(timer)  # type: ignore[attr-defined]  # what pytest-timeout calls
    return True


def _cancel(timer: threading.Timer) -> None:
    timer.cancel()
    faulthandler.cancel_dump_traceback_later()


def _end(name: str, seconds: float, stderr: int) -> None:
    try:
        os.write(stderr, f"\n\n{name} hangs after {seconds:g} s\n\n".encode())
        faulthandler.dump_traceback(file=stderr, all_threads=True)
        with os.fdopen(stderr, "w", closefd=False, errors="backslashreplace") as file:
            for task in [held for held in gc.get_objects() if isinstance(held, asyncio.Task)]:
                if not task.done():
                    file.write("\n")
                    task.print_stack(file=file)
    finally:
        os._exit(1)
