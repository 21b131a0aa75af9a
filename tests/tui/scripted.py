"""A manager that does what a test tells it, and an app around it. It keeps what it was asked."""

import asyncio
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from catalog.catalog import Catalog
from catalog.model import MarketType
from connectors.contracts.errors import BarfinexError
from connectors.contracts.orders import AccountInfo
from connectors.runtime.instances import ConnectorStatus, Instance, overall_status
from connectors.runtime.stores.session_memory import SessionMemoryStore
from connectors.runtime.vault import CredentialVault
from tui.app import BarfinexApp, StartPlan
from tui.services import Services

READ_ONLY = AccountInfo(
    account_id="1",
    market_type=MarketType.SPOT,
    can_read=True,
    can_trade=False,
    can_withdraw=False,
    ip_restricted=True,
)


@cache
def real_catalog() -> Catalog:
    return Catalog.load()


@dataclass
class ScriptedManager:
    """`answers` are what `test_credentials` gives, one after another: an account, or an error to raise."""

    catalog: Catalog
    vault: CredentialVault
    answers: list[AccountInfo | BaseException] = field(default_factory=list)
    activation_error: BarfinexError | None = None
    question: str | None = None
    """What is to be asked before stored credentials are handed over."""
    save_errors: list[BarfinexError] = field(default_factory=list)
    calls: list[tuple[str, Any]] = field(default_factory=list)
    saved: dict[tuple[str, str, str], dict[str, str]] = field(default_factory=dict)
    release: asyncio.Event | None = None
    """Where set, a test of credentials waits for it."""
    closed: bool = False
    running: list[Instance] = field(default_factory=list)
    listeners: list[Callable[..., object]] = field(default_factory=list)

    def add_listener(self, callback: Callable[..., object]) -> Callable[[], None]:
        self.listeners.append(callback)
        return lambda: self.listeners.remove(callback)

    def on_notice(self, tell: Callable[[str], None]) -> None:
        self.notice = tell

    def tell(self) -> None:
        for listener in list(self.listeners):
            listener()

    def instances(self) -> list[Instance]:
        return list(self.running)

    def set_status(self, status: ConnectorStatus) -> None:
        self.running = [replace(item, status=status) for item in self.running]
        self.tell()

    def entry_status(self, connector_type: str) -> ConnectorStatus:
        return overall_status({item.status for item in self.running if item.connector_type == connector_type})

    async def activate(
        self, connector_type: str, market_types: Sequence[MarketType], **options: Any
    ) -> list[Instance]:
        self.calls.append(("activate", (connector_type, tuple(market_types), options)))
        if self.activation_error is not None:
            raise self.activation_error
        made = [
            Instance(
                connector_type=connector_type,
                market_type=market,
                environment=options["environment"],
                profile=options.get("profile", "main"),
                status=ConnectorStatus.ACTIVE,
                instrument_count=3,
                has_credentials=bool(options.get("credentials")),
            )
            for market in market_types
        ]
        self.running += made
        self.tell()
        return made

    def package(self, connector_type: str) -> str:
        return self.catalog.source(connector_type).package

    async def package_question(self, connector_type: str, environment: str, profile: str) -> str | None:
        return self.question

    async def allow_package(self, *name: str) -> None:
        self.calls.append(("allow", name))

    async def deactivate(self, connector_type: str, market_types: Sequence[MarketType] | None = None) -> None:
        self.calls.append(("deactivate", connector_type))
        self.running = [item for item in self.running if item.connector_type != connector_type]
        self.tell()

    async def test_credentials(
        self, connector_type: str, *, environment: str, credentials: Mapping[str, str], **_: Any
    ) -> AccountInfo:
        self.calls.append(("test", (connector_type, environment, dict(credentials))))
        if self.release is not None:
            await self.release.wait()
        answer = self.answers.pop(0) if self.answers else READ_ONLY
        if isinstance(answer, BaseException):
            raise answer
        return answer

    async def save_credentials(
        self, connector_type: str, environment: str, profile: str, values: Mapping[str, str], **_: Any
    ) -> None:
        self.calls.append(("save", (connector_type, environment, profile)))
        if self.save_errors:
            raise self.save_errors.pop(0)
        self.saved[connector_type, environment, profile] = dict(values)

    async def close(self) -> None:
        self.closed = True


@dataclass
class Stage:
    """An app with a scripted manager behind it, and homes of its own."""

    catalog: Catalog = field(default_factory=real_catalog)
    plan: StartPlan | None = None
    config: str = ""
    home: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="barfinex-test-")))

    def __post_init__(self) -> None:
        self.manager = ScriptedManager(
            self.catalog, CredentialVault(SessionMemoryStore(), folder=self.home / "credentials")
        )
        self.load_errors: list[Exception] = []
        self.config_file = self.home / "config.toml"
        if self.config:
            self.config_file.write_text(self.config)

    def load(self) -> Callable[[], Services]:
        if self.load_errors:
            raise self.load_errors.pop(0)
        manager: Any = self.manager
        return lambda: Services(self.catalog, manager)

    def app(self) -> BarfinexApp:
        return BarfinexApp(
            self.plan, load=self.load, config_file=self.config_file, state_folder=self.home / "state"
        )


async def settled(app: BarfinexApp, pilot: Any) -> None:
    """The services are there and the screen shows them."""
    await until(lambda: app.services is not None or app.services_error is not None, pilot)
    await pilot.pause()


async def until(condition: Callable[[], bool], pilot: Any, seconds: float = 10) -> None:
    """Wait for a condition, letting the app work."""
    async with asyncio.timeout(seconds):
        while not condition():
            await pilot.pause()
