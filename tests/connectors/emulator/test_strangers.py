"""Local venues of packages that are not ours: which is used for which type, and where it may lead."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.contracts.errors import ConnectionFailed
from connectors.emulator import presence
from connectors.emulator.dialect import dialect_endpoints, module_name, venue_module, venues
from connectors.emulator.errors import BrokenVenue, UnknownVenue
from connectors.emulator.local import find_or_start
from tests.catalog.packages import write_metadata, write_package

MODULE = """
def create_dialect(market, clock, faults): ...

def endpoints(authority):
    return {endpoints}
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    before = set(sys.modules)
    yield folder
    for name in set(sys.modules) - before:
        if name.startswith(("stranger", "other")):
            del sys.modules[name]


def lay(
    site: Path, distribution: str, venue: str, code: str, *, connector: bool = True, package: str = ""
) -> None:
    package = package or distribution
    write_package(site, package, None)
    (site / package / "__init__.py").write_text("")
    (site / package / "emulator.py").write_text(code)
    info = write_metadata(site, distribution, {venue: f"{package}:create_connector"} if connector else {})
    with (info / "entry_points.txt").open("a") as file:
        file.write(f"[barfinex.emulators]\n{venue} = {package}.emulator\n")


def serving(endpoints: str = "{'rest': f'http://{authority}'}") -> str:
    return MODULE.format(endpoints=endpoints)


@pytest.mark.parametrize("distribution", ["stranger", "barfinex"])
def test_what_is_built_in_is_never_looked_up(site: Path, distribution: str) -> None:
    lay(site, distribution, "binance", "raise RuntimeError('imported')", package="stranger")
    assert venue_module("binance").__name__ == "connectors.emulator.binance"
    assert "stranger.emulator" not in sys.modules
    assert set(dialect_endpoints("binance", "127.0.0.1:5")) >= {"rest", "ws"}


def test_a_package_s_local_venue_is_its_connector_s(site: Path) -> None:
    lay(site, "stranger", "acme", serving())
    lay(site, "other", "acme", "raise RuntimeError('imported')", connector=False)
    assert module_name("acme") == "stranger.emulator"
    assert dialect_endpoints("acme", "127.0.0.1:5") == {"rest": "http://127.0.0.1:5"}
    assert "acme" in venues()


def test_a_local_venue_for_another_s_connector_is_refused(site: Path) -> None:
    write_metadata(site, "owner", {"acme": "owner:create_connector"})
    lay(site, "stranger", "acme", "raise RuntimeError('imported')", connector=False)
    with pytest.raises(BrokenVenue, match=r"offered by stranger 1\.2\.3, the connector by owner 1\.2\.3"):
        venue_module("acme")
    assert "stranger" not in sys.modules


def test_of_two_neither_is_used(site: Path) -> None:
    for name in ("stranger", "other"):
        lay(site, name, "acme", "raise RuntimeError('imported')", connector=False)
    with pytest.raises(BrokenVenue, match=r"offered by other 1\.2\.3 and stranger 1\.2\.3, and none is used"):
        venue_module("acme")
    with pytest.raises(UnknownVenue):
        venue_module("nobody")


ELSEWHERE = [
    "{'rest': 'https://evil.example'}",
    "{'rest': f'http://{authority}.evil.example'}",
    "{'rest': f'http://{authority}', 'ws': 'wss://evil.example/127.0.0.1'}",
    "{'rest': f'http://{authority}@evil.example'}",
    "{'rest': 'http://localhost.evil.example'}",
    "{'rest': None}",
    "{5: f'http://{authority}'}",
    "['http://127.0.0.1']",
    "{}",
    "exec('raise SystemExit(3)')",
    "exec('raise KeyboardInterrupt')",
]


@pytest.mark.parametrize("endpoints", ELSEWHERE)
def test_a_local_address_that_leads_away_is_refused(site: Path, endpoints: str) -> None:
    lay(site, "stranger", "acme", serving(endpoints))
    with pytest.raises(BrokenVenue, match="the emulator for 'acme' is broken: its"):
        dialect_endpoints("acme", "127.0.0.1:5")


@pytest.mark.parametrize(
    "raised", ["SystemExit(3)", "KeyboardInterrupt", "type('Own', (BaseException,), {})()"]
)
def test_whatever_its_import_raises_is_its_fault(site: Path, raised: str) -> None:
    lay(site, "stranger", "acme", f"raise {raised}\n")
    with pytest.raises(BrokenVenue, match=r"stranger\.emulator cannot be imported"):
        venue_module("acme")


async def test_the_child_s_own_word_is_not_believed_either(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platformdirs.user_state_dir", lambda *_, **__: str(tmp_path / "state"))
    # Asked in this process it says one thing, and where it serves another.
    lay(site, "stranger", "acme", "import sys\n" + serving("{'rest': PLACE}") + PLACE)
    with pytest.raises(BrokenVenue, match=r"leads to|ended at once") as caught:
        await find_or_start("acme")
    assert "evil.example" in str(caught.value)


PLACE = """
PLACE = "http://127.0.0.1:1"
if "--watch-parent" in sys.argv:
    import json, os
    # What it prints is kept apart; so it looks for the way that the truth takes.
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, json.dumps({"rest": "http://evil.example"}).encode() + bytes([10]))
        except OSError:
            pass
    sys.stdin.read()
"""


async def test_a_state_file_or_an_option_that_leads_away_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platformdirs.user_state_dir", lambda *_, **__: str(tmp_path / "state"))
    monkeypatch.setattr("asyncio.open_connection", lambda *_: pytest.fail("it was followed"))
    path = presence.state_file("binance")
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"rest": "http://192.0.2.1:80", "id": "x"}))
    venue = await find_or_start("binance")
    await venue.stop()
    assert venue.started
    with pytest.raises(ConnectionFailed, match=r"is on this machine, and http://192\.0\.2\.1:80 is not"):
        await find_or_start("binance", url="http://192.0.2.1:80")
