"""`barfinex watch` against `barfinex emulate`, over real sockets."""

import json
import signal
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.emulator import EmulatorProcess
from tests.tui.command_line.running import COMMAND, barfinex, environment

Event = dict[str, Any]
ALL = "trades,book,candles,prices"
KIND_OF_CHANNEL = {"trades": "trade", "book": "order_book", "candles": "candle", "prices": "price"}


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatorProcess]:
    with EmulatorProcess(tmp_path_factory.mktemp("emulator"), "--rate", "20") as process:
        yield process


class Watch:
    """A running `barfinex watch --json`."""

    def __init__(self, home: Path, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [*COMMAND, "watch", "binance", "BTCUSDT", "--json", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=home,
            env=environment(home),
        )

    def until(self, wanted: Callable[[Event], bool]) -> list[Event]:
        """The events up to the first that is wanted. The test's timeout is the process's end."""
        assert self.process.stdout is not None
        seen: list[Event] = []
        for line in self.process.stdout:
            seen.append(json.loads(line))
            if wanted(seen[-1]):
                return seen
        raise AssertionError(f"it ended after {Counter(event['event'] for event in seen)}: {self._errors()}")

    def _errors(self) -> str:
        assert self.process.stderr is not None
        return self.process.stderr.read()

    def end(self, how: signal.Signals = signal.SIGINT) -> tuple[int, str]:
        """Its exit code and what it said on stderr."""
        self.process.send_signal(how)
        _, errors = self.process.communicate(timeout=15)
        return self.process.returncode, errors


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Callable[..., Watch]]:
    started: list[Watch] = []

    def start(*arguments: str) -> Watch:
        started.append(Watch(tmp_path, *arguments))
        return started[-1]

    yield start
    for each in started:
        if each.process.poll() is None:
            each.process.kill()
            each.process.communicate(timeout=15)


def is_kind(*kinds: str) -> Callable[[Event], bool]:
    return lambda event: event["event"] == "status" and event["kind"] in kinds


def is_data(event: Event) -> bool:
    return event["event"] != "status"


def check_book(book: Event, depth: int = 20) -> None:
    bids, asks = book["bids"], book["asks"]
    assert book["state"] == "SYNCED"
    assert 0 < len(bids) <= depth
    assert 0 < len(asks) <= depth
    assert [price for price, _ in bids] == sorted({price for price, _ in bids}, reverse=True)
    assert [price for price, _ in asks] == sorted({price for price, _ in asks})
    assert bids[0][0] < asks[0][0]
    assert all(quantity > 0 for _, quantity in (*bids, *asks))


def check(event: Event, market: str = "spot") -> None:
    assert (event["connector"], event["market"]) == ("binance", market)
    match event["event"]:
        case "trade":
            assert event["symbol"] == "BTCUSDT"
            assert event["side"] in ("buy", "sell")
            assert event["price"] > 0
            assert event["quantity"] > 0
            assert event["trade_id"]
        case "order_book":
            check_book(event)
        case "candle":
            assert event["interval"] == "1m"
            assert event["timestamp"] % 60_000 == 0
            assert event["low"] <= min(event["open"], event["close"])
            assert event["high"] >= max(event["open"], event["close"])
        case "price":
            assert event["price"] > 0
        case kind:
            assert kind == "status"


