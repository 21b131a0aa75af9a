"""The terminal of the app on POSIX systems: it is drawn on standard output, and a signal leaves it as Ctrl+Q does.

Textual draws on standard error, so `2>err.log` would take the screen away and leave the keys; and its signals' default
actions leave the terminal in the app's mode.
"""

import os
import select
import signal
import sys
import threading
from types import FrameType
from typing import TYPE_CHECKING, Any, Protocol, cast

from textual.drivers.linux_driver import LinuxDriver

if TYPE_CHECKING:
    from textual.app import App

LEAVING_SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGINT)

_FLUSHED_AT = 32_768


class Leaves(Protocol):
    def leave_on_signal(self) -> bool:
        """Begin to leave; `False` where there is nothing left to leave."""
        ...


class TerminalOutput:
    """What the driver's writing thread writes to. It never raises: a lost terminal is the watchdog's to notice, and a
    character that the terminal's encoding lacks costs itself alone."""

    def __init__(self, descriptor: int, encoding: str) -> None:
        self._descriptor = descriptor
        self._encoding = encoding
        self._waiting: list[str] = []
        self._size = 0

    def fileno(self) -> int:
        return self._descriptor

    def write(self, text: str) -> None:
        self._waiting.append(text)
        self._size += len(text)
        if self._size > _FLUSHED_AT:
            self.flush()

    def flush(self) -> None:
        rest = memoryview("".join(self._waiting).encode(self._encoding, "replace"))
        self._waiting.clear()
        self._size = 0
        while rest:
            try:
                rest = rest[os.write(self._descriptor, rest) :]
            except BlockingIOError:  # whoever shares the terminal made it non-blocking
                select.select([], [self._descriptor], [])
            except OSError:
                return


class TerminalDriver(LinuxDriver):
    def __init__(
        self, app: "App[Any]", *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(  # pyright: ignore[reportUnknownMemberType] - Textual leaves its app open
            app, debug=debug, mouse=mouse, size=size
        )
        if (output := sys.__stdout__) is not None:
            self._file = cast("Any", TerminalOutput(output.fileno(), output.encoding))
        self._drawing = False

    def start_application_mode(self) -> None:
        for number in LEAVING_SIGNALS:
            # What whoever started us made it ignore (`nohup`), it goes on ignoring.
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._leave)
        self._drawing = True
        super().start_application_mode()

    def stop_application_mode(self) -> None:
        self._drawing = False
        super().stop_application_mode()

    def give_back(self, seconds: float) -> None:
        """Give the terminal back from any thread, the event loop being stuck; a terminal that takes nothing is left."""
        if self._drawing:
            giving = threading.Thread(target=self._give, daemon=True, name="give back the terminal")
            giving.start()
            giving.join(seconds)

    def _give(self) -> None:
        self._disable_mouse_support()  # Textual's own end of input works in the main thread alone
        self.stop_application_mode()
        self.close()

    def _leave(self, number: int, _: FrameType | None) -> None:
        if not cast("Leaves", self._app).leave_on_signal():
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
