"""One program at a time: a lock between processes, which the system itself gives back when its holder dies."""

import os
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from connectors.runtime.private_file import make_private_folder

_POLL = 0.02
"""Seconds between two tries: neither platform can wait for a lock and give up after a while."""


class ProcessLock:
    """The lock of one file, which stays where it is: removing it would let two in at once.

    It may be taken again by whoever holds it; one thread at a time uses it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._depth = 0

    @contextmanager
    def held(self, wait: float) -> Generator[None]:
        """Raises `TimeoutError` where another process keeps it longer than `wait` seconds, `OSError` where it cannot
        be taken at all.
        """
        if self._depth:
            yield
            return
        make_private_folder(self._path.parent)
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        descriptor = os.open(self._path, flags, 0o600)
        try:
            if os.name == "posix" and os.fstat(descriptor).st_mode & 0o777 != 0o600:
                os.fchmod(descriptor, 0o600)  # the umask may take even that away
            deadline = time.monotonic() + wait
            while not _take(descriptor):
                if time.monotonic() > deadline:
                    raise TimeoutError
                time.sleep(_POLL)
            self._depth = 1
            try:
                yield
            finally:
                self._depth = 0
                _give_back(descriptor)
        finally:
            os.close(descriptor)


if sys.platform == "win32":

    def _take(descriptor: int) -> bool:
        import msvcrt  # noqa: PLC0415 - Windows only

        os.lseek(descriptor, 0, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True

    def _give_back(descriptor: int) -> None:
        import msvcrt  # noqa: PLC0415 - Windows only

        os.lseek(descriptor, 0, os.SEEK_SET)
        with suppress(OSError):  # closing the file gives it back too
            msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:

    def _take(descriptor: int) -> bool:
        import fcntl  # noqa: PLC0415 - Unix only

        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _give_back(descriptor: int) -> None:
        import fcntl  # noqa: PLC0415 - Unix only

        with suppress(OSError):  # closing the file gives it back too
            fcntl.flock(descriptor, fcntl.LOCK_UN)
