"""What the market-watch screen costs on top of the feed it shows.

    python benchmarks/screen.py [--rates 0 20 1000 10000] [--fps 10 15 30] [--seconds 6] [--rounds 3]

The real screen (chart, ladder, tape, both status lines) runs in a real pty of 200 x 60 cells on the real connector,
fed over loopback by another process with trades and depth updates of the one symbol it shows. `no screen` is the same
process with the same subscriptions filling the same store, and no terminal. Rounds are interleaved; figures are
medians. CPU is the process's, in percent of one core; frame time is CPU a frame, painting included; bytes are what the
terminal received. The second table is a quiet book: 40 rows of it on screen, one level a side changing near the top
so many times a second (a calm symbol of the captures has 0.1 to 5 updates a second), and no trades.
"""

import argparse
import fcntl
import json
import os
import pty
import signal
import statistics
import struct
import sys
import tempfile
import termios
import threading
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent / "feed"))
from processes import HERE, ROOT, Child, machine

COLUMNS, LINES = 200, 60
QUIET_LINES = 45
"""Forty rows of ladder: five lines are titles, headings, status and keys."""


class Watcher:
    """The watching process in its pty, and the pipes it reports through."""

    def __init__(self, feeder: Child, fps: int, folder: Path, lines: int) -> None:
        path = folder / "pipe"
        for end in ("in", "out"):
            os.mkfifo(f"{path}.{end}")
        argv = [
            sys.executable,
            str(HERE / "watcher.py"),
            feeder.first["rest"],
            feeder.first["ws"],
            str(fps),
            str(path),
        ]
        env = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            os.execve(argv[0], argv, env)
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", lines, COLUMNS, 0, 0))
        self.received = 0
        threading.Thread(target=self._drain, daemon=True).start()
        self.requests = open(f"{path}.in", "w")  # noqa: SIM115 - closed in `end`
        self.answers = open(f"{path}.out")  # noqa: SIM115 - as above
        self.answer()

    def _drain(self) -> None:
        try:
            while data := os.read(self.terminal, 65_536):
                self.received += len(data)
        except OSError:
            return

    def answer(self) -> dict[str, Any]:
        line = self.answers.readline()
        if not line:
            raise SystemExit("the watcher ended before it answered")
        return json.loads(line)

    def measure(self, seconds: float) -> dict[str, float]:
        before = self.received
        print(seconds, file=self.requests, flush=True)
        figures = self.answer()
        return {**figures, "kib": (self.received - before) / 1024 / seconds}

    def end(self) -> None:
        self.requests.close()
        self.answers.close()
        os.kill(self.process, signal.SIGTERM)
        os.waitpid(self.process, 0)
        os.close(self.terminal)


def one_run(rate: int, fps: int, seconds: float, *, quiet: bool = False) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        feeder = Child("feeder.py", 1, 1) if quiet else Child("feeder.py", 1)
        watcher = Watcher(feeder, fps, Path(folder), QUIET_LINES if quiet else LINES)
        # Pumps for longer than is measured, so that both the start and the end are in full flow.
        feeder.tell(pump=seconds + 3, rate=rate, trades=not quiet)
        watcher.measure(1.5)
        figures = watcher.measure(seconds)
        feeder.answer()
        watcher.end()
        feeder.end()
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rates", type=int, nargs="+", default=[0, 20, 1_000, 10_000])
    parser.add_argument("--fps", type=int, nargs="+", default=[10, 15, 30])
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    print(f"{machine()}; {COLUMNS} x {LINES}, {options.rounds} rounds of {options.seconds:g} s\n")
    print(
        "| msg/s | screen | CPU % | more than without | frames/s | CPU ms a frame | KiB/s | loop lag p99 ms |"
    )
    print("|---:|---|---:|---:|---:|---:|---:|---:|")
    for rate in options.rates:
        runs: dict[int, list[dict[str, float]]] = {fps: [] for fps in (0, *options.fps)}
        for _ in range(options.rounds):
            for fps, taken in runs.items():
                taken.append(one_run(rate, fps, options.seconds))
        for fps, taken in runs.items():
            median = {key: statistics.median(run[key] for run in taken) for key in taken[0]}
            more = statistics.median(
                own["cpu"] - bare["cpu"] for own, bare in zip(taken, runs[0], strict=True)
            )
            drawn = f"{more:+.1f} | {median['frames']:.1f} | {median['frame_ms']:.2f} | {median['kib']:.1f}"
            print(
                f"| {rate:,} | {f'{fps} fps' if fps else 'no screen'} | {median['cpu']:.1f} "
                f"| {drawn if fps else '- | - | - | -'} | {median['lag_ms']:.1f} |",
                flush=True,
            )
    print(f"\n{COLUMNS} x {QUIET_LINES}, {max(options.fps)} fps\n")
    print("| book updates/s | frames/s | CPU % | KiB/s |\n|---:|---:|---:|---:|")
    for rate in (1, 2, 5, 10):
        taken = [one_run(rate, max(options.fps), options.seconds, quiet=True) for _ in range(options.rounds)]
        median = {key: statistics.median(run[key] for run in taken) for key in taken[0]}
        print(f"| {rate} | {median['frames']:.1f} | {median['cpu']:.1f} | {median['kib']:.1f} |", flush=True)


if __name__ == "__main__":
    main()
