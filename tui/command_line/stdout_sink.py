"""Standard output as the place of a recording. Its reader may be slow or gone; the streams never wait for it."""

import errno
import os
import threading
from queue import SimpleQueue

from tui.command_line.output import write_all
from tui.command_line.standard_streams import data

_MOST_WAITING = 64 * 1024 * 1024
"""Bytes that may wait for a slow reader."""
_LAST_SECONDS = 3.0
"""How long the end waits for what is still to be read."""


class StdoutSink:
    """Written from a thread of its own. What goes wrong there is raised by the next write, or by `close`."""

    def __init__(self) -> None:
        self.closed = False
        self.error: OSError | None = None
        self._descriptor = data().fileno()
        self._jobs: SimpleQueue[bytes | None] = SimpleQueue()
        self._waiting = 0
        self._thread = threading.Thread(target=self._work, name="standard-output", daemon=True)
        self._thread.start()

    @property
    def reader_gone(self) -> bool:
        return isinstance(self.error, BrokenPipeError)

    def write(self, data: memoryview, /) -> int:
        if self.error is not None:
            raise self.error
        if self._waiting > _MOST_WAITING:
            raise OSError(errno.ENOBUFS, "standard output is read more slowly than the streams come")
        self._waiting += len(data)
        self._jobs.put(bytes(data))
        return len(data)

    def close(self) -> None:
        if self.closed:
            return
        self.closed = True
        self._jobs.put(None)
        self._thread.join(_LAST_SECONDS)
        if self._thread.is_alive():
            self.error = OSError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
        if self.error is not None:
            raise self.error

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                write_all(self._descriptor, job)
            except OSError as error:
                self.error = error
                return
            self._waiting -= len(job)
