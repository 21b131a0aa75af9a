"""What code does to the world while it runs: sockets, files written, processes, threads, tasks."""

import asyncio
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

_TOLD = {
    "socket.connect": "connects a socket",
    "socket.bind": "binds a socket",
    "socket.sendto": "sends over a socket",
    "socket.getaddrinfo": "looks up a host",
    "socket.gethostbyname": "looks up a host",
    "socket.__new__": "makes a socket",
    "subprocess.Popen": "starts a process",
    "os.system": "starts a process",
    "os.exec": "starts a process",
    "os.fork": "starts a process",
    "os.remove": "removes a file",
    "os.rename": "renames a file",
    "os.mkdir": "makes a folder",
}
_noted = threading.local()


@contextmanager
def deeds() -> Generator[list[str]]:
    """What this thread does meanwhile, as it is told to the interpreter's audit; reading files is no deed.

    For code that does not await: what runs between is counted too.
    """
    _listen()
    noted: list[str] = []
    threads, tasks = set(threading.enumerate()), _tasks()
    _noted.deeds = noted
    try:
        yield noted
    finally:
        _noted.deeds = None
        noted += [f"starts a thread ({one.name})" for one in threading.enumerate() if one not in threads]
        noted += [f"starts a task ({_name(one)})" for one in _tasks() - tasks]


def _tasks() -> set[asyncio.Task[Any]]:
    try:
        return asyncio.all_tasks()
    except RuntimeError:
        return set()


def _name(task: asyncio.Task[Any]) -> str:
    coroutine: Any = task.get_coro()
    return getattr(coroutine, "__qualname__", task.get_name())


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    noted: list[str] | None = getattr(_noted, "deeds", None)
    if noted is None:
        return
    if event == "open":
        mode = arguments[1]
        if isinstance(mode, str) and any(letter in mode for letter in "wax+"):
            noted.append("writes a file")
    elif event in _TOLD:
        noted.append(_TOLD[event])


_listening = False


def _listen() -> None:
    """A hook of the audit cannot be taken off again: it is put on when it is first needed, once."""
    global _listening  # noqa: PLW0603 - so is the interpreter's list of hooks
    if not _listening:
        _listening = True
        sys.addaudithook(_audit)
