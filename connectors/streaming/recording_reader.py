"""How recordings are read: everything in them that can be, and then what could not.

A file that a machine died over is cut off, padded with zeros or has a piece missing. What is whole in it is delivered,
and `RecordingReader.damage` says in one line what is not.
"""

import io
import zlib
from collections.abc import Generator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import msgspec

from connectors.streaming.decoding import FAULTS
from connectors.streaming.recording import (
    FORMAT_VERSION,
    RecordedEvent,
    RecordingError,
    RecordingHeader,
    part_path,
)

LINE_LIMIT = 128 * 1024 * 1024
_CHUNK = 256 * 1024
_MOST_INFLATED = 4 * _CHUNK
_GZIP = b"\x1f\x8b"
_BOM = b"\xef\xbb\xbf"
_PADDING = b"\0 \t\r\n"
"""What a line may be surrounded by, or be."""
_CUT_OFF = "is cut off in the middle of an event"

_header_decoder = msgspec.json.Decoder(RecordingHeader)
_event_decoder = msgspec.json.Decoder(RecordedEvent)


class RecordingReader:
    """Iterates over a recording's events, part after part.

    What cannot be read is passed over and counted in `faults`, anew for every run; the latest is `fault`.
    Raises `RecordingError` where the file is no recording at all. A `stream`, such as standard input, can be gone
    through once and has one part.
    """

    def __init__(self, path: Path, stream: BinaryIO | None = None) -> None:
        self.path = path
        self.faults = 0
        self.fault = ""
        self._first_fault = ""
        self._stream = stream
        self._held: Generator[tuple[int, bytes], None, None] | None = None
        """The lines of the stream after its header."""
        lines = self._lines(path)
        try:
            first = next(lines, None)
        except OSError as error:
            raise RecordingError(f"cannot read {path}: {error.strerror}") from None
        self.header = self._header(path, first)
        if stream is None:
            lines.close()
        else:
            self._held = lines

    @property
    def damage(self) -> str | None:
        """What could not be read in the run so far, in one line; `None`: nothing."""
        if not self.faults:
            return None
        more = f" and {self.faults - 1:,} more" if self.faults > 1 else ""
        return f"{self._first_fault}{more}; what can be read was played"

    def note(self, fault: str) -> None:
        """Count something of it that cannot be read."""
        self.faults += 1
        self.fault = fault
        self._first_fault = self._first_fault or fault

    def __iter__(self) -> Iterator[RecordedEvent]:
        if self._stream is not None:
            lines, self._held = self._held, None
            if lines is None:
                raise RecordingError(f"{self.path} can be read once only")
            yield from self._events(self.path, lines)
            return
        self.faults, self.fault, self._first_fault = 0, "", ""
        due = 1
        for number, path in self._numbered_parts():
            if number > due:
                self.note(f"{part_path(self.path, due).name} is missing")
            due = number + 1
            lines = self._lines(path)
            try:
                self._header(path, next(lines, None))
            except _OtherVersion as error:
                self.note(str(error))
                continue
            except RecordingError as error:
                # Its events may be whole.
                self.note(str(error))
            except OSError as error:
                self.note(f"cannot read {path}: {error.strerror}")
                continue
            yield from self._events(path, lines)

    def parts(self) -> Iterator[Path]:
        """The file named and those that continue it."""
        return (path for _, path in self._numbered_parts())

    def _numbered_parts(self) -> Iterator[tuple[int, Path]]:
        yield 1, self.path
        number = 2
        while (path := part_path(self.path, number)).exists():
            yield number, path
            number += 1
        yield from sorted(self._parts_after(number))

    def _parts_after(self, missing: int) -> Iterator[tuple[int, Path]]:
        """Those behind a missing one. Other files may be named like them: the header must say so too."""
        before, _, after = part_path(self.path, missing).name.rpartition(f".{missing}")
        for path in self.path.parent.glob("*"):
            number = path.name.removeprefix(f"{before}.").removesuffix(after)
            if number.isdecimal() and int(number) > missing and path == part_path(self.path, int(number)):
                with suppress(RecordingError, OSError):
                    header = RecordingReader(path).header
                    if (header.part, header.started_ns) == (int(number), self.header.started_ns):
                        yield int(number), path

    def _events(self, path: Path, lines: Iterator[tuple[int, bytes]]) -> Iterator[RecordedEvent]:
        for number, line in lines:
            try:
                event = _event_decoder.decode(line)
            except FAULTS as error:
                self.note(f"{path.name}, line {number}: {error}")
            else:
                yield event

    def _header(self, path: Path, line: tuple[int, bytes] | None) -> RecordingHeader:
        try:
            header = _header_decoder.decode(line[1] if line is not None else b"")
        except FAULTS:
            fault = self._first_fault or f"{path.name} is not a recording: its first line is no header"
            raise RecordingError(fault) from None
        if header.recording != FORMAT_VERSION:
            raise _OtherVersion(
                f"{path.name} is a recording of version {header.recording}; this release reads {FORMAT_VERSION}"
            )
        return header

    def _lines(self, path: Path) -> Generator[tuple[int, bytes], None, None]:
        """What holds something, with its number. A last line that is no whole object is noted, not given."""
        number, rest = 0, b""
        for chunk in self._chunks(path):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                number += 1
                if held := _held(line, number):
                    yield number, held
            # Zeros at the end of a file may be many; they are no line.
            rest = rest.lstrip(b"\0")
            if len(rest) > LINE_LIMIT:
                self.note(f"{path.name}: a line is longer than {LINE_LIMIT} bytes")
                return
        if rest := _held(rest, number + 1):
            try:
                msgspec.json.decode(rest, type=msgspec.Raw)
            except FAULTS:
                if not self._explained:
                    self.note(f"{path.name} {_CUT_OFF}")
            else:
                yield number + 1, rest

    _explained = False
    """The data ended early, and that has been noted."""

    def _chunks(self, path: Path) -> Iterator[bytes]:
        self._explained = False
        file = self._stream or path.open("rb")
        try:
            start = _some(file, 2)
            if start == _GZIP:
                yield from _inflated(file, start)
                return
            yield start
            while chunk := _some(file):
                yield chunk
        except zlib.error as error:
            self._end_early(f"{path.name} is damaged: {error}")
        except OSError as error:
            if not isinstance(error, _ReadError):
                raise
            self._end_early(f"cannot read on in {path.name}: {error.strerror}")
        finally:
            if self._stream is None:
                file.close()

    def _end_early(self, fault: str) -> None:
        self._explained = True
        self.note(fault)


