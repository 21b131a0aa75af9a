"""The kit in pytest, in a run of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.connectors.conformance.projects import project
from tests.tui.command_line.running import environment


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run_pytest(folder, "-p", "barfinex.pytest_plugin", *arguments)


def run_pytest(
    folder: Path, *arguments: str, start: tuple[str, ...] = (sys.executable, "-m", "pytest")
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*start, "-p", "no:cacheprovider", "-v", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=folder,
        env=environment(folder),
        check=False,
    )


@pytest.fixture
def author(tmp_path: Path) -> Path:
    """An author's project with a test and asyncio settings of its own, and a connector that makes no bundle."""
    project(tmp_path)
    (tmp_path / "pytest.ini").write_text("[pytest]\nasyncio_mode = strict\n")
    (tmp_path / "test_own.py").write_text(
        "import asyncio, pytest\n\n"
        "@pytest.mark.asyncio\nasync def test_own():\n    await asyncio.sleep(0)\n\n"
        "def test_last():\n    asyncio.run(asyncio.sleep(0))\n"
    )
    return tmp_path


def test_every_case_is_an_item_with_its_own_words(author: Path) -> None:
    done = run(author, "--barfinex-connector", ".", "-k", "own or M01 or B01 or B02 or I04 or last")
    assert done.returncode == 1, done.stdout
    assert "test_own.py::test_own PASSED" in done.stdout
    assert "test_own.py::test_last PASSED" in done.stdout
    assert "barfinex::acme::M01 PASSED" in done.stdout
    assert "barfinex::acme::spot::B01 FAILED" in done.stdout
    assert (
        "B01 A complete bundle is made: failed\nUnsupportedMarket: 'acme' has no market 'spot'" in done.stdout
    )
    assert "B02 Making it does nothing: blocked\nB01 failed: UnsupportedMarket" in done.stdout
    assert "pytest_plugin.py" not in done.stdout
    assert "Traceback" not in done.stdout


def test_a_case_that_is_not_claimed_is_skipped_with_the_reason(author: Path) -> None:
    package = author / "src" / "barfinex_acme"
    text = (package / "manifest.toml").read_text().replace("trade_streaming = true", "")
    addresses = "".join(f'{name} = "wss://api.example.com"\n' for name in ("ws", "ws_api"))
    (package / "manifest.toml").write_text(text + addresses)
    (package / "connector.py").write_text("from connectors.venues.binance import create_connector\n")
    done = run(author, "--barfinex-connector", ".", "-k", "R01", "-rs")
    assert done.returncode == 0, done.stdout
    assert "barfinex::acme::spot::R01 SKIPPED" in done.stdout
    assert "the manifest claims no streams" in done.stdout


def test_it_is_named_in_the_settings_too_and_spread_over_processes(author: Path) -> None:
    (author / "pytest.ini").write_text("[pytest]\nbarfinex_connector =\n    .\n    binance\n")
    done = run(author, "-n2", "-k", "M0")
    assert done.returncode == 1, done.stdout
    assert "PASSED barfinex::binance::M05" in done.stdout
    assert "PASSED barfinex::acme::M01" in done.stdout
    assert "FAILED barfinex::acme::M02" in done.stdout


def test_an_unknown_connector_is_bad_usage(author: Path) -> None:
    done = run(author, "--barfinex-connector", "binanse")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "--barfinex-connector: unknown connector 'binanse'" in done.stderr


def test_named_it_costs_nothing_but_its_own_import(author: Path) -> None:
    (author / "test_own.py").write_text(
        "import sys\n\n"
        "def test_own():\n"
        "    roots = ('barfinex', 'catalog', 'connectors', 'tui')\n"
        "    ours = {name for name in sys.modules if name.partition('.')[0] in roots}\n"
        "    assert ours == {'barfinex', 'barfinex.pytest_plugin'}\n"
        "    assert 'pydantic' not in sys.modules and 'msgspec' not in sys.modules\n"
    )
    done = run(author)
    assert done.returncode == 0, done.stdout


def test_not_asked_for_it_is_not_there(author: Path) -> None:
    done = run_pytest(author, "--barfinex-connector", ".")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "unrecognized arguments: --barfinex-connector" in done.stderr


@pytest.mark.parametrize("start", ["pytest", "python -m pytest"])
@pytest.mark.parametrize("package", [True, False], ids=["package", "folder"])
def test_a_project_with_packages_named_as_ours_has_its_own(tmp_path: Path, start: str, package: bool) -> None:
    for name in ("connectors", "catalog", "tui"):
        folder = tmp_path / name
        folder.mkdir()
        # Beside a package of ours a folder without `__init__.py` is no package: Python says so, not pytest.
        module = f"{name}.mine" if package else f"mine_{name}"
        (tmp_path / f"{module.replace('.', '/')}.py").write_text(f"NAME = 'mine {name}'\n")
        (folder / f"test_{name}.py").write_text(
            f"from {module} import NAME\n\ndef test_it():\n    assert NAME == 'mine {name}'\n"
        )
        if package:
            (folder / "__init__.py").write_text("")
    (tmp_path / "conftest.py").write_text("")
    command = (
        (str(Path(sys.executable).with_name("pytest")),)
        if start == "pytest"
        else (sys.executable, "-m", "pytest")
    )
    done = run_pytest(tmp_path, start=command)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 passed" in done.stdout
