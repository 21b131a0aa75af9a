"""Other people's packages on the command line: what they print is no data, and one that was skipped is named."""

import json
from pathlib import Path

import pytest

from tests.catalog.packages import install
from tests.connectors.scaffold.made import choices, made
from tests.tui.command_line.running import ROOT, barfinex

SHOUT = "\nimport os\nprint('a word of the package')\nos.system('echo a word of its child')\n"


@pytest.fixture
def noisy(tmp_path: Path) -> dict[str, str]:
    """A made package whose every module prints, installed; what a command's environment needs to see it."""
    (tmp_path / "project").mkdir()
    project = made(tmp_path / "project", choices("noisy", "trading"))
    for file in project.glob("barfinex_exchange_noisy/**/*.py"):
        file.write_text(file.read_text() + SHOUT)
    return {"PYTHONPATH": f"{project}:{ROOT}"}


def test_what_a_package_prints_is_no_data(tmp_path: Path, noisy: dict[str, str]) -> None:
    """Its local venue's first line, too, is ours."""
    home = tmp_path / "home"
    home.mkdir()
    done = barfinex(
        *("watch", "noisy", "BTCUSDT", "--environment", "local", "--json", "--count", "5"), home=home, **noisy
    )
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert len([event for event in events if event["event"] != "status"]) == 5
    assert "a word of the package" in done.stderr
    assert "a word of its child" in done.stderr
    (recording,) = tmp_path.glob("project/**/spot.jsonl.gz")
    done = barfinex("replay", str(recording), "--speed", "0", "--json", home=home, **noisy)
    assert done.returncode == 0, done.stderr
    assert all(json.loads(line) for line in done.stdout.splitlines())
    assert "a word of the package" in done.stderr


@pytest.mark.parametrize(
    "command", ["watch broken A", "credentials test broken", "record broken A -o a.jsonl"]
)
def test_a_package_that_was_skipped_is_named_with_its_reason(tmp_path: Path, command: str) -> None:
    install(tmp_path / "site", "broken", manifest_text="connector_type = 7\n")
    done = barfinex(*command.split(), home=tmp_path, PYTHONPATH=f"{tmp_path / 'site'}:{ROOT}")
    assert (done.returncode, done.stdout) == (1, ""), done.stderr
    assert done.stderr.count("\n") == 1
    assert "barfinex-broken" in done.stderr
    assert "connector_type" in done.stderr
