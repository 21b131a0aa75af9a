"""Bodies are read within their bound, whatever they unpack to."""

import gzip
import tracemalloc
import zlib
from collections.abc import AsyncIterator

import pytest

from connectors.contracts.errors import BadResponse
from connectors.rest.bodies import Unpacker, read_bounded


async def chunks(data: bytes, size: int = 7) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [("", bytes), ("identity", bytes), ("gzip", gzip.compress), ("deflate", zlib.compress)],
)
async def test_a_body_up_to_the_bound_comes_whole(encoding: str, pack: type[bytes]) -> None:
    body = bytes(range(256)) * 4
    assert await read_bounded(chunks(pack(body)), encoding, 1024) == body
    with pytest.raises(BadResponse, match="longer than"):
        await read_bounded(chunks(pack(body + b"!")), encoding, 1024)


async def test_a_bomb_is_stopped_before_it_unpacks() -> None:
    bomb = gzip.compress(bytes(50_000_000))
    with pytest.raises(BadResponse, match="longer than 1 KiB"):
        await read_bounded(chunks(bomb, 65_536), "gzip", 1024)


@pytest.mark.parametrize(
    "packed", [b"not gzip at all", gzip.compress(b"x" * 100)[:-9], b""], ids=["garbage", "cut", "empty"]
)
async def test_what_does_not_unpack_is_refused(packed: bytes) -> None:
    with pytest.raises(BadResponse):
        await read_bounded(chunks(packed), "gzip", 1024)


async def test_an_encoding_that_was_not_asked_for_is_refused() -> None:
    with pytest.raises(BadResponse):
        await read_bounded(chunks(b"x"), "br", 1024)


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [("", bytes), ("gzip", gzip.compress), ("deflate", zlib.compress)],
)
def test_a_body_without_an_end_is_unpacked_as_it_comes(encoding: str, pack: type[bytes]) -> None:
    body = bytes(range(256)) * 4
    packed = pack(body) + pack(body)
    unpacker = Unpacker(encoding, 4096)
    assert b"".join(unpacker.unpack(packed[at : at + 7]) for at in range(0, len(packed), 7)) == body * 2


def test_a_piece_that_unpacks_to_too_much_is_refused_before_it_does() -> None:
    bomb = gzip.compress(bytes(50_000_000))
    tracemalloc.start()
    try:
        with pytest.raises(BadResponse, match="longer than"):
            Unpacker("gzip", 100_000).unpack(bomb)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_what_cannot_be_unpacked_is_refused() -> None:
    with pytest.raises(BadResponse, match="not asked for"):
        Unpacker("br", 100)
    with pytest.raises(BadResponse, match="does not unpack"):
        Unpacker("gzip", 100).unpack(b"not gzip at all")
