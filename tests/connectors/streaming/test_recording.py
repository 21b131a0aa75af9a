"""Recordings: what is written comes back, a kill loses nothing whole, parts follow each other, secrets stay out."""

import gzip
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.streaming.recording import RecordingError, RecordingWriter, part_path
from connectors.streaming.recording_reader import RecordingReader

CAPTURES = Path(__file__).resolve().parents[4] / "shared" / "captures"


def write_some(path: Path, count: int, **options: int) -> None:
    with RecordingWriter(path, "binance", "spot", 5, **options) as writer:
        for number in range(count):
            writer.write(6 + number, "recv", conn="1", data=b'{"n":%d}' % number)


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz"])
def test_what_is_written_comes_back(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with RecordingWriter(path, "binance", "spot", 1) as writer:
        writer.write(2, "open", conn="1", url="wss://venue/ws")
        writer.write(3, "recv", conn="1", data=b"\xff\x00")
        writer.write(4, "http", url="https://venue/depth?symbol=A", data="{}")
    reader = RecordingReader(path)
    events = list(reader)
    assert (reader.header.connector_type, reader.header.market_type, reader.header.started_ns) == (
        "binance",
        "spot",
        1,
    )
    assert [(event.ts_ns, event.kind, event.url, event.payload()) for event in events] == [
        (2, "open", "wss://venue/ws", b""),
        (3, "recv", None, b"\xff\x00"),
        (4, "http", "https://venue/depth?symbol=A", b"{}"),
    ]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.binary(max_size=40), max_size=20), st.booleans())
def test_any_bytes_round_trip(
    tmp_path_factory: pytest.TempPathFactory, frames: list[bytes], gz: bool
) -> None:
    path = tmp_path_factory.mktemp("recording") / ("a.jsonl.gz" if gz else "a.jsonl")
    with RecordingWriter(path, "t", "spot", 0) as writer:
        for frame in frames:
            writer.write(1, "recv", data=frame)
    assert [event.payload() for event in RecordingReader(path)] == frames


def test_an_existing_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("precious")
    with pytest.raises(FileExistsError):
        RecordingWriter(path, "t", "spot", 0)
    assert path.read_text() == "precious"


@pytest.mark.parametrize(("name", "most"), [("a.jsonl", 700), ("a.jsonl.gz", 300)])
def test_parts_follow_each_other(tmp_path: Path, name: str, most: int) -> None:
    path = tmp_path / name
    write_some(path, 50, max_bytes=most)
    reader = RecordingReader(path)
    parts = list(reader.parts())
    assert len(parts) > 3
    assert all(most / 3 < part.stat().st_size <= most for part in parts[:-1])
    assert [event.ts_ns for event in reader] == list(range(6, 56))


def test_part_names() -> None:
    assert part_path(Path("x/a.jsonl.gz"), 2) == Path("x/a.2.jsonl.gz")
    assert part_path(Path("a.jsonl"), 3) == Path("a.3.jsonl")
    assert part_path(Path("a.gz"), 2) == Path("a.2.gz")
    assert part_path(Path("a.rec"), 2) == Path("a.2.rec")


KILLED = """
import sys, os
from pathlib import Path
from connectors.streaming.recording import RecordingWriter
writer = RecordingWriter(Path(sys.argv[1]), "t", "spot", 0)
for number in range(1000):
    writer.write(number * 2_000_000_000, "recv", conn="1", data=b"%d" % number)
print("written", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz"])
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL here")
def test_a_killed_writer_leaves_a_readable_file(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"written\n"
        os.kill(process.pid, signal.SIGKILL)
    assert [event.payload() for event in RecordingReader(path)] == [b"%d" % number for number in range(1000)]


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz"])
def test_a_cut_file_gives_all_whole_lines_and_says_so(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    write_some(path, 400)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 2 // 3 + 1])
    reader = RecordingReader(path)
    times = [event.ts_ns for event in reader]
    assert times == list(range(6, 6 + len(times)))
    assert 0 < len(times) < 400
    assert reader.damage is not None
    assert "cut off in the middle" in reader.damage


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no header"),
        (b"hello\n", "no header"),
        (b'{"recording": 9, "connector_type": "a", "market_type": "spot", "started_ns": 1}\n', "version 9"),
        (b"\x1f\x8bgarbage", "damaged"),
    ],
)
def test_what_is_no_recording_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(content)
    with pytest.raises(RecordingError, match=said):
        list(RecordingReader(path))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=r"cannot read .*nothing\.jsonl"):
        RecordingReader(tmp_path / "nothing.jsonl")


def test_a_damaged_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    write_some(path, 3)
    lines = path.read_bytes().splitlines(keepends=True)
    lines[2] = b'{"ts_ns": "no"}\n'
    path.write_bytes(b"".join(lines))
    reader = RecordingReader(path)
    assert [event.ts_ns for event in reader] == [6, 8]
    assert reader.damage is not None
    assert "a.jsonl, line 3" in reader.damage


def test_secrets_are_taken_out_before_writing(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    with RecordingWriter(path, "t", "spot", 0, redact=lambda text: text.replace("s3cret", "***")) as writer:
        writer.write(1, "sent", conn="1", data='{"key":"s3cret"}')
        writer.write(2, "http", url="https://venue/a?signature=s3cret", data="s3cret")
    assert b"s3cret" not in path.read_bytes()
    assert [event.data for event in RecordingReader(path)] == ['{"key":"***"}', "***"]


@pytest.mark.skipif(not CAPTURES.exists(), reason="the market captures are not beside this checkout")
@pytest.mark.parametrize(
    ("name", "received"),
    [("binance-spot-2021", 265), ("binance-futures-2021", 1535), ("okx-mixed-2022", None)],
)
def test_real_captures_read_whole(name: str, received: int | None) -> None:
    reader = RecordingReader(CAPTURES / f"{name}.jsonl.gz")
    events = list(reader)
    assert reader.damage is None
    assert [event.ts_ns for event in events] == sorted(event.ts_ns for event in events)
    if received is not None:
        assert sum(event.kind == "recv" for event in events) == received


@pytest.mark.parametrize("name", ["r.jsonl", "r.jsonl.gz"])
def test_a_byte_order_mark_is_passed_over(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with RecordingWriter(path, "binance", "spot", 1) as writer:
        writer.write(1, "recv", conn="1", data="{}")
    plain = path.read_bytes()
    plain = gzip.decompress(plain) if name.endswith("gz") else plain
    marked = b"\xef\xbb\xbf" + plain
    path.write_bytes(gzip.compress(marked) if name.endswith("gz") else marked)
    reader = RecordingReader(path)
    assert reader.header.connector_type == "binance"
    assert [event.data for event in reader] == ["{}"]
