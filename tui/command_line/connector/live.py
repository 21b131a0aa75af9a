"""Which cases run just now, on one line of standard error that is written over, where that is a terminal."""

import shutil
import sys

from connectors.conformance.job import Job
from connectors.conformance.result import Result

_CLEAR = "\r\x1b[K"


class LiveProgress:
    """Called as a runner's `Progress`. Elsewhere than on a terminal it says nothing."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()
        self._running: list[str] = []
        self._done = 0
        self._expected = 0

    def expect(self, jobs: int) -> None:
        self._expected = jobs

    def __call__(self, job: Job, result: Result | None) -> None:
        if result is None:
            self._running.append(job.name)
        else:
            self._done += 1
            if job.name in self._running:
                self._running.remove(job.name)
        self._draw()

    def close(self) -> None:
        """Leave the line empty."""
        if self._shown:
            self._shown = False
            self._write(_CLEAR)

    def _draw(self) -> None:
        if self._shown:
            line = f"{self._done}/{self._expected}  {' '.join(self._running)}"
            self._write(_CLEAR + line[: shutil.get_terminal_size().columns - 1])

    def _write(self, text: str) -> None:
        sys.stderr.write(text)
        sys.stderr.flush()
