"""The example package, from its wheel to its removal: the app does not know of it, and works with it."""

import ast
import json
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.examples.installed import Installed, build_wheel
from tests.tui.command_line.running import ROOT

PROJECT = ROOT / "examples" / "barfinex-exchange-bitstamp"
PACKAGE = "barfinex_exchange_bitstamp"
PUBLIC = {"catalog.model", "connectors.contracts", "connectors.toolkit", "connectors.emulator.toolkit"}
STREAMED = ("bitstamp", "BTCUSDT", "--environment", "local", "--channels", "trades,book")

pytestmark = pytest.mark.xdist_group("example package")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(PROJECT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Installed:
    """The app with the package."""
    installed = Installed(tmp_path_factory.mktemp("app"))
    installed.install(wheel)
    return installed


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_it_is_written_with_the_public_contracts_alone() -> None:
    used: dict[str, set[str]] = {}
    for file in (PROJECT / PACKAGE).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names.append(str(node.module))
            for name in names:
                used.setdefault(name, set()).add(file.name)
    ours = {name for name in used if name.split(".")[0] in ("catalog", "connectors", "tui", "tests")}
    private = {name for name in ours if name not in PUBLIC and not name.startswith("connectors.contracts.")}
    assert private == set(), {name: used[name] for name in private}
    assert ours >= {"connectors.toolkit", "connectors.emulator.toolkit"}


def test_nothing_of_the_app_knows_of_it() -> None:
    for folder in ("catalog", "connectors", "tui"):
        for file in (ROOT / folder).rglob("*.py"):
            text = file.read_text(encoding="utf-8")
            assert PACKAGE not in text, file
            assert "bitstamp" not in text.lower(), file


def test_it_comes_into_the_catalog_unimported_and_goes_out_of_it(tmp_path: Path, wheel: Path) -> None:
    installed = Installed(tmp_path)
    # The command itself, and then whether a line of the package has run in its process.
    listing = (
        "import sys; from tui.cli import run; code = run(['catalog', '--json']); "
        f"sys.exit(code or sum(name.split('.')[0] == {PACKAGE!r} for name in sys.modules))"
    )

    def entry() -> dict[str, Any]:
        done = installed.run("-c", listing)
        assert done.returncode == 0, done.stderr
        (found,) = [each for each in lines(done.stdout) if each["connector_type"] == "bitstamp"]
        return found

    assert (entry()["maturity"], entry()["has_code"]) == ("coming_soon", False)
    installed.install(wheel)
    found = entry()
    assert (found["maturity"], found["has_code"], found["supported_markets"]) == (
        "experimental",
        True,
        ["spot"],
    )
    assert (found["features"]["trade_streaming"], found["features"]["candle_streaming"]) == (True, False)
    assert (installed.site / PACKAGE / "recordings" / "spot.jsonl.gz").is_file()
    installed.uninstall("barfinex-exchange-bitstamp")
    assert (entry()["maturity"], entry()["has_code"]) == ("coming_soon", False)


def test_it_is_watched_on_its_own_local_venue(app: Installed) -> None:
    events = lines(app.barfinex("watch", *STREAMED, "--json", "--count", "20"))
    assert len([event for event in events if event["event"] != "status"]) == 20
    by_kind = {event["event"]: event for event in events}
    assert by_kind["trade"]["symbol"] == "BTCUSDT"
    book = by_kind["order_book"]
    assert book["state"] == "SYNCED"
    assert book["bids"][0][0] < book["asks"][0][0]


def test_its_venue_is_served_for_anybody(app: Installed) -> None:
    process = subprocess.Popen(
        [app.python, "-P", "-m", "tui", "emulate", "bitstamp", "--json", "--port", "0"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        cwd=app.home,
        env=app.environment,
    )
    try:
        assert process.stdout is not None
        facts = json.loads(process.stdout.readline())
        assert facts["rest"].endswith("/api/v2")
        events = lines(
            app.barfinex(
                "watch",
                "bitstamp",
                "ETHBTC",
                "--url",
                facts["rest"],
                "--channels",
                "book",
                "--json",
                "--count",
                "3",
            )
        )
        assert {event["event"] for event in events} == {"status", "order_book"}
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=15)
    assert process.returncode == 0


def test_what_it_hears_is_recorded_and_played_again(app: Installed) -> None:
    app.barfinex("record", *STREAMED, "--count", "40", "-o", "played.jsonl.gz")
    events = lines(app.barfinex("replay", "played.jsonl.gz", "--speed", "0", "--json"))
    assert {event["symbol"] for event in events if event["event"] == "trade"} == {"BTCUSDT"}
    assert any(event["event"] == "order_book" and event["state"] == "SYNCED" for event in events)


def test_it_conforms(app: Installed) -> None:
    done = app.run("-m", "tui", "connector", "check", "bitstamp", "--json")
    *cases, _ = lines(done.stdout)
    verdicts = {case["case"]: case for case in cases if case.get("verdict") in ("failed", "blocked")}
    assert (done.returncode, verdicts) == (0, {}), done.stderr[-2_000:]


def test_its_own_tests_pass(app: Installed) -> None:
    done = app.run("-m", "pytest", "-q", "-p", "no:cacheprovider", str(PROJECT / "tests"), cwd=PROJECT)
    assert done.returncode == 0, done.stdout[-6_000:]
