"""Looking for a planted secret: in what is logged, recorded, raised, and in all that hangs on a connector."""

import logging
import traceback
from collections import deque
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from types import FunctionType, MethodType, ModuleType
from typing import Any, Literal, cast

from connectors.conformance.leaks import Belongings, mine
from connectors.runtime.disguises import disguises
from connectors.runtime.redaction import WIRE_LOGGERS

_MOST_OBJECTS = 20_000
_PLAIN = (int, float, complex, bool, type(None), type, ModuleType, FunctionType)
_CONTAINERS: tuple[type, ...] = (dict, list, tuple, set, frozenset)
_NOT_ITS_OWN = ("asyncio", "logging", "selectors", "connectors.conformance", "connectors.emulator")
"""Through the loop and the loggers all of the process can be reached, what planted the secret with it."""
_wide_open: dict[logging.Logger, int] = {}
_openers = 0


class Canary:
    """Notes in `found` where one of the values turns up, in any usual disguise."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self.found: list[str] = []
        self._forms = {form: name for name, value in values.items() for form in disguises(value)}

    def look(self, where: str, text: object) -> None:
        shown = text.decode("latin-1") if isinstance(text, bytes | bytearray) else str(text)
        for form, name in self._forms.items():
            if form in shown:
                self.found.append(f"{name} in {where}")
                return

    def look_at_error(self, where: str, error: BaseException) -> None:
        """Its text, repr and arguments, and its traceback with all that caused it, as Python prints them."""
        self.look(f"the error of {where}", f"{error} {error!r} {error.args!r}")
        self.look(
            f"the traceback of {where}", "".join(traceback.TracebackException.from_exception(error).format())
        )

    def look_through(self, where: str, root: object) -> None:
        """Everything that is reached from `root` by attributes, slots, items: as text, and by its repr."""
        seen: set[int] = set()
        ahead: deque[tuple[str, Any]] = deque([(where, root)])
        while ahead and len(seen) < _MOST_OBJECTS:
            path, thing = ahead.popleft()
            # By its type alone: to ask a dead weak reference for its class raises.
            kind = cast("type[Any]", type(thing))
            if id(thing) in seen or issubclass(kind, _PLAIN) or kind.__module__.startswith(_NOT_ITS_OWN):
                continue
            seen.add(id(thing))
            if issubclass(kind, str | bytes | bytearray):
                self.look(path, thing)
                continue
            if not issubclass(kind, _CONTAINERS):
                self.look(f"the repr of {path}", _repr(thing))
            ahead.extend(_parts(path, thing))


def _repr(thing: object) -> str:
    try:
        return repr(thing)
    except Exception as error:  # noqa: BLE001 - a stranger's repr may raise anything; its text is looked at too
        return repr(error)


def _parts(path: str, thing: object) -> Iterable[tuple[str, object]]:
    if type(thing) is MethodType:
        return [(path, thing.__self__)]
    if issubclass(type(thing), dict):
        items = list(cast("dict[Any, Any]", thing).items())
        return [(f"{path}[{key!r:.40}]", part) for key, value in items for part in (key, value)]
    if issubclass(type(thing), _CONTAINERS):
        return [(f"{path}[...]", each) for each in list(cast("Iterable[Any]", thing))]
    if type(thing).__module__ in ("builtins", "weakref"):
        return []
    parts = [(f"{path}.{name}", value) for name, value in list(getattr(thing, "__dict__", {}).items())]
    for kind in type(thing).__mro__:
        slots = kind.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            try:
                parts.append((f"{path}.{name}", getattr(thing, name)))
            except Exception:  # noqa: BLE001, S112 - unset, or mangled: there is nothing to see then
                continue
    return parts


class LogCanary(logging.Handler):
    """Hears every record that one rig's connector logs, before any filter has redacted it."""

    def __init__(self, canary: Canary, owner: Belongings) -> None:
        super().__init__(logging.DEBUG)
        self.records = 0
        self._canary, self._owner = canary, owner

    def handle(self, record: logging.LogRecord) -> bool:
        # The filter of the whole program takes secrets out; here a connector must not have put them in.
        if mine() is self._owner and not _is_dropped(record):
            self.records += 1
            where = f"a log record of {record.name}"
            self._canary.look(where, f"{record.msg} {record.args!r}")
            self._canary.look(where, record.getMessage())
            if record.exc_info and record.exc_info[1] is not None:
                self._canary.look_at_error(where, record.exc_info[1])
        return True


def _is_dropped(record: logging.LogRecord) -> bool:
    """What libraries tell of the wire is dropped by the program, as they show headers whatever we do."""
    return record.levelno < logging.WARNING and any(
        record.name == name or record.name.startswith(f"{name}.") for name in WIRE_LOGGERS
    )


@contextmanager
def all_logs(canary: Canary, owner: Belongings) -> Generator[LogCanary]:
    """Every logger tells everything meanwhile, and the canary hears it."""
    handler = LogCanary(canary, owner)
    _open_wide()
    root = logging.getLogger()
    root.handlers.insert(0, handler)
    try:
        yield handler
    finally:
        root.handlers.remove(handler)
        _close()


def _open_wide() -> None:
    global _openers  # noqa: PLW0603 - levels belong to the process, and checks run side by side
    _openers += 1
    known = [one for one in logging.root.manager.loggerDict.values() if isinstance(one, logging.Logger)]
    for logger in (logging.getLogger(), *known):
        _wide_open.setdefault(logger, logger.level)
        logger.setLevel(logging.DEBUG)


def _close() -> None:
    global _openers  # noqa: PLW0603 - see above
    _openers -= 1
    if _openers == 0:
        for logger, level in _wide_open.items():
            logger.setLevel(level)
        _wide_open.clear()


class TapCanary:
    """A recorder's place: what a connector lets it hear must hold no secret."""

    def __init__(self, canary: Canary) -> None:
        self.heard = 0
        self._canary = canary

    def stream(
        self,
        kind: Literal["open", "close", "sent", "recv"],
        conn: str,
        url: str | None,
        data: bytes | str | None,
        /,
    ) -> None:
        self.heard += 1
        self._canary.look(f"a recorded frame ({kind} on {conn})", f"{url} {conn}")
        self._canary.look(f"a recorded frame ({kind} on {conn})", data or "")

    def http(self, method: str, url: str, status: int, body: bytes, /) -> None:
        self.heard += 1
        where = f"the recorded answer of {method}"
        self._canary.look(where, f"{url} {status}")
        self._canary.look(where, body)
