"""From the bytes of an endless answer to frames: a line each, or a Server-Sent Event each."""

from collections.abc import Iterator

from connectors.contracts.errors import BadFrame

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Lines:
    """Frames from newline-delimited text. An empty line is none: venues send it as a sign of life."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._parts: list[bytes] = []
        self._size = 0
        """Bytes of the line that is not complete yet."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The frames that `data` completes. Raises `BadFrame` at one of more than `limit` bytes."""
        return (line for line in self._lines(data) if line)

    def _lines(self, data: bytes) -> Iterator[bytes]:
        *complete, rest = data.split(b"\n")
        for piece in complete:
            self._add(piece)
            line = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
            self._parts.clear()
            self._size = 0
            yield line.removesuffix(b"\r")
        if rest:
            self._add(rest)

    def _add(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._size > self._limit:
            raise BadFrame(f"a message longer than {self._limit // 1024} KiB")
        self._parts.append(piece)


class ServerSentEvents(Lines):
    """Frames from Server-Sent Events (html.spec.whatwg.org, 9.2.6): the `data` of each event that has some.

    Its other fields say nothing that a frame does not. A lone carriage return, which the document allows as the end of
    a line, is none here: no venue sends it.
    """

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self._data: list[bytes] = []
        self._length = 0
        self._begun = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        for given in self._lines(data):
            line = given if self._begun else given.removeprefix(_BYTE_ORDER_MARK)
            self._begun = True
            if not line:
                event, self._data, self._length = b"\n".join(self._data), [], 0
                if event:
                    yield event
                continue
            field, _, value = line.partition(b":")
            if field == b"data":
                self._data.append(value.removeprefix(b" "))
                self._length += len(value) + 1
                if self._length > self._limit:
                    raise BadFrame(f"a message longer than {self._limit // 1024} KiB")
