"""Reading an answer's body within a bound, whatever it claims to be or unpacks to: whole, or piece by piece."""

import asyncio
import re
import zlib
from collections.abc import AsyncIterator

from connectors.contracts.errors import BadResponse

ACCEPTED_ENCODINGS = "gzip, deflate"
_PIECE = 1024 * 1024
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_ESCAPES = re.compile(
    rb"\\(?:\\|u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?P<lone>u[dD][89a-fA-F][0-9a-fA-F]{2}))"
)
_WBITS = {"gzip": 31, "x-gzip": 31, "deflate": 15}


async def read_bounded(chunks: AsyncIterator[bytes], encoding: str, limit: int) -> bytes:
    """The body, unpacked. Raises `BadResponse` where it is longer than `limit` bytes or does not unpack."""
    body = bytearray()
    if encoding in ("", "identity"):
        async for chunk in chunks:
            body += chunk
            if len(body) > limit:
                raise _too_long(limit)
        return bytes(body)
    inflate = zlib.decompressobj(wbits=_wbits(encoding))
    try:
        async for chunk in chunks:
            packed = chunk
            while packed:
                # A piece at a time: a bomb shall neither fill the memory twice nor stop the loop. Never asked for 0
                # bytes more, which would mean all of them.
                body += inflate.decompress(packed, min(_PIECE, limit + 1 - len(body)))
                if len(body) > limit:
                    raise _too_long(limit)
                packed = inflate.unconsumed_tail
                await asyncio.sleep(0)
    except zlib.error:
        raise BadResponse("the answer does not unpack") from None
    if not inflate.eof:
        raise BadResponse("the answer is cut off")
    return bytes(body)


def mended(body: bytes) -> bytes:
    """JSON in which every half of a surrogate pair is the sign for what is no character: one such escape would cost the
    whole answer, and is to cost its own row. What needs no mending is given back as it is."""
    if _SURROGATE.search(body) is None:
        return body
    return _ESCAPES.sub(lambda escape: rb"\ufffd" if escape["lone"] else escape[0], body)


class Unpacker:
    """A body that has no end, unpacked piece by piece. `encoding` as the answer names it.

    Raises `BadResponse` where it is packed in a way that was not asked for.
    """

    def __init__(self, encoding: str, limit: int) -> None:
        self._limit = limit
        self._wbits = None if encoding in ("", "identity") else _wbits(encoding)
        self._inflate = zlib.decompressobj(wbits=self._wbits or 0)

    def unpack(self, chunk: bytes) -> bytes:
        """What a chunk holds. Raises `BadResponse` where that is more than `limit` bytes or does not unpack."""
        if self._wbits is None:
            return chunk
        unpacked = bytearray()
        while chunk:
            if self._inflate.eof:
                # Some servers pack each flush by itself.
                self._inflate = zlib.decompressobj(wbits=self._wbits)
            try:
                unpacked += self._inflate.decompress(chunk, self._limit + 1 - len(unpacked))
            except zlib.error:
                raise BadResponse("the answer does not unpack") from None
            if len(unpacked) > self._limit:
                raise _too_long(self._limit)
            chunk = self._inflate.unused_data
        return bytes(unpacked)


def _wbits(encoding: str) -> int:
    if encoding not in _WBITS:
        raise BadResponse("the answer is packed in a way that was not asked for")
    return _WBITS[encoding]


def _too_long(limit: int) -> BadResponse:
    return BadResponse(f"the answer is longer than {limit // 1024} KiB")
