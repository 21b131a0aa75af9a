"""Blocking calls that may never return, run where they cannot hold up the program.

The event loop's own executor is joined when the interpreter exits, so one hung call would keep the process alive.
A daemon thread is simply left behind.
"""

import asyncio
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TypeVar

T = TypeVar("T")


async def call_in_daemon_thread(
    function: Callable[[], T],
    timeout: float,
    *,
    name: str,
    give_up: threading.Event | None = None,
    turn: AbstractContextManager[None] | None = None,
    patience: float = 0.0,
) -> T:
    """What `function` returns or raises. After `timeout` seconds `TimeoutError`: the thread is abandoned.

    `give_up` is set once nobody waits any more: a function that works in steps looks at it between them.
    `turn` is entered first, in the thread, and may take `patience` seconds: the time of the call begins after it.
    """
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[T] = loop.create_future()

    def run() -> None:
        try:
            with turn or nullcontext():
                deliver(begin)
                value = function()
        except BaseException as error:  # noqa: BLE001 - carried to the caller, whatever it is
            # A future refuses StopIteration.
            carried = (
                RuntimeError("the call ended with StopIteration")
                if isinstance(error, StopIteration)
                else error
            )
            deliver(lambda: outcome.set_exception(carried))
        else:
            deliver(lambda: outcome.set_result(value))

    def deliver(put: Callable[[], None]) -> None:
        try:
            loop.call_soon_threadsafe(lambda: None if outcome.done() else put())
        except RuntimeError:
            # The loop was closed while the call was under way: nobody is left to hear of it.
            return

    def begin() -> None:
        if patience and not deadline.expired():
            deadline.reschedule(loop.time() + timeout)

    threading.Thread(target=run, daemon=True, name=name).start()
    try:
        async with asyncio.timeout(timeout + patience) as deadline:
            return await outcome
    finally:
        # Of no account to a function that has ended.
        if give_up is not None:
            give_up.set()
