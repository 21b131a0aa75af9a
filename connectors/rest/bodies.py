"""Reading an answer's body within a bound, whatever it claims to be or unpacks to."""

import zlib
from collections.abc import AsyncIterator

from connectors.contracts.errors import BadResponse

ACCEPTED_ENCODINGS = "gzip, deflate"
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
    if encoding not in _WBITS:
        raise BadResponse("the answer is packed in a way that was not asked for")
    inflate = zlib.decompressobj(wbits=_WBITS[encoding])
    try:
        async for chunk in chunks:
            # Never asked for 0 bytes more, which would mean all of them.
            body += inflate.decompress(chunk, limit + 1 - len(body))
            if len(body) > limit:
                raise _too_long(limit)
    except zlib.error:
        raise BadResponse("the answer does not unpack") from None
    if not inflate.eof:
        raise BadResponse("the answer is cut off")
    return bytes(body)


def _too_long(limit: int) -> BadResponse:
    return BadResponse(f"the answer is longer than {limit // 1024} KiB")
