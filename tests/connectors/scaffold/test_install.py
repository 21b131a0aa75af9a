"""One generated package, really built and installed, and used by the real command."""

import json
import subprocess
import sys
from pathlib import Path

from tests.connectors.scaffold.made import choices
from tests.tui.command_line.running import ROOT, barfinex


def test_it_is_installed_listed_watched_and_emulated(tmp_path: Path) -> None:
    home, site = tmp_path / "home", tmp_path / "site"
    home.mkdir()
    made = barfinex("connector", "new", "acme", home=home)
    assert made.returncode == 0, made.stderr
    project = home / choices("acme").distribution
    installed = subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"),
            *("--no-index", "--target", str(site), str(project)),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert installed.returncode == 0, installed.stderr
    package = site / "barfinex_exchange_acme"
    for name in ("manifest.toml", "py.typed", "recordings/spot.jsonl.gz", "emulator/dialect.py"):
        assert (package / name).is_file()
    path = f"{site}:{ROOT}"
    listed = barfinex("catalog", "--search", "acme", "--json", home=home, PYTHONPATH=path)
    assert json.loads(listed.stdout)["maturity"] == "experimental"
    watched = barfinex(
        *("watch", "acme", "BTCUSDT", "--environment", "local", "--json", "--count", "5"),
        home=home,
        PYTHONPATH=path,
    )
    assert watched.returncode == 0, watched.stderr
    events = [json.loads(line) for line in watched.stdout.splitlines()]
    assert {event["event"] for event in events} >= {"order_book", "candle", "price"}
    checked = barfinex(
        *("connector", "check", "acme", "--case", "M0*,I0*,B0*,A0*,R0*,Y0*,T0*", "--json"),
        home=home,
        PYTHONPATH=path,
    )
    assert checked.returncode == 0, checked.stdout
