"""`barfinex record` and `barfinex replay` as a person runs them, against `barfinex emulate`, over real sockets."""

import gzip
import json
import os
import signal
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.streaming.recording_reader import RecordingReader
from tests.connectors.streaming.played import CAPTURES, captured, reconstruct
from tests.end_to_end.emulator import EmulatorProcess
from tests.tui.command_line.running import COMMAND, barfinex, environment

Event = dict[str, Any]


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatorProcess]:
    with EmulatorProcess(tmp_path_factory.mktemp("emulator")) as process:
        yield process


def start(home: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*COMMAND, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=home,
        env=environment(home),
    )


def replayed(home: Path, path: Path, *arguments: str) -> list[Event]:
    done = barfinex("replay", str(path), "--json", "--speed", "0", *arguments, home=home)
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line) for line in done.stdout.splitlines()]


def books_of(events: list[Event]) -> dict[tuple[str, int], tuple[Any, Any]]:
    """Every SYNCED book by symbol and sequence."""
    return {
        (event["symbol"], event["sequence"]): (event["bids"], event["asks"])
        for event in events
        if event["event"] == "order_book" and event["state"] == "SYNCED"
    }


def read_while_running(path: Path, process: subprocess.Popen[str], wanted: int) -> None:
    """Until the growing recording holds so many changes of a book."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if path.exists() and path.stat().st_size:
            frames = [event.data or "" for event in RecordingReader(path) if event.kind == "recv"]
            if sum("depthUpdate" in frame for frame in frames) >= wanted:
                return
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    raise AssertionError("too few frames")


@pytest.mark.skipif(os.name != "posix", reason="a limit of the shell")
def test_a_file_that_cannot_be_begun_is_not_left_behind(tmp_path: Path) -> None:
    target = tmp_path / "market.jsonl"
    words = " ".join([*COMMAND, "record", "binance", "BTCUSDT", "-o", str(target)])
    done = subprocess.run(
        ["bash", "-c", f"ulimit -f 0; exec {words}"],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=tmp_path,
        env=environment(tmp_path),
        check=False,
    )
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert "cannot make" in done.stderr
    assert not target.exists()


def test_what_was_recorded_replays_as_it_was_seen_live(emulator: EmulatorProcess, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    watching = start(tmp_path, "watch", "binance", "BTCUSDT", "ETHUSDT", "--json", "--url", emulator.rest)
    recording = start(
        tmp_path, "record", "binance", "BTCUSDT", "ethusdt", "-o", str(path), "--url", emulator.rest
    )
    read_while_running(path, recording, 60)
    recording.send_signal(signal.SIGINT)
    _, said = recording.communicate(timeout=15)
    watching.send_signal(signal.SIGINT)
    live, _ = watching.communicate(timeout=15)
    assert recording.returncode == 0, said
    assert said.startswith("barfinex: recording to ")
    assert "barfinex: recorded " in said
    events = replayed(tmp_path, path)
    seen = [json.loads(line) for line in live.splitlines()]
    assert {(event["environment"], event.pop("replay")) for event in events} == {("local", True)}
    assert {(event["environment"], "replay" in event) for event in seen} == {("local", False)}
    here, there = books_of(events), books_of(seen)
    assert len(here.keys() & there.keys()) > 20
    assert all(here[key] == there[key] for key in here.keys() & there.keys())
    for kind, key in (("trade", "trade_id"), ("candle", "volume")):
        mine = {(event["symbol"], event[key]): event for event in events if event["event"] == kind}
        theirs = {(event["symbol"], event[key]): event for event in seen if event["event"] == kind}
        both = mine.keys() & theirs.keys()
        assert both, kind
        assert all(mine[name] == theirs[name] for name in both)
    assert Counter(event["kind"] for event in events if event["event"] == "status") == {"connected": 1}
    last: dict[str, Event] = {}
    for event in events:
        if event["event"] == "order_book":
            last[event["symbol"]] = event
    truth = reconstruct(envelopes(path))
    for symbol, book in last.items():
        sequence = max(truth[symbol])
        bids, asks = truth[symbol][sequence]
        assert (book["state"], book["sequence"]) == ("SYNCED", sequence)
        assert book["bids"] == [list(level) for level in sorted(bids.items(), reverse=True)[:20]]
        assert book["asks"] == [list(level) for level in sorted(asks.items())[:20]]
    assert set(last) == {"BTCUSDT", "ETHUSDT"}


def envelopes(path: Path) -> list[Event]:
    """The recording's answers and data frames, without what subscribes."""
    events = [json.loads(line) for line in path.read_text().splitlines()][1:]
    return [event for event in events if event["kind"] != "recv" or '"stream"' in event["data"]]


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz"])
def test_a_recording_that_was_killed_can_be_replayed(
    emulator: EmulatorProcess, tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    recording = start(tmp_path, "record", "binance", "BTCUSDT", "-o", str(path), "--url", emulator.rest)
    read_while_running(path, recording, 10)
    recording.kill()
    recording.communicate(timeout=15)
    events = replayed(tmp_path, path)
    assert Counter(event["event"] for event in events)["order_book"] > 5
    assert [event for event in events if event["event"] == "order_book"][-1]["state"] == "SYNCED"


def test_replaying_the_futures_twice_gives_the_same_bytes(emulator: EmulatorProcess, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    options = ("--url", emulator.rest, "--market", "futures", "--count", "80", "--max-size", "10K")
    done = barfinex("record", "binance", "BTCUSDT", "-o", str(path), *options, home=tmp_path)
    assert done.returncode == 0, done.stderr
    parts = sorted(tmp_path.glob("a*.jsonl.gz"))
    assert len(parts) > 1
    assert sum(gzip.decompress(part.read_bytes()).count(b'"kind":"recv"') for part in parts) == 80
    first, second, plain = (
        barfinex("replay", str(path), "--speed", "0", *arguments, home=tmp_path).stdout
        for arguments in (("--json",), ("--json",), ())
    )
    assert first == second
    assert first.count("\n") == plain.count("\n") > 20
    assert "\x1b" not in plain
    books = [event for event in map(json.loads, first.splitlines()) if event["event"] == "order_book"]
    assert {(book["market"], book["state"]) for book in books} == {("futures", "SYNCED")}


def test_a_duration_ends_it(emulator: EmulatorProcess, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    options = ("--url", emulator.rest, "--duration", "0.5", "--channels", "trades")
    done = barfinex("record", "binance", "BTCUSDT", "-o", str(path), *options, home=tmp_path)
    assert done.returncode == 0, done.stderr
    assert '"btcusdt@trade"' in path.read_text().replace("\\", "")
    assert "depth" not in path.read_text().partition("exchangeInfo")[2].partition("SUBSCRIBE")[2]


def test_a_recording_overwrites_nothing_and_leaves_nothing_of_a_mistake(
    emulator: EmulatorProcess, tmp_path: Path
) -> None:
    taken = tmp_path / "b.2.jsonl"
    taken.write_text("precious")
    for path, symbol, code, said in (
        (taken, "BTCUSDT", 1, "exists already"),
        (tmp_path / "b.jsonl", "BTCUSDT", 1, "b.2.jsonl exists already"),
        (tmp_path / "c.jsonl", "BTCUSD", 2, "did you mean 'BTCUSDT'"),
        (tmp_path / "no" / "c.jsonl", "BTCUSDT", 1, "No such file or directory"),
    ):
        done = barfinex("record", "binance", symbol, "-o", str(path), "--url", emulator.rest, home=tmp_path)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (code, "", 1), done.stderr
        assert said in done.stderr
    gone = barfinex(
        *("record", "binance", "BTCUSDT", "-o", str(tmp_path / "d.jsonl"), "--url", "http://127.0.0.1:9"),
        home=tmp_path,
    )
    assert (gone.returncode, gone.stderr.count("\n")) == (1, 1)
    size = barfinex("record", "binance", "BTCUSDT", "-o", "e.jsonl", "--max-size", "tiny", home=tmp_path)
    assert size.returncode == 2
    assert sorted(tmp_path.glob("*.jsonl")) == [taken]
    assert taken.read_text() == "precious"


@pytest.mark.skipif(not CAPTURES.exists(), reason="the market captures are not beside this checkout")
@pytest.mark.parametrize("market", ["spot", "futures"])
def test_a_capture_replays_to_its_true_books(market: str, tmp_path: Path) -> None:
    name = f"binance-{market}-2021"
    events = replayed(tmp_path, CAPTURES / f"{name}.jsonl.gz", "--depth", "5000")
    truth = reconstruct(captured(name))
    assert {(event["connector"], event["market"]) for event in events} == {("binance", market)}
    books = [event for event in events if event["event"] == "order_book"]
    final = {event["symbol"]: event for event in books}
    for symbol, history in truth.items():
        sequence = max(history)
        bids, asks = history[sequence]
        book = final[symbol]
        assert (book["state"], book["sequence"]) == ("SYNCED", sequence)
        assert dict(map(tuple, book["bids"])) == bids
        assert dict(map(tuple, book["asks"])) == asks
    shown = {(event["symbol"], event["sequence"]) for event in books}
    assert followed(captured(name)) <= shown


def followed(events: list[Event]) -> set[tuple[str, int]]:
    """The updates that came after their symbol's snapshot: each is a change of its own."""
    synced: dict[str, int] = {}
    found: set[tuple[str, int]] = set()
    for event in events:
        if event["kind"] == "http" and "/depth?" in event["url"]:
            symbol = event["url"].partition("symbol=")[2].partition("&")[0]
            synced[symbol] = json.loads(event["data"])["lastUpdateId"]
        elif event["kind"] == "recv" and "depthUpdate" in event["data"]:
            data = json.loads(event["data"])["data"]
            if data["u"] > synced.get(data["s"], data["u"]):
                found.add((data["s"], data["u"]))
    return found


@pytest.mark.skipif(not CAPTURES.exists(), reason="the market captures are not beside this checkout")
def test_only_the_symbols_asked_for_are_printed(tmp_path: Path) -> None:
    path = CAPTURES / "binance-futures-2021.jsonl.gz"
    events = replayed(tmp_path, path, "--symbols", "ctk/usdt,AKROUSDT", "--depth", "3")
    assert {event["symbol"] for event in events} == {None, "CTKUSDT", "AKROUSDT"}
    assert {len(event["bids"]) for event in events if event["event"] == "order_book"} == {3}
    done = barfinex("replay", str(path), "--speed", "0", "--symbols", "CTKUSD", home=tmp_path)
    assert done.returncode == 2
    assert "did you mean 'CTKUSDT'" in done.stderr


def header(connector: str = "binance", market: str = "spot") -> str:
    return (
        json.dumps({"recording": 1, "connector_type": connector, "market_type": market, "started_ns": 1})
        + "\n"
    )


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        ("hello\n", 1, "is not a recording"),
        (header("nobody"), 1, "unknown connector 'nobody'"),
        (header("oanda"), 1, "coming soon"),
        (header(market="options"), 1, "options"),
        (header() + '{"ts_ns": 1, "ki', 1, "cut off"),
        (header() + '{"ts_ns": "x"}\n', 1, "line 2"),
    ],
)
def test_what_cannot_be_replayed_is_explained_in_one_line(
    tmp_path: Path, content: str, code: int, said: str
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(content)
    done = barfinex("replay", str(path), "--speed", "0", home=tmp_path)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (code, "", 1), done.stderr
    assert said in done.stderr


def test_the_speed_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    events = [{"ts_ns": n * 400_000_000, "kind": "open", "conn": str(n), "url": "wss://v"} for n in range(3)]
    path.write_text(header() + "".join(json.dumps(event) + "\n" for event in events))
    for speed, least, most in (("1", 0.8, 20.0), ("0", 0.0, 20.0)):
        before = time.monotonic()
        done = barfinex("replay", str(path), "--speed", speed, "--json", home=tmp_path)
        assert done.stdout.count("\n") == 3
        assert least <= time.monotonic() - before < most


def test_a_reader_that_has_seen_enough_ends_it_quietly(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    event = json.dumps({"ts_ns": 1, "kind": "open", "conn": "1", "url": "wss://v"}) + "\n"
    path.write_text(header() + event * 20_000)
    replaying = start(tmp_path, "replay", str(path), "--speed", "0", "--json")
    assert replaying.stdout is not None
    assert json.loads(replaying.stdout.readline())["kind"] == "connected"
    replaying.stdout.close()
    assert replaying.stderr is not None
    assert replaying.stderr.read() == ""
    assert replaying.wait(15) == 0


def test_a_recording_goes_to_standard_output_and_comes_from_standard_input(
    emulator: EmulatorProcess, tmp_path: Path
) -> None:
    options = ("--url", emulator.rest, "--channels", "trades,book", "--count", "30")
    done = barfinex("record", "binance", "BTCUSDT", "-o", "-", *options, home=tmp_path)
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert lines[0]["environment"] == "local"
    assert sum(line.get("kind") == "recv" for line in lines) == 30
    assert not (tmp_path / "-").exists()
    played = barfinex("replay", "-", "--speed", "0", "--json", home=tmp_path, stdin=done.stdout)
    assert (played.returncode, played.stderr) == (0, "")
    events = [json.loads(line) for line in played.stdout.splitlines()]
    assert {(event["environment"], event["replay"]) for event in events} == {("local", True)}
    assert {"trade", "order_book"} & {event["event"] for event in events}
    screen = barfinex("replay", "-", "--screen", home=tmp_path, stdin=done.stdout)
    assert (screen.returncode, screen.stderr.count("\n")) == (2, 1)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
@pytest.mark.parametrize(
    ("target", "code", "said"), [("/dev/full", 1, "No space left on device"), (None, 0, "recorded ")]
)
def test_a_recording_ends_where_standard_output_does(
    emulator: EmulatorProcess, tmp_path: Path, target: str | None, code: int, said: str
) -> None:
    command = [*COMMAND, "record", "binance", "BTCUSDT", "-o", "-", "--url", emulator.rest]
    with open(target or os.devnull, "wb") as file:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=file if target else subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=tmp_path,
            env=environment(tmp_path),
        )
    if process.stdout is not None:
        assert process.stdout.readline().startswith(b'{"recording":1')
        process.stdout.close()
    assert process.stderr is not None
    errors = process.stderr.read().decode()
    assert process.wait(30) == code, errors
    assert said in errors
    assert "Traceback" not in errors


def test_an_interrupt_before_it_begins_leaves_no_file_and_says_so(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        recording = start(tmp_path, "record", "binance", "BTCUSDT", "-o", "a.jsonl", "--url", url)
        silent.accept()  # it waits for an answer now
        recording.send_signal(signal.SIGINT)
        _, said = recording.communicate(timeout=15)
    assert recording.returncode == 130
    assert said == "barfinex: interrupted before the recording began: there is no file\n"
    assert not list(tmp_path.glob("*.jsonl"))


def opened(*seconds: float) -> str:
    return "".join(
        json.dumps({"ts_ns": int(at * 1e9), "kind": "open", "conn": f"{at}", "url": "wss://v"}) + "\n"
        for at in seconds
    )


def test_of_a_damaged_recording_everything_else_is_played_and_the_damage_told(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(header() + opened(1) + '{"ts_ns": 2, "ki\n\n' + opened(3) + '{"ts_')
    done = barfinex("replay", str(path), "--speed", "0", "--json", home=tmp_path)
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(event["kind"], event["timestamp"]) for event in events] == [
        ("connected", 1000),
        ("gap", 3000),
        ("connected", 3000),
    ]
    assert "line 3" in events[1]["reason"]
    assert done.returncode == 1
    (told,) = done.stderr.splitlines()
    assert "a.jsonl, line 3" in told
    assert "1 more" in told


CASES = Path(__file__).resolve().parents[4] / "shared" / "cases"


@pytest.mark.skipif(not CASES.exists(), reason="the cases are not beside this checkout")
def test_the_readable_lines_of_a_damaged_archive_are_played(tmp_path: Path) -> None:
    path = CASES / "damaged-at-three-quarters.jsonl.gz"
    readable = len(list(RecordingReader(path)))
    done = barfinex("replay", str(path), "--speed", "0", "--json", home=tmp_path)
    assert done.returncode == 1
    assert readable > 20
    assert done.stdout.count("\n") >= readable - 3
    assert "damaged" in done.stderr


def test_a_hole_is_passed_over_and_told(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(header() + opened(1, 1.1, 7201.1, 7201.2))
    done = barfinex("replay", str(path), "--max-idle", "0.2", "--json", home=tmp_path, timeout=50)
    assert done.returncode == 0
    assert [json.loads(line)["timestamp"] for line in done.stdout.splitlines()] == [
        1000,
        1100,
        7_201_100,
        7_201_200,
    ]
    assert done.stderr == "barfinex: nothing happened for 2:00:00: passed over\n"
