"""Running an event loop that a connector's code cannot take down, nor keep from ending.

A task or a callback of a package that raises `SystemExit` or `KeyboardInterrupt` would end the loop and the program
with it; one that swallows its cancellation would keep them for ever.
"""

import asyncio
import logging
from collections.abc import Awaitable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

log = logging.getLogger(__name__)

END_SECONDS = 2.0
"""How long what is left at the end is waited for."""


def run_contained(work: Coroutine[Any, Any, T]) -> T:
    """As `asyncio.run`: the person's Ctrl-C cancels `work`."""
    runner = asyncio.Runner(loop_factory=contained_loop)
    loop = runner.get_loop()
    try:
        return runner.run(work)
    finally:
        # Closing waits for every task. Where one does not end the loop is left as it is, and the program goes.
        if loop.run_until_complete(_end_what_is_left()):
            runner.close()


def contained_loop() -> asyncio.AbstractEventLoop:
    """The platform's loop, which goes on where what it runs for others would have ended it."""
    loop = asyncio.new_event_loop()
    plain = loop.run_until_complete

    def run_until_complete(future: Awaitable[Any]) -> Any:
        task = asyncio.ensure_future(future, loop=loop)
        while True:
            try:
                return plain(task)
            except (SystemExit, KeyboardInterrupt) as error:
                # Whoever could raise it has loaded this long ago.
                from connectors.runtime.foreign import describe, is_foreign  # noqa: PLC0415

                if task.done() or not is_foreign(error):
                    raise
                log.error(
                    "a connector's own task raised %s: it is over, the program goes on", describe(error)
                )

    # The runner and Textual call it by this name.
    setattr(loop, "run_until_complete", run_until_complete)  # noqa: B010 - a method of a foreign object
    return loop


async def _end_what_is_left() -> bool:
    """Cancel what still runs; whether all of it ended."""
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    if left:
        _, left = await asyncio.wait(left, timeout=END_SECONDS)
    for task in left:
        log.warning("task=%s does not end: abandoned", task.get_name())
        # Nobody is to be told again when the interpreter throws it away.
        setattr(task, "_log_destroy_pending", False)  # noqa: B010 - has no public name
    return not left
