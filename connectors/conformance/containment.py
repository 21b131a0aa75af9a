"""An event loop that a connector's code cannot take down, neither by blocking it nor by raising SystemExit.

A thread notices when the loop stands still. It interrupts what holds it up by a signal, which is raised as
`LoopBlocked` where the connector's code is, and blames the case that the code belongs to. What cannot be interrupted
ends the check.
"""

import _thread
import asyncio
import signal
import sys
import threading
import time
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any, TypeVar

from connectors.conformance.attempt import END_SECONDS, Attempt, current, place
from connectors.conformance.blame import attempt_of

T = TypeVar("T")

BLOCKED_SECONDS = 5.0
"""How long a loop may stand still: what a person takes for a program that hangs."""
GIVEN_UP_SECONDS = 15.0
"""How long it is tried to interrupt what blocks it."""
_BEAT_SECONDS = 0.25
# Ignored by default, so one that comes late harms nobody; Windows has no harmless one.
_SIGNAL = getattr(signal, "SIGURG", signal.SIGTERM)


class LoopBlocked(BaseException):
    """Raised in code that holds up the event loop. No `Exception`, so that a broad handler does not swallow it."""


class ContainedLoop:
    """One event loop for as long as it is open. Off the main thread nothing can be interrupted."""

    def __init__(
        self,
        on_hang: Callable[[str], None] = lambda _: None,
        *,
        blocked_seconds: float = BLOCKED_SECONDS,
        given_up_seconds: float = GIVEN_UP_SECONDS,
    ) -> None:
        """`on_hang` is called in a thread of its own, once, when what blocks the loop cannot be interrupted."""
        self._on_hang = on_hang
        self._blocked_seconds = blocked_seconds
        self._given_up_seconds = given_up_seconds
        self._beat = time.monotonic()
        self.ending = False
        """It was told to end, by Ctrl-C or a signal."""
        self._over = threading.Event()
        # A loop of its own: what others have set as theirs stays.
        self._loop = asyncio.new_event_loop()
        self._thread = threading.get_ident()
        self._interruptible = threading.current_thread() is threading.main_thread()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Runs `work` to its end and gives what it returns. Ctrl-C, SIGTERM and SIGHUP cancel it.

        Raises what `work` raises; `CancelledError` where it was cancelled.
        """
        loop = self._loop
        self._over = threading.Event()
        watch = threading.Thread(
            target=self._watch, args=(self._over,), name="conformance-watchdog", daemon=True
        )
        task = loop.create_task(work)
        with self._signals(loop, task):
            try:
                self._keep_beating(loop, self._over)
                watch.start()
                while not task.done():
                    self._run_on(loop, task)
            finally:
                self._over.set()
        return task.result()

    def __enter__(self) -> "ContainedLoop":
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.run(_end_what_is_left())
        finally:
            self._loop.close()

    def _run_on(self, loop: asyncio.AbstractEventLoop, task: asyncio.Task[Any]) -> None:
        try:
            loop.run_until_complete(task)
        except (SystemExit, KeyboardInterrupt, LoopBlocked) as error:
            # A task of the connector's raised it: asyncio lets these through. The loop can go on.
            attempt = attempt_of(error.__traceback__)
            if attempt is not None:
                attempt.blame(f"a task of the connector raised {type(error).__name__}")
        except BaseException:
            if not task.done():
                raise

    @contextmanager
    def _signals(self, loop: asyncio.AbstractEventLoop, task: asyncio.Task[Any]) -> Generator[None]:
        """Ours while it runs; whoever had them before has them again afterwards."""
        if not self._interruptible:
            yield
            return
        ending = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
        before = {number: signal.getsignal(number) for number in (_SIGNAL, *ending)}
        signal.signal(_SIGNAL, self._interrupt)
        for number in ending:
            with suppress(NotImplementedError):  # Windows
                loop.add_signal_handler(number, self._end, task)
        try:
            yield
        finally:
            for number in ending:
                with suppress(NotImplementedError):
                    loop.remove_signal_handler(number)
            for number, handler in before.items():
                signal.signal(number, handler)

    def _end(self, task: asyncio.Task[Any]) -> None:
        self.ending = True
        task.cancel()

    def _keep_beating(self, loop: asyncio.AbstractEventLoop, over: threading.Event) -> None:
        self._beat = time.monotonic()
        if not over.is_set():
            loop.call_later(_BEAT_SECONDS, self._keep_beating, loop, over)

    # --- the watchdog -----------------------------------------------------------------------------------------------

    def _watch(self, over: threading.Event) -> None:
        while not over.wait(_BEAT_SECONDS):
            still = time.monotonic() - self._beat
            if still > self._blocked_seconds + self._given_up_seconds:
                self._on_hang(_stack(self._thread))
                return
            if still > self._blocked_seconds and self._interruptible:
                self._signal()

    def _signal(self) -> None:
        if hasattr(signal, "pthread_kill"):
            signal.pthread_kill(self._thread, _SIGNAL)
        else:
            _thread.interrupt_main(_SIGNAL)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        attempt = current.get()
        if attempt is None or time.monotonic() - self._beat < self._blocked_seconds:
            return  # between two callbacks, or it goes on again
        reason = f"it blocked the event loop for more than {self._blocked_seconds:g} s"
        where = _innermost(frame, attempt)
        attempt.blame(reason, where)
        raise LoopBlocked(reason)


async def _end_what_is_left() -> None:
    """What the connector left running is told to end; what does not is abandoned with the loop."""
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    if left:
        await asyncio.wait(left, timeout=END_SECONDS)
    with suppress(TimeoutError):
        async with asyncio.timeout(END_SECONDS):
            await asyncio.get_running_loop().shutdown_asyncgens()


def _innermost(frame: FrameType | None, attempt: Attempt) -> str:
    while frame is not None:
        if found := place(frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name, attempt.folder):
            return found
        frame = frame.f_back
    return ""


def _stack(thread: int) -> str:
    """Where a thread stands, innermost first, in one line."""
    frame = sys._current_frames().get(thread)  # pyright: ignore[reportPrivateUsage] - documented, in spite of its name
    parts: list[str] = []
    while frame is not None and len(parts) < 6:
        parts.append(f"{frame.f_code.co_filename}:{frame.f_lineno} in {frame.f_code.co_name}")
        frame = frame.f_back
    return " < ".join(parts)
