"""Running asynchronous work without a screen, and leaving cleanly when told to."""

import asyncio
import signal
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from tui.command_line.network import use_configured_network
from tui.contained_run import run_contained

ENDING_SIGNALS = ("SIGTERM", "SIGHUP")


def run_headless(work: Coroutine[Any, Any, int], *, when_interrupted: int) -> int:
    """Run to the end and give its exit code; Ctrl-C, SIGTERM and SIGHUP cancel the work, which then cleans up."""

    async def interruptible() -> int:
        loop = asyncio.get_running_loop()
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine that runs has a task
        for name in ENDING_SIGNALS:
            with suppress(AttributeError, NotImplementedError):  # Windows has neither
                loop.add_signal_handler(getattr(signal, name), task.cancel)
        return await work

    use_configured_network()
    try:
        return run_contained(interruptible())
    except (KeyboardInterrupt, asyncio.CancelledError):
        return when_interrupted
