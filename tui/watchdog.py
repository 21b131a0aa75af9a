"""Leaving when the terminal is gone, or when a signal says so.

A terminal lost without a SIGHUP (a dropped ssh) leaves Textual reading end-of-file in a loop. A thread looks at the
terminal itself, so that even a stuck event loop cannot keep the process.
"""

import os
import sys
import threading
from collections.abc import Callable

INTERVAL = 0.5
"""Seconds between two looks."""
GRACE = 3.5
"""Seconds the app has to leave by itself before the process is ended; with `INTERVAL` well inside 5 s."""


def terminal_alive(descriptor: int) -> bool:
    """A terminal that hung up still is an open descriptor, but no longer a tty."""
    try:
        return os.isatty(descriptor)
    except OSError:
        return False


class TerminalWatchdog:
    """Calls `leave` from its thread once the terminal is lost, and `end` where that did not help in time."""

    def __init__(
        self,
        leave: Callable[[], None],
        *,
        end: Callable[[], None],
        alive: Callable[[], bool] | None = None,
        interval: float = INTERVAL,
        grace: float = GRACE,
    ) -> None:
        self._leave = leave
        self._end = end
        self._alive = alive or _default_check()
        self._interval = interval
        self._grace = grace
        self._stopped = threading.Event()
        self._leaving = False

    def start(self) -> None:
        """Watch, if there is a terminal to watch."""
        if self._alive():
            threading.Thread(target=self._watch, daemon=True, name="terminal-watchdog").start()

    def stop(self) -> None:
        self._stopped.set()

    def leave_now(self, leave: Callable[[], None]) -> None:
        """Leave in this way, and see to it that it happens. A signal handler may call it, again and again too."""
        leave()
        if not self._leaving:
            self._leaving = True
            threading.Thread(target=self._see_it_end, daemon=True, name="see-it-end").start()

    def _see_it_end(self) -> None:
        if not self._stopped.wait(self._grace):
            self._end()

    def _watch(self) -> None:
        while not self._stopped.wait(self._interval):
            if not self._alive():
                self._leave()
                self._see_it_end()
                return


def _default_check() -> Callable[[], bool]:
    stdin = sys.__stdin__
    try:
        descriptor = stdin.fileno() if stdin is not None else -1
    except (OSError, ValueError):
        descriptor = -1
    return lambda: descriptor >= 0 and terminal_alive(descriptor)
