"""Recordings: what a connection sent and received, one JSON object a line, optionally gzipped; how they are written.

The first line is the header, then one event a line in time order. A file is readable up to the last whole line
whatever ended the writer, so a recording survives a kill. A long one is split in parts of at most `max_bytes`:
`name.jsonl.gz`, `name.2.jsonl.gz`, ... each with a header of its own.
"""

import base64
import re
import zlib
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Annotated, Literal, Protocol

import msgspec

from connectors.contracts.errors import BarfinexError

FORMAT_VERSION = 1
_FLUSH_BYTES = 64 * 1024
_FLUSH_NS = 1_000_000_000

EventKind = Literal["open", "close", "sent", "recv", "http"]
_Nanoseconds = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
"""Since the epoch, up to the year 2262."""


class RecordingError(BarfinexError):
    """The file is not a recording, or a line inside it is damaged."""


class RecordingHeader(msgspec.Struct, frozen=True, omit_defaults=True):
    recording: int
    connector_type: str
    market_type: str
    started_ns: int
    part: int = 1
    environment: str | None = None
    """Where it was recorded; `None` in recordings of earlier releases."""


class RecordedEvent(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """`url` stands on `open` and `http`; `data` is the frame, the body or, on `close`, the reason; base64 where `b64`.

    `status` stands on an `http` whose answer was no success.
    """

    ts_ns: _Nanoseconds
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


_encoder = msgspec.json.Encoder()


def part_path(path: Path, number: int) -> Path:
    """The path of part `number` (from 2) of a recording: `a.jsonl.gz` -> `a.2.jsonl.gz`."""
    suffix = "".join(re.findall(r"(?:\.jsonl)?(?:\.gz)?$", path.name)[:1]) or path.suffix
    stem = path.name[: -len(suffix)] if suffix else path.name
    return path.with_name(f"{stem}.{number}{suffix}")


class Sink(Protocol):
    """Where bytes go that are no file of ours: standard output."""

    def write(self, data: memoryview, /) -> int | None: ...

    def close(self) -> None: ...

    @property
    def closed(self) -> bool: ...


class RecordingWriter:
    """Writes events as they happen, to a new file; `.gz` in the name compresses. To a `sink` all goes in one part.

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
        environment: str | None = None,
        max_bytes: int = 100 * 1024 * 1024,
        redact: Callable[[str], str] | None = None,
        sink: Sink | None = None,
    ) -> None:
        self.path = path
        self.events = 0
        self.parts = 1
        self._closed_parts_bytes = 0
        self._header = RecordingHeader(
            FORMAT_VERSION, connector_type, market_type, started_ns, environment=environment
        )
        self._sink = sink
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
        self._file = self._sink or self._new_file(path)
        compressed = self._sink is None and path.name.endswith(".gz")
        self._deflate = zlib.compressobj(wbits=31) if compressed else None
        self._size = self._pending = self._flushed_ns = 0
        self._compressed = b""
        header = msgspec.structs.replace(self._header, part=self.parts)
        self._write(_encoder.encode(header) + b"\n", self._header.started_ns)
        self._events_before = self.events

    @staticmethod
    def _new_file(path: Path) -> Sink:
        file = path.open("xb", buffering=0)
        path.chmod(0o600)
        return file

    def _is_full(self, more: int) -> bool:
        """Whether another `more` bytes may not fit into this part; compressed, they may take a little over."""
        if self.events == self._events_before or self._sink is not None:
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
            done = self._file.write(rest) or 0
            self._size += done
            rest = rest[done:]


def _as_text(data: bytes | str | None) -> tuple[str | None, bool]:
    if data is None or isinstance(data, str):
        return data, False
    try:
        return data.decode(), False
    except UnicodeDecodeError:
        return base64.b64encode(data).decode(), True
