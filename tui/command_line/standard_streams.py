"""Standard output as every command finds it: a write that fails, or a character that a code page lacks, has one answer.

It is light: it is there before the parser of the command line is.
"""

import codecs
import io
import os
import select
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TextIO, cast

ESCAPE = "barfinex.escape"
"""How what the encoding lacks is written: as JSON escapes it, so that JSON stays JSON."""


class OutputFailed(Exception):
    """Standard output takes no more, and why; exit code 1."""

    def __init__(self, error: OSError) -> None:
        super().__init__(f"cannot write to standard output: {error.strerror or type(error).__name__}")


class ReaderGone(Exception):
    """Whoever read standard output has seen enough, as `head` has; exit code 0."""


class _Checked(io.RawIOBase):
    """A raw stream whose errors say what they are. After the first, what is still to be written goes nowhere."""

    def __init__(self, raw: io.RawIOBase) -> None:
        self._raw = raw
        self._ended = False

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._raw.fileno()

    def isatty(self) -> bool:
        return self._raw.isatty()

    def write(self, data: Any, /) -> int:
        if self._ended:
            return len(data)
        try:
            while (done := self._raw.write(data)) is None:  # whoever started us made the pipe non-blocking
                select.select([], [self._raw], [])
        except OSError as error:
            self._ended = True
            raise failed(error) from None
        return done


class _State:
    data: TextIO | None = None
    """Where data goes; `None` while nothing was prepared, and it is whatever `sys.stdout` is."""
    reserved = False
    original: TextIO | None = None
    """Held, for it closes what it wraps when nobody holds it."""


def guarded(run: Callable[[], int]) -> int:
    """Run with a prepared standard output and give the exit code; what is still to be written is written."""
    prepare()
    try:
        try:
            return run()
        finally:
            data().flush()
    except ReaderGone:
        return 0
    except OutputFailed as error:
        with suppress(OSError):
            print(f"barfinex: {error}", file=sys.stderr, flush=True)
        return 1


def prepare() -> None:
    """Make standard output such that its errors are told, and give a closed stream something in its place."""
    codecs.register_error(ESCAPE, _escape)
    _State.reserved = False
    for descriptor, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            # Else the next file that is opened would be taken for it. Writing to a stream for reading fails, as it did.
            mode = os.O_WRONLY if name == "stderr" else os.O_RDONLY
            _occupy(descriptor, mode)
            made = os.fdopen(descriptor, "r" if name == "stdin" else "w", closefd=False, errors="replace")
            setattr(sys, name, made)
    _State.original = sys.stdout
    buffer = cast("Any", sys.stdout).buffer
    _State.data = sys.stdout = _text(getattr(buffer, "raw", buffer), sys.stdout)


def reserve() -> None:
    """From here on standard output is for our data alone: what a stranger's code prints goes to standard error."""
    if _State.data is None or _State.reserved:
        return
    _State.reserved = True
    _State.data.flush()
    if os.name == "posix":
        ours = os.dup(_State.data.fileno())
        _State.data = _text(io.FileIO(ours, "w"), _State.data)
        os.dup2(2, 1)
    sys.stdout = sys.stderr


def data() -> TextIO:
    """Standard output, for data."""
    return sys.stdout if _State.data is None else _State.data


def encoded(text: str) -> bytes:
    """A text as standard output writes it."""
    out = data()
    return text.encode(out.encoding or "utf-8", ESCAPE if _State.data is not None else "replace")


def encoded_json(line: bytes) -> bytes:
    """JSON in UTF-8 as standard output writes it: elsewhere than there, in characters of every code page."""
    if line.isascii() or is_utf8():
        return line
    codecs.register_error(ESCAPE, _escape)
    return line.decode().encode("ascii", ESCAPE)


def is_utf8() -> bool:
    return codecs.lookup(data().encoding or "utf-8").name == "utf-8"


def failed(error: OSError) -> OutputFailed | ReaderGone:
    """What an error of a write to standard output means."""
    return ReaderGone() if isinstance(error, BrokenPipeError) else OutputFailed(error)


def _text(raw: io.RawIOBase, like: TextIO) -> TextIO:
    return io.TextIOWrapper(
        io.BufferedWriter(_Checked(raw)),
        encoding=like.encoding,
        errors=ESCAPE,
        line_buffering=raw.isatty(),
    )


def _occupy(descriptor: int, mode: int) -> None:
    nowhere = os.open(os.devnull, mode)
    if nowhere != descriptor:
        os.dup2(nowhere, descriptor)
        os.close(nowhere)


def _escape(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    units = error.object[error.start : error.end].encode("utf-16-be", "surrogatepass")
    pairs = zip(units[::2], units[1::2], strict=True)
    return "".join(f"\\u{high:02x}{low:02x}" for high, low in pairs), error.end
