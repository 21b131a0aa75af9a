"""The program's latest log records, kept in memory for the log pane, without secrets."""

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

from catalog.text import clean

CAPACITY = 2_000
_LINE = 500
_DETAIL = 8_000


@dataclass(frozen=True, slots=True)
class LogLine:
    """One record. `timestamp` is in milliseconds since the epoch; `detail` is its traceback, where it has one."""

    number: int
    timestamp: int
    level: int
    logger: str
    text: str
    detail: str = ""


class LogRing(logging.Handler):
    """A handler that keeps the last records. `total` counts all there ever were: it is what a pane compares."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        super().__init__(logging.DEBUG)
        self.total = 0
        self._lines: deque[LogLine] = deque(maxlen=capacity)
        self._uninstall: Callable[[], None] | None = None
        self._level_before = logging.WARNING
        self.recorded = logging.INFO

    def attach(self) -> None:
        """Take the root logger's records from now on, redacted."""
        if self._uninstall is not None:
            return
        from connectors.runtime.redaction import install  # noqa: PLC0415 - after the first paint

        self._uninstall = install()
        root = logging.getLogger()
        self._level_before = root.level
        root.addHandler(self)
        self.record(self.recorded)

    def record(self, level: int) -> None:
        """Record from `level` on. Libraries' wire logs stay out whatever it is."""
        self.recorded = level
        if self._uninstall is not None:
            logging.getLogger().setLevel(level)

    def detach(self) -> None:
        if self._uninstall is not None:
            root = logging.getLogger()
            root.removeHandler(self)
            root.setLevel(self._level_before)
            self._uninstall()
            self._uninstall = None

    def emit(self, record: logging.LogRecord) -> None:
        # The redaction filter has run: message and traceback are plain text without arguments.
        self.total += 1
        detail = "\n".join(clean(line, _LINE) for line in (record.exc_text or "")[:_DETAIL].splitlines())
        self._lines.append(
            LogLine(
                self.total,
                int(record.created * 1000),
                record.levelno,
                clean(record.name, 80),
                clean(record.getMessage(), _LINE),
                detail,
            )
        )

    def since(self, number: int) -> list[LogLine]:
        """The kept records after that number, oldest first."""
        lines = self._lines
        return list(islice(lines, max(0, len(lines) - (self.total - number)), None))
