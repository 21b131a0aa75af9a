"""What one connector made and has not ended, told apart from what runs beside it in the same loop."""

import asyncio
from collections.abc import Coroutine, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, cast
from weakref import WeakSet

_collecting: ContextVar["Belongings | None"] = ContextVar("collecting", default=None)


class Belongings:
    """The tasks begun within `collected`, and by those in their turn."""

    def __init__(self) -> None:
        self._tasks: WeakSet[asyncio.Task[Any]] = WeakSet()

    @contextmanager
    def collected(self) -> Generator[None]:
        _record_tasks(asyncio.get_running_loop())
        token = _collecting.set(self)
        try:
            yield
        finally:
            _collecting.reset(token)

    def add(self, task: asyncio.Task[Any]) -> None:
        self._tasks.add(task)

    def tasks(self) -> list[asyncio.Task[Any]]:
        """Those that are not done, but the one that asks."""
        return [task for task in self._tasks if not task.done() and task is not asyncio.current_task()]


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
