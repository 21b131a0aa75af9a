"""A signal leaves the app as Ctrl+Q does, and the screen goes to the terminal and nowhere else."""

import signal
from pathlib import Path

import pytest

from tests.tui.guards.terminal import AppInTerminal
from tests.tui.guards.terminal_app import STUCK

SIGNALS = ["SIGTERM", "SIGHUP", "SIGQUIT", "SIGINT"]
GIVEN_BACK = (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?2004l", b"\x1b[?1000l", b"\x1b[?1003l", b"\x1b[?1004l")


def assert_given_back(terminal: AppInTerminal) -> None:
    for code in GIVEN_BACK:
        assert terminal.output.rfind(code) > terminal.output.rfind(
            code[:-1] + (b"h" if code[-1:] == b"l" else b"l")
        )
    assert terminal.attributes() == terminal.attributes_before


@pytest.mark.parametrize("name", SIGNALS)
def test_a_signal_leaves_as_ctrl_q_does(name: str) -> None:
    with AppInTerminal() as terminal:
        terminal.read_until(b"Binance")
        terminal.signal(getattr(signal, name))
        assert terminal.read_rest() == 0
        assert_given_back(terminal)


def test_a_signal_ends_an_app_that_is_stuck_and_gives_the_terminal_back() -> None:
    with AppInTerminal("stuck") as terminal:
        terminal.read_until(b"Binance")
        terminal.send(b"\x1b[20~")
        terminal.read_until(STUCK)
        terminal.signal(signal.SIGTERM)
        assert terminal.read_rest() == 1
        assert_given_back(terminal)


def test_standard_error_in_a_file_gets_nothing_of_the_screen(tmp_path: Path) -> None:
    errors = tmp_path / "err.log"
    with AppInTerminal(errors=errors) as terminal:
        terminal.read_until(b"Binance")
        terminal.send(b"\x11")
        assert terminal.read_rest() == 0
        assert_given_back(terminal)
    assert errors.read_bytes() == b""
