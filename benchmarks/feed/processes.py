"""A benchmark's child processes: a line of JSON in, a line of JSON out."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]


class Child:
    """One of this folder's scripts, running."""

    def __init__(self, script: str, *arguments: object) -> None:
        self.script = script
        self.process = subprocess.Popen(
            [sys.executable, HERE / script, *map(str, arguments)],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.first: dict[str, Any] = self.answer()

    def tell(self, **command: object) -> None:
        assert self.process.stdin is not None
        print(json.dumps(command), file=self.process.stdin, flush=True)

    def answer(self) -> Any:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.script} ended before it answered")
        return json.loads(line)

    def ask(self, **command: object) -> Any:
        self.tell(**command)
        return self.answer()

    def end(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(10)


def check_books(feeder: Child, receiver: Child) -> None:
    """Every book is SYNCED, at the feeder's own sequence, with the feeder's own levels."""
    theirs, ours = feeder.ask(books=True), receiver.ask(books=True)
    for symbol, (sequence, bids, asks) in theirs.items():
        if ours[symbol] != [sequence, bids, asks, "SYNCED"]:
            raise SystemExit(
                f"the book of {symbol} differs from the feeder's: {ours[symbol][0]}, {ours[symbol][3]}"
            )


def machine() -> str:
    """One line that says where the figures come from."""
    import platform
    from datetime import UTC, datetime
    from importlib.metadata import version

    libraries = ", ".join(f"{name} {version(name)}" for name in ("websockets", "msgspec", "textual"))
    day = datetime.now(UTC).date()
    return f"{day}: Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores, {libraries}"
