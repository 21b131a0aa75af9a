"""What a call asks of the world outside it: the clock, chance, files, sockets, threads."""

import random
import sys
from collections.abc import Generator
from contextlib import contextmanager
from datetime import date
from types import BuiltinFunctionType, FrameType
from typing import Any

_CLOCKS = frozenset(
    {
        "time",
        "time_ns",
        "monotonic",
        "monotonic_ns",
        "perf_counter",
        "perf_counter_ns",
        "process_time",
        "sleep",
    }
)
_DATES = frozenset({"now", "utcnow", "today"})
_WORLD = frozenset({"_socket", "socket", "_ssl", "select", "subprocess", "_posixsubprocess", "_thread"})
_LOCKS = ("lock", "RLock")
_CHANCE = frozenset({"urandom", "getrandom"})
_FILES = frozenset({"open", "unlink", "remove", "mkdir", "stat", "listdir", "scandir", "write", "read"})


@contextmanager
def asked_of_the_world() -> Generator[list[str]]:
    """What this thread's Python code asks meanwhile, one name each. What logging asks is not counted.

    For code that does not await. It slows what it watches.
    """
    asked: list[str] = []

    def watch(frame: FrameType, event: str, argument: Any) -> None:
        if event != "c_call" or not isinstance(argument, BuiltinFunctionType):
            return
        if (name := _outside(argument)) is not None and not _is_logging(frame):
            asked.append(name)

    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        yield asked
    finally:
        sys.setprofile(before)


def _outside(function: BuiltinFunctionType) -> str | None:
    name, module = function.__name__, function.__module__
    owner: Any = getattr(function, "__self__", None)
    kind = type(owner).__name__
    if module == "time" and name in _CLOCKS:
        return f"time.{name}"
    if isinstance(owner, type) and issubclass(owner, date) and name in _DATES:
        return f"{owner.__name__}.{name}"
    if isinstance(owner, random.Random):
        return f"random.{name}"
    if module in _WORLD and not name.startswith("get_ident") and kind not in _LOCKS:
        return f"{module}.{name}"
    if name in _CHANCE or (name == "open" and module in ("io", "_io")):
        return name
    return f"os.{name}" if module in ("posix", "nt") and name in _FILES else None


def _is_logging(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_globals.get("__name__", "").partition(".")[0] == "logging":
            return True
        frame = frame.f_back
    return False
