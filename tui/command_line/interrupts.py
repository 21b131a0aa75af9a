"""Ctrl-C, whenever it is pressed: no traceback and exit code 130."""

import os
import signal
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

INTERRUPTED = 130
"""Ctrl-C before a command was done, as a shell reports it."""


def leave_at_once() -> None:
    """While nothing is under way that would have to be cleaned up, Ctrl-C ends the process on the spot.

    An exception would do for our code, but not for what happens to be imported just then.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _leave)


def deliver() -> None:
    """From here on Ctrl-C is a `KeyboardInterrupt`: what is under way cleans up."""
    if signal.getsignal(signal.SIGINT) is _leave:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@contextmanager
def heard_while_blocked() -> Generator[None]:
    """While a prompt or a pipe holds the thread up, where no cancelling arrives, a signal is a `KeyboardInterrupt`."""
    found = [getattr(signal, name, None) for name in ("SIGINT", "SIGTERM", "SIGHUP")]
    before = {number: signal.getsignal(number) for number in found if number is not None}
    changed = {number: handler for number, handler in before.items() if handler is not signal.SIG_IGN}
    for number in changed:
        signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number, handler in changed.items():
            signal.signal(number, handler)


def is_interrupt(error: BaseException | None) -> bool:
    """Whether Ctrl-C is behind an error: some of what runs it passes through makes another of it."""
    while error is not None:
        if isinstance(error, KeyboardInterrupt):
            return True
        error = error.__cause__ or error.__context__
    return False


def _leave(_number: int, _frame: FrameType | None) -> NoReturn:
    os._exit(INTERRUPTED)
