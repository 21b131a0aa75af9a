"""Recordings: what a connection sent and received, one JSON object a line, optionally gzipped.

The first line is the header, then one event a line in time order. A file is readable up to the last whole line
whatever ended the writer, so a recording survives a kill. A long one is split in parts of at most `max_bytes`:
`name.jsonl.gz`, `name.2.jsonl.gz`, ... each with a header of its own.
"""

import base64
import re
import zlib
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Literal

import msgspec

from connectors.contracts.errors import BarfinexError

FORMAT_VERSION = 1
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
LINE_LIMIT = 128 * 1024 * 1024
_CHUNK = 256 * 1024
_FLUSH_BYTES = 64 * 1024
_FLUSH_NS = 1_000_000_000

EventKind = Literal["open", "close", "sent", "recv", "http"]


class RecordingError(BarfinexError):
    """The file is not a recording, or a line inside it is damaged."""


class RecordingHeader(msgspec.Struct, frozen=True, omit_defaults=True):
    recording: int
    connector_type: str
    market_type: str
    started_ns: int
    part: int = 1


class RecordedEvent(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """`url` stands on `open` and `http`; `data` is the frame, the body or, on `close`, the reason; base64 where `b64`.

    `status` stands on an `http` whose answer was no success.
    """

    ts_ns: int
    kind: EventKind
    conn: str | None = None
    url: str | None = None
    data: str | None = None
    b64: bool = False
    status: int | None = None

    def payload(self) -> bytes:
        """The frame or body as bytes; empty where there is none. Raises `RecordingError` on damaged base64."""
        if self.data is None:
            return b""
        if not self.b64:
            return self.data.encode()
        try:
            return base64.b64decode(self.data, validate=True)
        except ValueError:
            raise RecordingError("a recorded frame's base64 is damaged") from None


_header_decoder = msgspec.json.Decoder(RecordingHeader)
_event_decoder = msgspec.json.Decoder(RecordedEvent)
_encoder = msgspec.json.Encoder()


class RecordingReader:
    """Iterates over a recording's events, part after part.

    `truncated` is set when the last line was cut off, as a kill leaves it; everything before it was delivered.
    Raises `RecordingError`, which names file and line.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.truncated = False
        lines = self._lines(path)
        try:
            first = next(lines, None)
        except OSError as error:
            raise RecordingError(f"cannot read {path}: {error.strerror}") from None
        self.header = self._header(path, first)
        lines.close()

    def __iter__(self) -> Iterator[RecordedEvent]:
        for path in self.parts():
            lines = self._lines(path)
            self._header(path, next(lines, None))
            for number, line in enumerate(lines, start=2):
                try:
                    yield _event_decoder.decode(line)
                except msgspec.MsgspecError as error:
                    raise RecordingError(f"{path.name}, line {number}: {error}") from None

    def parts(self) -> Iterator[Path]:
        """The file named and those that continue it."""
        yield self.path
        number = 2
        while (path := part_path(self.path, number)).exists():
            yield path
            number += 1

    def _header(self, path: Path, line: bytes | None) -> RecordingHeader:
        try:
            header = _header_decoder.decode((line or b"").removeprefix(_BYTE_ORDER_MARK))
        except msgspec.MsgspecError:
            raise RecordingError(f"{path.name} is not a recording: its first line is no header") from None
        if header.recording != FORMAT_VERSION:
            raise RecordingError(
                f"{path.name} is a recording of version {header.recording}; this release reads {FORMAT_VERSION}"
            )
        return header

    def _lines(self, path: Path) -> Generator[bytes, None, None]:
        rest = b""
        for chunk in _chunks(path):
            *lines, rest = (rest + chunk).split(b"\n")
            if len(rest) > LINE_LIMIT:
                raise RecordingError(f"{path.name}: a line is longer than {LINE_LIMIT} bytes")
            yield from (line for line in lines if line)
        if rest:
            try:
                msgspec.json.decode(rest, type=msgspec.Raw)
            except msgspec.MsgspecError:
                self.truncated = True
            else:
                yield rest


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        start = file.read(2)
        file.seek(0)
        if start != b"\x1f\x8b":
            while chunk := file.read(_CHUNK):
                yield chunk
            return
        yield from _inflated(file, path)


def _inflated(file: BinaryIO, path: Path) -> Iterator[bytes]:
    # zlib itself, not gzip: a file cut off by a kill must give all that was flushed before it.
    inflate = zlib.decompressobj(wbits=31)
    while data := file.read(_CHUNK):
        while data:
            try:
                yield inflate.decompress(data, _CHUNK * 4)
            except zlib.error as error:
                raise RecordingError(f"{path.name} is damaged: {error}") from None
            data = inflate.unconsumed_tail
            if inflate.eof:
                data, inflate = inflate.unused_data + data, zlib.decompressobj(wbits=31)
    yield inflate.flush()


def part_path(path: Path, number: int) -> Path:
    """The path of part `number` (from 2) of a recording: `a.jsonl.gz` -> `a.2.jsonl.gz`."""
    suffix = "".join(re.findall(r"(?:\.jsonl)?(?:\.gz)?$", path.name)[:1]) or path.suffix
    stem = path.name[: -len(suffix)] if suffix else path.name
    return path.with_name(f"{stem}.{number}{suffix}")


class RecordingWriter:
    """Writes events as they happen, to a new file; `.gz` in the name compresses.

    `redact` sees every text before it is written and takes the secrets out. Plain files hold each event at once;
    compressed ones are flushed every 64 KiB or second of recorded time. `max_bytes` is the size of a part on disk: only
    a single event that is larger than that makes a larger one.
    Raises `FileExistsError` where the file is already there: a recording is never overwritten.
    """

    def __init__(
        self,
        path: Path,
        connector_type: str,
        market_type: str,
        started_ns: int,
        *,
        max_bytes: int = 100 * 1024 * 1024,
        redact: Callable[[str], str] | None = None,
    ) -> None:
        self.path = path
        self.events = 0
        self.parts = 1
        self._closed_parts_bytes = 0
        self._header = RecordingHeader(FORMAT_VERSION, connector_type, market_type, started_ns)
        self._max_bytes = max_bytes
        self._redact = redact
        self._open(path)

    def __enter__(self) -> "RecordingWriter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def write(
        self,
        ts_ns: int,
        kind: EventKind,
        *,
        conn: str | None = None,
        url: str | None = None,
        data: bytes | str | None = None,
        status: int | None = None,
    ) -> None:
        text, b64 = _as_text(data)
        if self._redact is not None:
            url = self._redact(url) if url else url
            if text and b64:
                # A character a byte: what is secret in it is plain text all the same.
                plain = base64.b64decode(text).decode("latin-1")
                shown = self._redact(plain)
                text = text if shown == plain else base64.b64encode(shown.encode("latin-1")).decode()
            elif text:
                text = self._redact(text)
        line = _encoder.encode(RecordedEvent(ts_ns, kind, conn, url, text, b64, status)) + b"\n"
        if self._is_full(len(line)):
            self._next_part()
        self._write(line, ts_ns)
        self.events += 1

    @property
    def bytes_written(self) -> int:
        """On disk, all parts together."""
        return self._closed_parts_bytes + self._size

    def close(self) -> None:
        if self._file.closed:
            return
        try:
            if self._deflate is not None:
                self._put(self._compressed + self._deflate.flush())
                self._compressed = b""
        finally:
            self._file.close()

    def _open(self, path: Path) -> None:
        self._file = path.open("xb", buffering=0)
        path.chmod(0o600)
        self._deflate = zlib.compressobj(wbits=31) if path.name.endswith(".gz") else None
        self._size = self._pending = self._flushed_ns = 0
        self._compressed = b""
        header = RecordingHeader(
            FORMAT_VERSION,
            self._header.connector_type,
            self._header.market_type,
            self._header.started_ns,
            self.parts,
        )
        self._write(_encoder.encode(header) + b"\n", self._header.started_ns)
        self._events_before = self.events

    def _is_full(self, more: int) -> bool:
        """Whether another `more` bytes may not fit into this part; compressed, they may take a little over."""
        if self.events == self._events_before:
            return False
        more += more // 1000 + 64
        if self._pending and self._size + self._pending + more > self._max_bytes:
            self._flush()
        return self._size + self._pending + more > self._max_bytes

    def _next_part(self) -> None:
        self.close()
        self._closed_parts_bytes += self._size
        self.parts += 1
        self._open(part_path(self.path, self.parts))

    def _write(self, line: bytes, ts_ns: int) -> None:
        if self._deflate is None:
            self._put(line)
            return
        # Out only in whole lines: a kill then leaves no line cut off.
        self._compressed += self._deflate.compress(line)
        self._pending += len(line)
        if self._pending >= _FLUSH_BYTES or ts_ns - self._flushed_ns >= _FLUSH_NS:
            self._flush()
            self._flushed_ns = ts_ns

    def _flush(self) -> None:
        if self._deflate is not None:
            self._put(self._compressed + self._deflate.flush(zlib.Z_SYNC_FLUSH))
        self._compressed, self._pending = b"", 0

    def _put(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            done = self._file.write(rest)
            self._size += done
            rest = rest[done:]


def _as_text(data: bytes | str | None) -> tuple[str | None, bool]:
    if data is None or isinstance(data, str):
        return data, False
    try:
        return data.decode(), False
    except UnicodeDecodeError:
        return base64.b64encode(data).decode(), True
