"""The real app in a real pseudo-terminal, in a process of its own."""

import fcntl
import os
import select
import struct
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[3]


class AppInTerminal:
    """Runs `python -m tests.tui.guards.terminal_app MODE ARGUMENT`; keeps every byte it sends.

    The terminal is not the process's controlling one: closing it sends no SIGHUP, as when an ssh connection drops.
    """

    def __init__(
        self, *arguments: str, columns: int = 120, rows: int = 40, errors: Path | None = None
    ) -> None:
        self.output = b""
        self.home = Path(tempfile.mkdtemp(prefix="barfinex-test-"))
        self._ours, theirs = os.openpty()
        fcntl.ioctl(self._ours, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("TEXTUAL", "XDG"))},
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "HOME": str(self.home),
        }

        self.attributes_before = termios.tcgetattr(self._ours)
        with (errors or Path(os.devnull)).open("wb") as error_file:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.tui.guards.terminal_app", str(self.home), *arguments],
                cwd=ROOT,
                env=environment,
                stdin=theirs,
                stdout=theirs,
                stderr=theirs if errors is None else error_file,
                start_new_session=True,
            )
        os.close(theirs)
        self._open = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self.close_terminal()

    def read_until(self, wanted: bytes, seconds: float = 20) -> None:
        """Collect output until `wanted` came; `AssertionError` where it does not."""
        end = time.monotonic() + seconds
        while wanted not in self.output:
            if not self._collect(end) and (time.monotonic() >= end or self._process.poll() is not None):
                raise AssertionError(f"{wanted!r} did not come; the end was {self.output[-400:]!r}")

    def read_for(self, seconds: float) -> None:
        """Collect what comes until it has been quiet for this long."""
        while self._collect(time.monotonic() + seconds):
            pass

    def read_rest(self, seconds: float = 20) -> int:
        """Collect all until the process ends; its exit code."""
        end = time.monotonic() + seconds
        while self._process.poll() is None and time.monotonic() < end:
            self._collect(time.monotonic() + 0.2)
        while self._collect(time.monotonic() + 0.05):
            pass
        return self._process.wait(5)

    def _collect(self, end: float) -> bool:
        ready, _, _ = select.select([self._ours], [], [], max(0.0, end - time.monotonic()))
        if not ready:
            return False
        try:
            data = os.read(self._ours, 65536)
        except OSError:
            return False
        self.output += data
        return bool(data)

    def attributes(self) -> list[Any]:
        return termios.tcgetattr(self._ours)

    def signal(self, number: int) -> None:
        self._process.send_signal(number)

    def send(self, keys: bytes) -> None:
        os.write(self._ours, keys)

    def close_terminal(self) -> None:
        if self._open:
            self._open = False
            os.close(self._ours)

    def wait(self, seconds: float) -> int | None:
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None
