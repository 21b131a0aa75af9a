"""A recorder: the wires of a connector, written to a recording without secrets."""

import re
import time
from collections.abc import Callable
from typing import Literal

from connectors.runtime.redaction import MASK, mask_in_data
from connectors.streaming.recording import RecordingWriter

_NAMES = (
    r"api[-_]?(?:key|secret|sign|passphrase)|secret[-_]?key|private[-_]?key|client[-_]?secret|pass(?:word|phrase)"
    r"|(?:access|refresh|auth|session|id)[-_]?token|signature|authorization|listen[-_]?key|mbx[-_]?apikey"
)
_BY_NAME = re.compile(
    rf"""(?ix)
    (?P<before> [?&] (?:{_NAMES}) = ) [^&\#\s"]+
    | (?P<name> " (?:{_NAMES}) " \s* : \s* ) " (?: [^"\\] | \\. )* "
    """
)
_ENDINGS = ("key", "sign", "phrase", "token", "ature", "ization", "secret", "word")


def without_secrets(text: str) -> str:
    """What may be recorded of a frame, body or URL: `***` where a known secret, or a field named like one, stands.

    Only whole names count, with a value of their own: a coin called TOKEN keeps its place in an instrument list.
    """
    text = mask_in_data(text)
    folded = text.lower()
    if not any(ending in folded for ending in _ENDINGS):
        return text
    return _BY_NAME.sub(_masked, text)


def _masked(match: re.Match[str]) -> str:
    return f'{match["name"]}"{MASK}"' if match["name"] else f"{match['before']}{MASK}"


class Recorder:
    """A `WireTap` that writes one recording, its times in order even where the clock steps back.

    It ends itself after `max_frames` received, and where the file can no longer be written: `failure` then says why.
    `on_end` is called once, however it ended. The stream itself goes on.
    """

    def __init__(
        self,
        writer: RecordingWriter,
        *,
        max_frames: int | None = None,
        on_end: Callable[[], None] = lambda: None,
        clock_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self.frames = 0
        """Frames received."""
        self.failure: str | None = None
        self._max_frames = max_frames
        self._on_end = on_end
        self._writer = writer
        self._clock_ns = clock_ns
        self._last_ns = 0
        self._closed = False

    @property
    def events(self) -> int:
        return self._writer.events

    @property
    def parts(self) -> int:
        return self._writer.parts

    @property
    def bytes_written(self) -> int:
        return self._writer.bytes_written

    def stream(
        self,
        kind: Literal["open", "close", "sent", "recv"],
        conn: str,
        url: str | None,
        data: bytes | str | None,
        /,
    ) -> None:
        if self._closed:
            return
        if kind == "recv":
            self.frames += 1
        try:
            self._writer.write(self._now(), kind, conn=conn, url=url, data=data)
        except OSError as error:
            self._end(error)
        if self.frames == self._max_frames:
            self.close()

    def http(self, method: str, url: str, status: int, body: bytes, /) -> None:
        if self._closed:
            return
        good = 200 <= status < 300
        try:
            self._writer.write(self._now(), "http", url=url, data=body, status=None if good else status)
        except OSError as error:
            self._end(error)

    def close(self) -> None:
        """End the recording; what goes over the wires from here on is not part of it."""
        if not self._closed:
            self._end(None)

    def _now(self) -> int:
        self._last_ns = max(self._last_ns, self._clock_ns())
        return self._last_ns

    def _end(self, fault: OSError | None) -> None:
        self._closed = True
        try:
            self._writer.close()
        except OSError as error:
            fault = fault or error
        if fault is not None:
            self.failure = fault.strerror or type(fault).__name__
        self._on_end()
