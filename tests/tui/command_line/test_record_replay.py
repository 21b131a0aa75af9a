"""`barfinex record` and `barfinex replay` as a person runs them, against `barfinex emulate`, over real sockets."""

import gzip
import json
import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.streaming.recording import RecordingReader
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
        (taken, "BTCUSDT", 2, "exists already"),
        (tmp_path / "b.jsonl", "BTCUSDT", 2, "b.2.jsonl exists already"),
        (tmp_path / "c.jsonl", "BTCUSD", 2, "did you mean 'BTCUSDT'"),
        (tmp_path / "no" / "c.jsonl", "BTCUSDT", 2, "No such file or directory"),
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
        (header("nobody"), 2, "unknown connector 'nobody'"),
        (header("oanda"), 2, "coming soon"),
        (header(market="options"), 2, "options"),
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
