import asyncio
import fcntl
import os

import pytest

from tui.command_line.output import StreamOutput
from tui.command_line.standard_streams import ReaderGone


async def test_a_reader_that_stops_does_not_stop_the_loop() -> None:
    reader, writer = os.pipe()
    try:
        output = StreamOutput(writer)
        data = b"x" * 1_000_000  # far more than a pipe holds
        writing = asyncio.create_task(output.write(data))
        done, _ = await asyncio.wait([writing], timeout=0.05)
        assert not done
        read = bytearray()
        while len(read) < len(data):
            read += await asyncio.to_thread(os.read, reader, 65_536)
        await asyncio.wait_for(writing, 5)
        assert bytes(read) == data
    finally:
        os.close(reader)
        os.close(writer)


async def test_a_pipe_made_non_blocking_by_its_owner_loses_nothing() -> None:
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETFL, fcntl.fcntl(writer, fcntl.F_GETFL) | os.O_NONBLOCK)
    try:
        data = bytes(range(256)) * 2_000
        writing = asyncio.create_task(StreamOutput(writer).write(data))
        read = bytearray()
        while len(read) < len(data):
            read += await asyncio.to_thread(os.read, reader, 65_536)
        await asyncio.wait_for(writing, 5)
        assert bytes(read) == data
    finally:
        os.close(reader)
        os.close(writer)


async def test_a_reader_that_left_is_an_error_for_the_writer() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        with pytest.raises(ReaderGone):
            await StreamOutput(writer).write(b"anyone?")
    finally:
        os.close(writer)
