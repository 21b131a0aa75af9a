"""What may import what, seen from outside: each case is a fresh interpreter."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

LOADED_AFTER = """
import contextlib, io, json, sys
with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
    {statement}
print(json.dumps(sorted(sys.modules)))
"""

EVERY_MODULE = """
    # httpx's own command imports rich where it finds pygments; that is not ours to prove.
    sys.modules["pygments"] = None
    import importlib, pkgutil
    for name in ("catalog", "connectors"):
        package = importlib.import_module(name)
        for module in pkgutil.walk_packages(package.__path__, name + "."):
            importlib.import_module(module.name)
"""


def loaded_after(statement: str) -> set[str]:
    """The modules that a fresh interpreter has once it has run the statement."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED_AFTER.format(statement=statement.strip())],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=ROOT,
        check=True,
    )
    return set(json.loads(done.stdout))


def packages(modules: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in modules}


def command(*arguments: str) -> str:
    return f"from tui.cli import run; run({list(arguments)!r})"


@pytest.mark.parametrize("name", ["catalog.catalog", "connectors.contracts", "connectors.runtime.manager"])
def test_the_library_draws_nothing(name: str) -> None:
    assert not packages(loaded_after(f"import {name}")) & {"textual", "rich", "tui", "typer"}


def test_no_module_of_the_library_imports_a_screen() -> None:
    modules = loaded_after(EVERY_MODULE)
    assert {"connectors.runtime.manager", "connectors.venues.binance.ws"} <= modules
    assert not packages(modules) & {"textual", "rich", "tui"}


def test_the_version_costs_nothing() -> None:
    modules = loaded_after(command("--version"))
    assert {name for name in modules if packages({name}) <= {"catalog", "connectors", "tui"}} <= {
        "tui",
        "tui.cli",
        "tui.version",
    }
    heavy = {"textual", "rich", "httpx", "keyring", "typer", "pydantic", "msgspec", "websockets", "asyncio"}
    assert not packages(modules) & heavy


def test_the_catalog_is_listed_without_screen_network_or_venue() -> None:
    modules = loaded_after(command("catalog", "--json"))
    assert "catalog.catalog" in modules
    assert not packages(modules) & {"textual", "rich", "httpx", "keyring", "websockets", "connectors"}


def test_help_of_every_command_is_cheap() -> None:
    for name in ("demo", "catalog", "credentials", "watch", "emulate"):
        modules = loaded_after(command(name, "--help"))
        assert "typer" in modules
        assert not packages(modules) & {"textual", "rich", "httpx", "keyring", "connectors"}


def test_the_app_brings_no_network_and_no_venue_before_it_paints() -> None:
    modules = loaded_after("import tui.app")
    assert "textual" in packages(modules)
    assert not packages(modules) & {"httpx", "keyring", "pydantic", "websockets", "msgspec", "typer"}
    later = ("catalog.catalog", "connectors.contracts", "connectors.streaming.", "connectors.venues.")
    assert not [name for name in modules if name.startswith(later)]


def test_a_venue_is_imported_by_its_activation_and_not_before() -> None:
    until_activation = """
    import asyncio
    from catalog.catalog import Catalog
    from catalog.model import MarketType
    from connectors.runtime.manager import ExchangeManager
    from connectors.runtime.vault import CredentialVault
    async def main():
        manager = ExchangeManager(Catalog.load(), CredentialVault())
        manager.instances()
        manager.entry_status("binance")
        before = [name for name in sys.modules if name.startswith("connectors.venues.")]
        assert not before, before
        try:
            await manager.activate(
                "binance", [MarketType.SPOT], environment="local",
                endpoints={"rest": "http://127.0.0.1:9", "ws": "ws://127.0.0.1:9", "ws_api": "ws://127.0.0.1:9"},
            )
        except Exception:
            pass  # nothing listens there; the code is loaded all the same
        await manager.close()
    asyncio.run(main())
"""
    modules = loaded_after(until_activation)
    assert "connectors.venues.binance" in modules


def test_imports_run_one_way() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([lint], capture_output=True, text=True, timeout=60, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout
