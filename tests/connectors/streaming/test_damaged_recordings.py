"""A damaged recording gives everything in it that can be read, and then says what cannot."""

import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from connectors.streaming.recording import RecordingError
from connectors.streaming.recording_reader import RecordingReader

HEADER = json.dumps({"recording": 1, "connector_type": "t", "market_type": "spot", "started_ns": 1}).encode()
COUNT = 300


def lines() -> list[bytes]:
    """Such as do not compress to nothing."""
    frames = [str(number**9 * 7**number % 10**40) for number in range(COUNT)]
    return [
        json.dumps({"ts_ns": number, "kind": "recv", "conn": "1", "data": frame}).encode()
        for number, frame in enumerate(frames)
    ]


def whole() -> bytes:
    return b"\n".join([HEADER, *lines()]) + b"\n"


def read(path: Path, content: bytes) -> tuple[list[int], str | None]:
    path.write_bytes(content)
    reader = RecordingReader(path)
    times = [event.ts_ns for event in reader]
    assert [event.ts_ns for event in reader] == times, "the second run differs"
    return times, reader.damage


HARMLESS: dict[str, Callable[[bytes], bytes]] = {
    "blank lines": lambda all_: all_.replace(b"\n", b"\n\n \t\n"),
    "a blank line first": lambda all_: b"\n\n" + all_,
    "line ends of Windows": lambda all_: all_.replace(b"\n", b"\r\n"),
    "a byte order mark": lambda all_: b"\xef\xbb\xbf" + all_,
    "zeros at the end": lambda all_: all_ + bytes(1_000_000),
    "zeros between lines": lambda all_: all_.replace(b"\n", b"\n" + bytes(512), 40),
    "no last line end": lambda all_: all_[:-1],
}


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gz"])
@pytest.mark.parametrize("what", HARMLESS)
def test_what_takes_nothing_away_is_passed_over(tmp_path: Path, what: str, packed: bool) -> None:
    content = HARMLESS[what](whole())
    times, damage = read(tmp_path / "a.jsonl", gzip.compress(content) if packed else content)
    assert times == list(range(COUNT))
    assert damage is None


def test_members_one_after_the_other_and_zeros_behind_them_are_one_recording(tmp_path: Path) -> None:
    half = whole().index(b'{"ts_ns": 150')
    content = gzip.compress(whole()[:half]) + gzip.compress(whole()[half:]) + bytes(4096)
    assert read(tmp_path / "a.jsonl.gz", content) == (list(range(COUNT)), None)


@pytest.mark.parametrize("share", [0.3, 0.5, 0.75, 0.99])
def test_a_damaged_gz_gives_every_line_before_the_damage(tmp_path: Path, share: float) -> None:
    packed = bytearray(gzip.compress(whole()))
    place = int(len(packed) * share)
    # A block type that there is none of, and noise: nothing beyond can be told.
    packed[place:] = bytes([0xFF, 0xFE]) * ((len(packed) - place) // 2)
    times, damage = read(tmp_path / "a.jsonl.gz", bytes(packed))
    assert times[: int(COUNT * share * 0.8)] == list(range(int(COUNT * share * 0.8)))
    assert damage is not None
    assert "a.jsonl.gz" in damage


def test_damaged_lines_in_the_middle_are_named_and_passed_over(tmp_path: Path) -> None:
    damaged = lines()
    damaged[10] = damaged[10][:30] + bytes(20)
    damaged[20] = b"\xff\xfe not a line"
    damaged[30] = b'{"ts_ns": 1' + b"0" * 400 + b', "kind": "recv"}'
    damaged[40] = b"[" * 100_000
    damaged[50] = damaged[50].replace(b'"data": "', b'"data": "\xff')
    damaged[60] = damaged[60].replace(b'"recv"', b'"re\xc3v"')
    times, damage = read(tmp_path / "a.jsonl", b"\n".join([HEADER, *damaged]) + b"\n")
    assert times == [number for number in range(COUNT) if number % 10 or number not in range(10, 70)]
    assert damage is not None
    assert "a.jsonl, line 12: " in damage
    assert "and 5 more" in damage


def test_a_part_without_a_header_is_named_and_the_next_one_played(tmp_path: Path) -> None:
    (tmp_path / "a.2.jsonl").write_bytes(b"nonsense\n")
    (tmp_path / "a.3.jsonl").write_bytes(HEADER + b"\n" + lines()[7] + b"\n")
    times, damage = read(tmp_path / "a.jsonl", whole())
    assert times == [*range(COUNT), 7]
    assert damage is not None
    assert "a.2.jsonl is not a recording" in damage


def test_of_a_part_whose_header_is_damaged_the_events_are_played(tmp_path: Path) -> None:
    (tmp_path / "a.2.jsonl").write_bytes(HEADER[:20] + b"\xff\n" + lines()[7] + b"\n")
    times, damage = read(tmp_path / "a.jsonl", whole())
    assert times == [*range(COUNT), 7]
    assert damage is not None
    assert damage.startswith("a.2.jsonl is not a recording: its first line is no header")


def test_a_missing_part_is_named_and_those_behind_it_played(tmp_path: Path) -> None:
    def part(number: int, **other: int) -> bytes:
        return json.dumps(json.loads(HEADER) | {"part": number} | other).encode() + b"\n"

    for number, header in ((2, part(2)), (4, part(4)), (10, part(10))):
        (tmp_path / f"a.{number}.jsonl").write_bytes(header + lines()[number] + b"\n")
    (tmp_path / "a.2024.jsonl").write_bytes(HEADER + b"\n" + lines()[1] + b"\n")
    (tmp_path / "a.11.jsonl").write_bytes(part(11, started_ns=2) + lines()[1] + b"\n")
    (tmp_path / "a.12.jsonl").write_bytes(b"nonsense\n")
    times, damage = read(tmp_path / "a.jsonl", whole())
    assert times == [*range(COUNT), 2, 4, 10]
    assert damage == "a.3.jsonl is missing and 1 more; what can be read was played"


def test_a_stream_is_read_once(tmp_path: Path) -> None:
    reader = RecordingReader(Path("standard input"), io.BytesIO(gzip.compress(whole())))
    assert reader.header.connector_type == "t"
    assert [event.ts_ns for event in reader] == list(range(COUNT))
    with pytest.raises(RecordingError, match="once only"):
        list(reader)


def test_the_environment_is_read_where_the_header_has_it(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(HEADER + b"\n")
    assert RecordingReader(path).header.environment is None
    path.write_bytes(HEADER[:-1] + b', "environment": "testnet"}\n')
    assert RecordingReader(path).header.environment == "testnet"
