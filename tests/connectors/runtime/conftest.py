"""Connector packages on disk with a venue on loopback, and a vault in a folder of the test's own."""

import asyncio
import logging
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from catalog.catalog import Catalog
from connectors.runtime import redaction
from connectors.runtime.manager import ExchangeManager
from connectors.runtime.stores.session_memory import SessionMemoryStore
from connectors.runtime.vault import CredentialVault
from tests.catalog.packages import manifest, write_metadata
from tests.connectors.runtime import plugin_code

Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Write a connector package and put it on `sys.path`."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))
    packages: list[str] = []

    def write(
        name: str = "acme", code: str = plugin_code.WORKING, *, keyless: bool = False, segment: str = ""
    ) -> None:
        package = f"plugin_{name}_{tmp_path.name}".replace("-", "_")
        text = manifest(name, name.title()).replace('["spot"]', '["spot", "margin"]')
        text = text.replace(
            'maturity = "beta"', f'maturity = "beta"\nkeyless_market_data = {str(keyless).lower()}'
        )
        text += '\n[environments.testnet.urls.all]\nrest = "http://127.0.0.1:1"\n'
        if segment:
            text = text.replace("CRYPTO_OTHER", segment)
        root = site / package
        root.mkdir()
        (root / "__init__.py").write_text("")
        (root / "connector.py").write_text(code)
        (root / "manifest.toml").write_text(text)
        record = tuple(f"{package}/{file}" for file in ("__init__.py", "connector.py", "manifest.toml"))
        write_metadata(
            site, f"barfinex-{name}", {name: f"{package}.connector:create_connector"}, record=record
        )
        packages.append(package)

    yield write
    for module in list(sys.modules):
        if module.split(".")[0] in packages:
            del sys.modules[module]


class Venue:
    """What the packages of `plugin_code` talk to."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.good_keys = {"good-key"}
        self.answering = asyncio.Event()
        self.answering.set()
        self.connected = asyncio.Event()
        self.endpoints: dict[str, str] = {}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connected.set()
        try:
            line = (await reader.readline()).decode().strip()
            self.asked.append(line)
            word, _, rest = line.partition(" ")
            if word != "BYE":
                await self.answering.wait()
            whoami = "account-7" if rest in self.good_keys else "DENIED"
            writer.write({"LIST": b"BTCUSDT ETHUSDT", "WHOAMI": whoami.encode()}.get(word, b"") + b"\n")
            await writer.drain()
        except ConnectionError:
            return
        finally:
            writer.close()


@asynccontextmanager
async def running_venue() -> AsyncIterator[Venue]:
    venue = Venue()
    async with await asyncio.start_server(venue.serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        venue.endpoints = {"rest": f"127.0.0.1:{port}"}
        yield venue
        venue.answering.set()


@pytest.fixture
async def venue() -> AsyncIterator[Venue]:
    async with running_venue() as running:
        yield running


@pytest.fixture
def vault(tmp_path: Path) -> CredentialVault:
    return CredentialVault(SessionMemoryStore(), folder=tmp_path / "config")


MakeManager = Callable[[], ExchangeManager]


@pytest.fixture
async def make_manager(vault: CredentialVault) -> AsyncIterator[MakeManager]:
    """A manager over what is installed by then; it is closed, and nothing of it may be left running."""
    made: list[ExchangeManager] = []

    def make() -> ExchangeManager:
        made.append(ExchangeManager(Catalog.load(), vault, ready_timeout_ms=3_000))
        return made[-1]

    yield make
    for manager in made:
        await manager.close()
    left = [task for task in asyncio.all_tasks() if task.get_name().startswith("activate ")]
    assert left == []


@pytest.fixture
def redacting(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Redaction installed for one test, and what it changed put back."""
    monkeypatch.setattr(redaction, "_known", type(redaction._known)())
    levels = {name: logging.getLogger(name).level for name in redaction.WIRE_LOGGERS}
    uninstall = redaction.install()
    yield
    uninstall()
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)
