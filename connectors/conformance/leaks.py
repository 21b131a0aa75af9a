"""What one connector made and has not ended, told apart from what runs beside it in the same loop."""

import asyncio
import threading
from collections.abc import Coroutine, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, cast
from weakref import WeakSet

_collecting: ContextVar["Belongings | None"] = ContextVar("collecting", default=None)
_in_use: set["Belongings"] = set()
_EXECUTOR = "asyncio_"
"""The loop's own worker threads stay for the next call, whoever made the first."""


class Belongings:
    """The tasks begun within `collected`, and in what they begin; and the threads, as far as they can be told apart."""

    def __init__(self) -> None:
        self._tasks: WeakSet[asyncio.Task[Any]] = WeakSet()
        self._threads = set(threading.enumerate())
        self._alone = False

    @contextmanager
    def collected(self) -> Generator[None]:
        _record_tasks(asyncio.get_running_loop())
        self._alone = not _in_use
        for other in _in_use:
            other._alone = False
        _in_use.add(self)
        token = _collecting.set(self)
        try:
            yield
        finally:
            _collecting.reset(token)
            _in_use.discard(self)

    def add(self, task: asyncio.Task[Any]) -> None:
        self._tasks.add(task)

    def tasks(self) -> list[asyncio.Task[Any]]:
        """Those that are not done, but the one that asks."""
        return [task for task in self._tasks if not task.done() and task is not asyncio.current_task()]

    def threads(self) -> list[threading.Thread]:
        """New threads that still run. None is told where others worked beside: it could be theirs."""
        if not self._alone:
            return []
        return [
            thread
            for thread in threading.enumerate()
            if thread not in self._threads and not thread.name.startswith(_EXECUTOR)
        ]


def mine() -> Belongings | None:
    """Whose code runs now: for a log handler, which hears of everybody's."""
    return _collecting.get()


class _Recording:
    """A task factory that notes whose each new task is."""

    def __init__(self, before: Any) -> None:
        self._before = before

    def __call__(
        self, loop: asyncio.AbstractEventLoop, coro: Coroutine[Any, Any, Any], **options: Any
    ) -> asyncio.Task[Any]:
        make = self._before
        task = asyncio.Task(coro, loop=loop, **options) if make is None else make(loop, coro, **options)
        owner = _collecting.get()
        if owner is not None:
            owner.add(task)
        return task


def _record_tasks(loop: asyncio.AbstractEventLoop) -> None:
    before = loop.get_task_factory()
    if not isinstance(before, _Recording):
        loop.set_task_factory(cast("Any", _Recording(before)))