def test_it_prints_as_many_well_formed_events_as_were_asked_for(
    emulator: EmulatorProcess, tmp_path: Path
) -> None:
    done = barfinex(
        *(
            "watch",
            "binance",
            "BTCUSDT",
            "--environment",
            "local",
            "--channels",
            ALL,
            "--json",
            "--count",
            "200",
        ),
        *("--url", emulator.rest),
        home=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(list(filter(is_data, events))) == 200
    assert {event["environment"] for event in events} == {"local"}
    for event in events:
        check(event)
    counted = Counter(event["event"] for event in events)
    assert all(counted[kind] for kind in KIND_OF_CHANNEL.values()), counted
    assert done.stderr == ""


def test_futures_are_watched_on_the_same_emulator(emulator: EmulatorProcess, tmp_path: Path) -> None:
    done = barfinex(
        *("watch", "binance", "BTCUSDT", "--market", "futures", "--environment", "local"),
        *("--channels", ALL, "--json", "--count", "200", "--url", emulator.rest),
        home=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(list(filter(is_data, events))) == 200
    for event in events:
        check(event, "futures")
    counted = Counter(event["event"] for event in events)
    assert all(counted[kind] for kind in KIND_OF_CHANNEL.values()), counted


@pytest.mark.parametrize("channel", KIND_OF_CHANNEL)
def test_a_channel_alone_prints_nothing_else(channel: str, emulator: EmulatorProcess, tmp_path: Path) -> None:
    done = barfinex(
        *(
            "watch",
            "binance",
            "btc_usdt",
            "--channels",
            channel,
            "--json",
            "--count",
            "3",
            "--url",
            emulator.rest,
        ),
        home=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    kinds = [json.loads(line)["event"] for line in done.stdout.splitlines()]
    assert [kind for kind in kinds if kind != "status"] == [KIND_OF_CHANNEL[channel]] * 3


def test_people_get_columns(emulator: EmulatorProcess, tmp_path: Path) -> None:
    done = barfinex(
        *("watch", "binance", "BTCUSDT", "--count", "20", "--depth", "5", "--url", emulator.rest),
        home=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len([line for line in lines if "  local  status " not in line]) == 20
    assert all("  local  " in line for line in lines)
    for word in ("trade ", "order_book ", "candle ", "price "):
        assert any(f"  {word}" in line for line in lines), word
    assert "\x1b" not in done.stdout


def test_without_an_emulator_it_starts_one_and_takes_it_along(tmp_path: Path) -> None:
    done = barfinex("watch", "binance", "BTCUSDT", "--json", "--count", "20", home=tmp_path)
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(list(filter(is_data, events))) == 20
    assert {event["environment"] for event in events} == {"local"}
    assert done.stderr == "barfinex: environment: local (another: --environment)\n"
    assert not processes_of(tmp_path)


def processes_of(home: Path) -> list[str]:
    """The command lines of the processes that were started in this home folder."""
    found: list[str] = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"HOME={home}".encode() in (process / "environ").read_bytes().split(b"\0"):
                found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:  # it ended, or may not be read
            continue
    return found


def test_an_unknown_symbol_is_named_with_the_one_that_was_meant(
    emulator: EmulatorProcess, tmp_path: Path
) -> None:
    done = barfinex("watch", "binance", "BTCUSD", "--url", emulator.rest, home=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("barfinex: unknown symbol 'BTCUSD' on binance spot; did you mean 'BTCUSDT'")
    assert done.stderr.count("\n") == 1


def test_no_emulator_at_the_url_is_a_failure_in_one_line(tmp_path: Path) -> None:
    done = barfinex("watch", "binance", "BTCUSDT", "--url", "http://127.0.0.1:9", home=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("barfinex: ")
    assert done.stderr.count("\n") == 1
    assert "127.0.0.1:9" in done.stderr


def test_after_the_emulator_died_everything_comes_back_by_itself(
    tmp_path: Path, watch: Callable[..., Watch]
) -> None:
    with EmulatorProcess(tmp_path) as emulator:
        watching = watch("--url", emulator.rest)
        heard: set[str] = set()

        def heard_all(event: Event) -> bool:
            heard.add(event["event"])
            return set(KIND_OF_CHANNEL.values()) <= heard

        watching.until(heard_all)
        emulator.kill()
        watching.until(is_kind("lost"))
        waiting = watching.until(is_kind("reconnecting"))[-1]
        assert waiting["retry_in_ms"] is not None
        emulator.start()
        between = watching.until(is_kind("connected"))
        assert not [event for event in between if event["event"] == "order_book"]
        heard.clear()
        for event in watching.until(heard_all):
            check(event)
        assert watching.end() == (0, "")


def test_the_emulator_that_somebody_runs_is_found(tmp_path: Path, watch: Callable[..., Watch]) -> None:
    with EmulatorProcess(tmp_path) as emulator:
        watching = watch("--environment", "local")
        watching.until(is_data)
        assert emulator.stop() == 0
        watching.until(is_kind("lost"))
        assert watching.end() == (0, "")


def test_ctrl_c_ends_an_endless_watch_well_and_a_counted_one_as_interrupted(
    emulator: EmulatorProcess, watch: Callable[..., Watch]
) -> None:
    endless = watch("--url", emulator.rest)
    counted = watch("--url", emulator.rest, "--count", "100000")
    terminated = watch("--url", emulator.rest)
    for each in (endless, counted, terminated):
        each.until(is_data)
    assert endless.end() == (0, "")
    assert counted.end() == (130, "")
    assert terminated.end(signal.SIGTERM) == (0, "")


def test_a_reader_that_leaves_ends_it_quietly(emulator: EmulatorProcess, watch: Callable[..., Watch]) -> None:
    watching = watch("--url", emulator.rest)
    watching.until(is_data)
    assert watching.process.stdout is not None
    watching.process.stdout.close()
    assert watching.process.wait(15) == 0
    assert watching.process.stderr is not None
    assert watching.process.stderr.read() == ""


def test_the_emulator_says_its_urls_and_leaves_on_ctrl_c(tmp_path: Path) -> None:
    with EmulatorProcess(tmp_path) as emulator:
        assert emulator.urls["rest"].startswith("http://127.0.0.1:")
        assert emulator.urls["ws"].startswith("ws://127.0.0.1:")
        assert emulator.stop() == 0
