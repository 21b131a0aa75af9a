"""Frames from the bytes of an endless answer, however they are cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contracts.errors import BadFrame
from connectors.streaming.lines import Lines, ServerSentEvents


def frames(parser: Lines, data: bytes, size: int) -> list[bytes]:
    return [frame for at in range(0, len(data), size) for frame in parser.feed(data[at : at + size])]


@given(st.lists(st.binary().filter(lambda line: not set(line) & set(b"\r\n"))), st.integers(1, 50))
def test_each_line_is_a_frame_wherever_it_is_cut(lines: list[bytes], size: int):
    data = b"".join(line + (b"\r\n" if index % 2 else b"\n") for index, line in enumerate(lines))
    assert frames(Lines(10_000), data, size) == [line for line in lines if line]


def test_a_line_without_its_end_is_no_frame():
    assert frames(Lines(100), b"one\ntwo", 100) == [b"one"]


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_a_line_up_to_the_limit_comes_and_a_longer_one_is_refused_before_its_end(size: int):
    parser = Lines(1024)
    assert frames(parser, b"x" * 1024 + b"\n", size) == [b"x" * 1024]
    with pytest.raises(BadFrame, match="longer than 1 KiB"):
        frames(parser, b"x" * 1025, size)


@pytest.mark.parametrize("size", [1, 2, 5, 1000])
def test_the_data_of_each_event_is_a_frame(size: int):
    stream = (
        b"\xef\xbb\xbf: hello\n\n"
        b'event: trade\nid: 7\ndata: {"a":1}\n\n'
        b"data:no space\r\n\r\n"
        b"data: two\ndata: lines\n\n"
        b"retry: 10\n\n"
        b"data\n\n"
        b":\n\n"
        b"dataset: none\n\n"
        b"data: cut off\n"
    )
    assert frames(ServerSentEvents(1000), stream, size) == [b'{"a":1}', b"no space", b"two\nlines"]


def test_an_event_of_many_lines_is_bounded_as_a_whole():
    parser = ServerSentEvents(1024)
    with pytest.raises(BadFrame, match="longer than 1 KiB"):
        frames(parser, b"data: xxxxxxxx\n" * 200, 100)


def test_what_came_before_a_line_that_is_too_long_is_given():
    given_first = Lines(1024).feed(b"one\ntwo\n" + b"x" * 2000)
    assert [next(given_first), next(given_first)] == [b"one", b"two"]
    with pytest.raises(BadFrame):
        next(given_first)
