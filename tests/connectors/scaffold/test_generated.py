"""The packages that are made: clean, in the catalog, playing their recordings, and saying no more than they do."""

import subprocess
import sys
from pathlib import Path

import pytest

from catalog.catalog import Catalog
from catalog.model import CatalogEntry
from connectors.contracts import BookState, LiveBook, StreamStatus
from connectors.contracts.services import Candle, Price, Trade
from connectors.runtime.playback import open_recording
from connectors.scaffold.choices import STREAMS, Feature
from connectors.scaffold.project import project_files
from connectors.streaming.replay import Replay
from tests.connectors.scaffold.made import VARIANTS, choices, installed, made
from tests.tui.command_line.running import COMMAND, environment

ROOT = Path(__file__).resolve().parents[3]


def tool(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("variant", VARIANTS)
def test_it_is_clean_by_its_own_settings(tmp_path: Path, variant: str) -> None:
    chosen = choices("a-rather-long-name-for-a-new-connector", variant)
    for path, text in project_files(chosen, "0.1.0").items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    for command in (("check", "--no-cache"), ("format", "--check", "--no-cache")):
        done = tool(tmp_path, "ruff", *command, ".")
        assert done.returncode == 0, done.stdout + done.stderr
    left = [path for path in tmp_path.rglob("*") if path.suffix == ".txt" or "$" in path.name]
    assert not left


@pytest.mark.parametrize("variant", ["trading", "http", "polled-trading"])
def test_it_is_typed_strictly(tmp_path: Path, variant: str) -> None:
    project = made(tmp_path, choices("typed", variant))
    done = subprocess.run(
        [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, str(project)],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
        env={"PATH": "/usr/bin:/bin", "HOME": str(Path.home()), "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_catalog_shows_what_it_does_without_its_code(tmp_path: Path, variant: str) -> None:
    chosen = choices("shown", variant)
    project = made(tmp_path, chosen)
    with installed(project, chosen):
        entry = Catalog.load().get("shown")
        assert chosen.package not in sys.modules
    assert entry is not None
    assert entry.display_name == "Shown"
    assert entry.supported_markets == chosen.markets
    assert set(entry.environments) == {"live", "local"}
    assert claimed(entry) == chosen.features - {Feature.PRICES}
    assert bool(entry.credentials) == (chosen.keys.value != "none")


def claimed(entry: CatalogEntry) -> set[Feature]:
    features = {
        Feature.TRADES: entry.features.trade_streaming,
        Feature.BOOKS: entry.features.orderbook_streaming,
        Feature.CANDLES: entry.features.candle_streaming,
        Feature.HISTORY: entry.features.historical_data,
        Feature.ORDERS: entry.features.order_execution,
    }
    return {feature for feature, on in features.items() if on}


class Told:
    """An `EventConsumer` that counts."""

    def __init__(self) -> None:
        self.heard: set[Feature] = set()
        self.faults: list[str] = []

    def trade(self, trade: Trade) -> None:
        self.heard.add(Feature.TRADES)

    def book(self, book: LiveBook) -> None:
        if book.state is BookState.SYNCED:
            self.heard.add(Feature.BOOKS)

    def candle(self, candle: Candle) -> None:
        self.heard.add(Feature.CANDLES)

    def price(self, price: Price) -> None:
        self.heard.add(Feature.PRICES)

    def status(self, status: StreamStatus) -> None:
        if status.kind != "connected":
            self.faults.append(status.kind)


@pytest.mark.parametrize("variant", [name for name in VARIANTS if name != "past"])
def test_its_recordings_are_played_whole(tmp_path: Path, variant: str) -> None:
    chosen = choices("played", variant)
    project = made(tmp_path, chosen)
    with installed(project, chosen):
        for market in chosen.markets:
            told = Told()
            playback = open_recording(
                Catalog.load(), project / chosen.package / "recordings" / f"{market.value}.jsonl.gz"
            )
            replay = Replay(playback.venue(), told)
            for event in playback.reader:
                replay.play(event)
            assert replay.frames > 20
            assert (replay.unrouted, replay.bad, told.faults) == (0, 0, [])
            assert told.heard == chosen.features.intersection(STREAMS)
            assert len(replay.instruments) == 13


def test_a_connector_that_streams_nothing_brings_no_recording(tmp_path: Path) -> None:
    project = made(tmp_path, choices("silent", "past"))
    assert not list(project.rglob("*.jsonl*"))


def test_nothing_of_it_stays_imported_and_no_byte_code_is_left(tmp_path: Path) -> None:
    chosen = choices("traceless")
    project = made(tmp_path, chosen)
    assert not [name for name in sys.modules if name.startswith(chosen.package)]
    assert not list(project.rglob("__pycache__"))
    assert str(project) not in sys.path
    assert not [item for item in tmp_path.iterdir() if item != project]


@pytest.mark.parametrize("variant", ["plain", "http", "polled"])
def test_its_own_tests_pass(tmp_path: Path, variant: str) -> None:
    chosen = choices("tested", variant)
    project = made(tmp_path, chosen)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-o", "barfinex_connector=", "-p", "no:cacheprovider"],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "PYTHONPATH": f"{project}:{ROOT}"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("variant", VARIANTS)
def test_it_passes_the_whole_kit(tmp_path: Path, variant: str) -> None:
    project = made(tmp_path, choices("proven", variant))
    done = subprocess.run(
        [*COMMAND, "connector", "check", str(project)],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
        env=environment(tmp_path),
    )
    assert done.returncode == 0, done.stdout
