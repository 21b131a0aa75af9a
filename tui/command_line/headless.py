"""Running asynchronous work without a screen, and leaving cleanly when told to."""

import asyncio
import os
import signal
from collections.abc import Callable, Coroutine
from contextlib import suppress
from types import FrameType
from typing import Any

from tui.command_line.interrupts import INTERRUPTED
from tui.command_line.network import use_configured_network
from tui.contained_run import run_contained

ENDING_SIGNALS = ("SIGTERM", "SIGHUP")


def run_headless(work: Coroutine[Any, Any, int], *, when_interrupted: int | Callable[[], int]) -> int:
    """Run to the end and give its exit code; Ctrl-C, SIGTERM and SIGHUP cancel the work, which then cleans up.

    Who presses Ctrl-C again does not want to wait for that.
    """

    async def interruptible() -> int:
        loop = asyncio.get_running_loop()
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine that runs has a task
        for name in ENDING_SIGNALS:
            with suppress(AttributeError, NotImplementedError):  # Windows has neither
                loop.add_signal_handler(getattr(signal, name), task.cancel)
        presses = 0

        def pressed(_number: int, _frame: FrameType | None) -> None:
            nonlocal presses
            presses += 1
            if presses > 1:
                os._exit(INTERRUPTED)
            loop.call_soon_threadsafe(task.cancel)

        if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
            signal.signal(signal.SIGINT, pressed)
        return await work

    use_configured_network()
    before = signal.getsignal(signal.SIGINT)
    try:
        return run_contained(interruptible())
    except (KeyboardInterrupt, asyncio.CancelledError):
        return when_interrupted if isinstance(when_interrupted, int) else when_interrupted()
    finally:
        work.close()
        signal.signal(signal.SIGINT, before)
