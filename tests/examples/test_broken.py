"""Broken packages beside a sound one, all in one process: each is told with its reason, and none harms another."""

import asyncio
import importlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from catalog.catalog import Catalog
from catalog.model import LOCAL, MarketType
from connectors.contracts import TradeOptions
from connectors.emulator.emulator import Emulator, EmulatorOptions
from connectors.runtime import activation
from connectors.runtime.instances import ConnectorStatus, Instance
from connectors.runtime.manager import ExchangeManager
from connectors.runtime.stores.session_memory import SessionMemoryStore
from connectors.runtime.vault import CredentialVault
from tests.catalog.packages import manifest, write_metadata, write_package
from tests.connectors.runtime import plugin_code
from tests.tui.command_line.running import ROOT, barfinex

SOUND = "barfinex_exchange_bitstamp"
KEYS = {"apiKey": "a-key", "apiSecret": "a-secret"}


@dataclass(frozen=True)
class Broken:
    """`code` is that of the module which the entry point names; `reason` is what is told of it."""

    code: str
    reason: str


ON_ACTIVATION = {
    "raises": Broken("raise ValueError('no such luck')\n", "ValueError: no such luck"),
    "exits": Broken(plugin_code.EXITS, "SystemExit: 3"),
    "hangs": Broken("import threading\nthreading.Event().wait(30)\n", "its import took longer than 1 s"),
    "needy": Broken(plugin_code.IMPORT_ERROR, "No module named 'a_package_that_is_not_installed'"),
    "empty": Broken("", "cannot be imported: AttributeError"),
    "takesnone": Broken("def create_connector():\n    return None\n", "it failed to start: TypeError"),
    "leaves": Broken("import sys\n\ndef create_connector(context):\n    sys.exit(4)\n", "SystemExit: 4"),
    "wrongmade": Broken(plugin_code.WRONG_OBJECT, "it returned a dict, not an ExchangeConnectorBundle"),
    "incomplete": Broken(plugin_code.INCOMPLETE, "ws.subscribe_to_candles is missing"),
}
IN_CATALOG = {
    "typeless": (manifest("typeless").replace('segment = "CRYPTO_OTHER"', ""), "missing"),
    "nottoml": ("connector_type = [", "not TOML"),
    "othertype": (manifest("acme"), "the manifest is for 'acme', the entry point for 'othertype'"),
    "later": (
        "contract = 9\n" + manifest("later"),
        "written for contract 9, but this release speaks contract 1",
    ),
    "binance": (manifest("binance"), "the type 'binance' is taken by Binance; choose another"),
    "lost": (None, "its package 'broken_lost' has no manifest.toml"),
}


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """All the broken packages and, from the project's own folder, the sound one."""
    folder = tmp_path / "site"
    folder.mkdir()
    for name, (text, _) in IN_CATALOG.items():
        _lay(folder, name, text, "raise RuntimeError('imported')\n")
    for name, broken in ON_ACTIVATION.items():
        _lay(folder, name, manifest(name), broken.code)
    (folder / SOUND).symlink_to(ROOT / "examples" / "barfinex-exchange-bitstamp" / SOUND)
    write_metadata(folder, "barfinex-exchange-bitstamp", {"bitstamp": f"{SOUND}:create_connector"})
    monkeypatch.syspath_prepend(str(folder))
    yield folder
    for module in [name for name in sys.modules if name.split(".")[0] == SOUND or name.startswith("broken_")]:
        del sys.modules[module]


def _lay(folder: Path, name: str, manifest_text: str | None, code: str) -> None:
    package = f"broken_{name}"
    write_package(folder, package, manifest_text)
    (folder / package / "__init__.py").write_text("")
    (folder / package / "connector.py").write_text(code)
    write_metadata(folder, f"broken-{name}", {name: f"{package}.connector:create_connector"})


def test_the_catalog_tells_of_each_and_keeps_the_rest(site: Path, tmp_path: Path) -> None:
    done = barfinex("catalog", "--search", "bitstamp", home=tmp_path, PYTHONPATH=f"{site}:{ROOT}")
    assert done.returncode == 0
    told = dict(line.removeprefix("barfinex: skipped ").split(" ", 1) for line in done.stderr.splitlines())
    assert told.keys() == IN_CATALOG.keys()
    for name, (_, reason) in IN_CATALOG.items():
        assert reason in told[name]
    assert "experimental" in done.stdout


async def test_activating_them_all_at_once_leaves_the_sound_one_at_work(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(activation, "IMPORT_TIMEOUT", 1.0)
    vault = CredentialVault(SessionMemoryStore(), folder=tmp_path / "config")
    manager = ExchangeManager(Catalog.load(), vault)
    venue = importlib.import_module(f"{SOUND}.emulator")
    async with Emulator("bitstamp", EmulatorOptions(seed=1, rate=20), module=venue) as emulator:

        async def activated(name: str) -> Instance:
            sound = name == "bitstamp"
            (instance,) = await manager.activate(
                name,
                [MarketType.SPOT],
                environment=LOCAL if sound else "live",
                credentials={} if sound else KEYS,
                endpoints=emulator.endpoints if sound else None,
            )
            return instance

        try:
            instances = await asyncio.gather(*map(activated, [*ON_ACTIVATION, "bitstamp"]))
            *broken, sound = instances
            for instance, (name, expected) in zip(broken, ON_ACTIVATION.items(), strict=True):
                assert instance.status is ConnectorStatus.ERROR, name
                assert expected.reason in str(instance.error), name
            assert (sound.status, sound.error) == (ConnectorStatus.ACTIVE, None)
            traded = asyncio.Event()
            bundle = manager.bundle("bitstamp", MarketType.SPOT)
            options = TradeOptions(
                market_type=MarketType.SPOT, instruments=[bundle.client.instrument("BTCUSDT")]
            )
            await bundle.ws.subscribe_to_trade(options, lambda trade: traded.set())
            await asyncio.wait_for(traded.wait(), 10)
        finally:
            await manager.close()
