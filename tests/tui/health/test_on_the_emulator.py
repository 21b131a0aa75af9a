"""Faults of a real venue on a loopback socket, seen on the health screen: the real app, manager and connector."""

from collections.abc import Callable
from pathlib import Path

from catalog.catalog import Catalog
from catalog.model import MarketType
from connectors.contracts import OrderBookOptions, TradeOptions
from connectors.emulator.faults import Rule
from connectors.emulator.testing import running_emulator
from connectors.runtime.manager import ExchangeManager
from connectors.runtime.stores.session_memory import SessionMemoryStore
from connectors.runtime.vault import CredentialVault
from tests.tui.scripted import settled, until
from tui.app import BarfinexApp
from tui.screens.catalog import CatalogScreen
from tui.screens.health import HealthScreen
from tui.services import Services
from tui.widgets.rows import row_text
from tui.widgets.rows_widget import RowsWidget

SPOT = MarketType.SPOT


async def test_faults_are_seen_with_their_reasons(tmp_path: Path) -> None:
    catalog = Catalog.load()
    vault = CredentialVault(SessionMemoryStore(), folder=tmp_path / "credentials")

    def load() -> Callable[[], Services]:
        return lambda: Services(catalog, ExchangeManager(catalog, vault))

    app = BarfinexApp(load=load, config_file=tmp_path / "config.toml", state_folder=tmp_path / "state")
    async with running_emulator("binance") as emulator, app.run_test(size=(140, 44)) as pilot:
        await settled(app, pilot)
        assert app.services is not None
        manager = app.services.manager
        await manager.activate("binance", [SPOT], environment="local", endpoints=emulator.endpoints)
        bundle = manager.bundle("binance", SPOT)
        instruments = [bundle.client.instrument("BTCUSDT")]
        books = OrderBookOptions(market_type=SPOT, instruments=instruments)
        trades = TradeOptions(market_type=SPOT, instruments=instruments)
        await bundle.ws.subscribe_to_order_book(books, lambda _: None)
        await bundle.ws.subscribe_to_trade(trades, lambda _: None)

        await pilot.press("H")
        await until(lambda: isinstance(app.screen, HealthScreen), pilot)
        screen = app.screen
        assert isinstance(screen, HealthScreen)

        def text(pane: str) -> str:
            return "\n".join(row_text(row) for row in screen.query_one(f"#{pane}", RowsWidget).rows)

        async def seen(pane: str, *words: str) -> None:
            def look() -> bool:
                screen.poll()
                return all(word in text(pane) for word in words)

            await until(look, pilot, 20)

        await seen("connections", "binance-spot-1", "● CONNECTED")
        await seen("subscriptions", "btcusdt@trade", "btcusdt@depth@100ms", "● SYNCED")
        await seen("health-title", "● all well")
        await seen("details", "frames in the last minute")
        await seen("budgets", "request weight", "this machine's clock")

        # A missing update: a gap, and a snapshot that the venue refuses with a wait.
        emulator.inject(Rule(kind="status", target="/api/v3/depth", status=429, retry_after=1, count=1))
        emulator.inject(Rule(kind="drop", target="btcusdt@depth*", count=1))
        await seen("budgets", "BLOCKED")
        await seen("health-title", "1 book not synced", "requests held back")
        await seen("health-title", "● all well")
        await pilot.press("2")
        await seen("details", "btcusdt@depth@100ms", "gap an update is missing", "resynced")

        emulator.inject(Rule(kind="close", now=True, code=1001))
        await pilot.press("1")
        await seen("details", "lost the venue closed it", "1 times")
        await seen("connections", "● CONNECTED")
        await seen("log", "connection lost conn=binance-spot-1#1", "requests held back")

        await pilot.press("r")
        await seen("details", "replaced     1 times as planned", "rotated asked for by the user")
        await seen("health-title", "● all well")

        await pilot.press("escape")
        await until(lambda: isinstance(app.screen, CatalogScreen), pilot)
