"""Standard output, for data only."""

import asyncio
import json
import os
import select
import threading
from collections.abc import Iterable
from queue import SimpleQueue
from typing import Any

from catalog.text import masked
from tui.command_line.standard_streams import data, failed, is_utf8


def print_lines(lines: Iterable[str]) -> None:
    """Print data. Raises `ReaderGone` and `OutputFailed`."""
    out = data()
    for line in lines:
        out.write(masked(line) + "\n")
    out.flush()


def json_line(value: Any) -> str:
    """One JSON object a line, in characters that standard output has."""
    return json.dumps(value, ensure_ascii=not is_utf8())


class StreamOutput:
    """Standard output for a live stream, written from a thread of its own: a slow reader never stalls the event loop.

    One write at a time; whoever writes waits for it, and meanwhile its events gather elsewhere. The thread is a daemon
    and holds no lock of `sys.stdout`, so a reader that has stopped reading cannot keep the process from leaving.
    """

    def __init__(self, descriptor: int | None = None) -> None:
        self._descriptor = data().fileno() if descriptor is None else descriptor
        self._jobs: SimpleQueue[tuple[bytes, asyncio.Future[None]]] = SimpleQueue()
        self._loop = asyncio.get_running_loop()
        threading.Thread(target=self._work, name="standard-output", daemon=True).start()

    async def write(self, data: bytes) -> None:
        """Raises `ReaderGone` and `OutputFailed`."""
        # A character a byte: whatever the encoding, what is not masked stays as it is.
        data = masked(data.decode("latin-1")).encode("latin-1")
        done = self._loop.create_future()
        self._jobs.put((data, done))
        await done

    def _work(self) -> None:
        while True:
            data, done = self._jobs.get()
            error: OSError | None = None
            try:
                write_all(self._descriptor, data)
            except OSError as failure:
                error = failure
            if self._loop.is_closed():
                return
            try:
                self._loop.call_soon_threadsafe(_settle, done, error)
            except RuntimeError:
                return  # the loop closed in between


def _settle(done: asyncio.Future[None], error: OSError | None) -> None:
    if done.done():
        return
    if error is None:
        done.set_result(None)
    else:
        done.set_exception(failed(error))


def write_all(descriptor: int, data: bytes | memoryview) -> None:
    rest = memoryview(data)
    while rest:
        try:
            rest = rest[os.write(descriptor, rest) :]
        except BlockingIOError:  # whoever started us made the pipe non-blocking
            select.select([], [descriptor], [])