class _OtherVersion(RecordingError):
    """A later release wrote it, in a way of its own."""


class _ReadError(OSError):
    """The file was opened, and then a piece of it could not be read."""


def _some(file: BinaryIO, size: int = _CHUNK) -> bytes:
    """What is there, at most `size`: a stream that is still being written is read as it comes."""
    try:
        return file.read1(size) if isinstance(file, io.BufferedReader) else file.read(size)
    except OSError as error:
        raise _ReadError(error.errno, error.strerror) from None


def _held(line: bytes, number: int) -> bytes:
    return line.removeprefix(_BOM).strip(_PADDING) if number == 1 else line.strip(_PADDING)


def _inflated(file: BinaryIO, start: bytes) -> Iterator[bytes]:
    # zlib itself, not gzip: a file cut off by a kill must give all that was flushed before it.
    inflate = zlib.decompressobj(wbits=31)
    data = start + _some(file)
    while data:
        while data:
            before = inflate.copy()
            try:
                yield inflate.decompress(data, _MOST_INFLATED)
            except zlib.error as error:
                # Byte by byte: what is damaged takes nothing with it of what comes before.
                with suppress(zlib.error):
                    for place in range(len(data)):
                        yield before.decompress(data[place : place + 1])
                raise error from None
            data = inflate.unconsumed_tail
            if inflate.eof:
                # Another member may follow, or the zeros of a padded file.
                data, inflate = (inflate.unused_data + data).lstrip(b"\0"), zlib.decompressobj(wbits=31)
        data = _some(file)
    yield inflate.flush()
