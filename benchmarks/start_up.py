"""How long the command takes to answer and the app to paint, beside the least that Python and Textual can do.

Every round starts each candidate once, in a fresh process, in turn, so that a noisy machine is noisy to all alike.
The first paint is when the terminal's side of a pty receives a word that the first screen shows.

    python benchmarks/start_up.py [ROUNDS]
"""

import fcntl
import os
import platform
import pty
import re
import select
import signal
import statistics
import struct
import sys
import tempfile
import termios
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 15
COLUMNS, LINES = 120, 40
DEADLINE = 20.0

MINIMAL_APP = """
from textual.app import App, ComposeResult
from textual.widgets import Static

class Minimal(App):
    def compose(self) -> ComposeResult:
        yield Static("PAINTED")

Minimal().run()
"""


def elapsed_to_exit(argv: list[str], env: dict[str, str]) -> float:
    """Milliseconds from start to end of a process."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    start = time.perf_counter()
    process = os.posix_spawn(argv[0], argv, env, file_actions=[(os.POSIX_SPAWN_DUP2, nowhere, 1)])
    _, status = os.waitpid(process, 0)
    elapsed = time.perf_counter() - start
    os.close(nowhere)
    if status:
        raise RuntimeError(f"{argv} ended with status {status}")
    return elapsed * 1000


def elapsed_to_paint(argv: list[str], env: dict[str, str], marker: bytes) -> float:
    """Milliseconds from start until the terminal has received what matches `marker`; the process is then ended."""
    return moments(argv, env, marker)[0]


def elapsed_between(argv: list[str], env: dict[str, str], first: bytes, second: bytes) -> float:
    """Milliseconds from one marker to the next."""
    earlier, later = moments(argv, env, first, second)
    return later - earlier


def moments(argv: list[str], env: dict[str, str], *markers: bytes) -> list[float]:
    """Milliseconds from start until the terminal has received each marker, a regular expression, in turn."""
    start = time.perf_counter()
    process, terminal = pty.fork()
    if process == 0:
        os.execve(argv[0], argv, env)
    found: list[float] = []
    try:
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        received = bytearray()
        for marker in markers:
            while re.search(marker, received) is None:
                if not select.select([terminal], [], [], DEADLINE)[0]:
                    raise RuntimeError(f"{argv} painted no {marker!r}: {bytes(received[-300:])!r}")
                received += os.read(terminal, 65_536)
            found.append((time.perf_counter() - start) * 1000)
    finally:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        os.close(terminal)
    return found


def candidates(home: Path) -> dict[str, Callable[[], float]]:
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_STATE_HOME": str(home / "state"),
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
        "COLORTERM": "truecolor",
        "PYTHONPATH": str(ROOT),
        "DBUS_SESSION_BUS_ADDRESS": "",
    }
    python = sys.executable
    minimal = home / "minimal.py"
    minimal.write_text(MINIMAL_APP)
    ours = [python, "-c", "from tui.cli import main; main()"]
    return {
        "bare interpreter (python -c pass)": lambda: elapsed_to_exit([python, "-c", "pass"], env),
        "barfinex --version": lambda: elapsed_to_exit([*ours, "--version"], env),
        "barfinex catalog --json": lambda: elapsed_to_exit([*ours, "catalog", "--json"], env),
        "minimal Textual app, first paint": lambda: elapsed_to_paint([python, str(minimal)], env, b"PAINTED"),
        "barfinex, first paint": lambda: elapsed_to_paint(ours, env, b"Loading"),
        "barfinex, catalog on screen": lambda: elapsed_to_paint(ours, env, b"Binance"),
        "barfinex demo, first paint": lambda: elapsed_to_paint([*ours, "demo"], env, b"Loading"),
        "barfinex demo, first paint to first trade": lambda: elapsed_between(
            [*ours, "demo"], env, b"Loading", TRADE
        ),
    }


TRADE = rb"\d\d:\d\d:\d\d\.\d{3}"
"""The time of a row of the tape."""

BASES = {
    "barfinex --version": "bare interpreter (python -c pass)",
    "barfinex catalog --json": "bare interpreter (python -c pass)",
    "barfinex, first paint": "minimal Textual app, first paint",
    "barfinex, catalog on screen": "minimal Textual app, first paint",
    "barfinex demo, first paint": "minimal Textual app, first paint",
}


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    with tempfile.TemporaryDirectory() as home:
        runs = candidates(Path(home))
        for run in runs.values():  # once unmeasured: bytecode is written, files are in the cache
            run()
        times: dict[str, list[float]] = {name: [] for name in runs}
        for _ in range(rounds):
            for name, run in runs.items():
                times[name].append(run())
    print(
        f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores, {rounds} rounds\n"
    )
    print("| what | median ms | best ms | ratio (median of paired rounds) |")
    print("| --- | ---: | ---: | ---: |")
    for name, measured in times.items():
        base = BASES.get(name)
        ratio = "-"
        if base is not None:
            paired = (ours / theirs for ours, theirs in zip(measured, times[base], strict=True))
            ratio = f"{statistics.median(paired):.2f} x {base.partition(',')[0].partition(' (')[0]}"
        print(f"| {name} | {statistics.median(measured):.0f} | {min(measured):.0f} | {ratio} |")


if __name__ == "__main__":
    main()
