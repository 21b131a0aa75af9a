"""The process leaves when its terminal is gone: the watchdog alone, and the real app in a real pseudo-terminal."""

import os
import threading
import time

from tests.tui.guards.terminal import AppInTerminal
from tui.watchdog import TerminalWatchdog, terminal_alive


def watched(alive: list[bool], *, leaves: bool) -> tuple[threading.Event, threading.Event]:
    left, ended = threading.Event(), threading.Event()

    def leave() -> None:
        left.set()
        if leaves:
            watchdog.stop()

    watchdog = TerminalWatchdog(
        leave,
        end=ended.set,
        alive=lambda: alive.pop(0) if len(alive) > 1 else alive[0],
        interval=0.01,
        grace=0.2,
    )
    watchdog.start()
    return left, ended


def test_it_asks_the_app_to_leave_and_then_lets_it() -> None:
    left, ended = watched([True, True, False], leaves=True)
    assert left.wait(5)
    assert not ended.wait(0.4)


def test_it_ends_a_process_that_does_not_leave() -> None:
    _, ended = watched([True, False], leaves=False)
    assert ended.wait(5)


def test_without_a_terminal_there_is_nothing_to_watch() -> None:
    left, _ = watched([False], leaves=True)
    assert not left.wait(0.2)


def test_a_terminal_that_hung_up_is_not_alive() -> None:
    ours, theirs = os.openpty()
    assert terminal_alive(theirs)
    os.close(ours)
    assert not terminal_alive(theirs)
    os.close(theirs)
    assert not terminal_alive(theirs)


def test_the_app_leaves_within_five_seconds_of_losing_its_terminal() -> None:
    with AppInTerminal() as terminal:
        terminal.read_until(b"Binance")
        lost = time.monotonic()
        terminal.close_terminal()
        assert terminal.wait(10) is not None
        assert time.monotonic() - lost < 5
