"""The wizard with nothing scripted: the real manager, the real connector, the emulator in a process of its own."""

from collections.abc import Callable
from pathlib import Path

from textual.widgets import Button, Static

from catalog.catalog import Catalog
from connectors.emulator.accounts import WITHDRAW_KEY, WITHDRAW_SECRET
from connectors.runtime.instances import ConnectorStatus
from connectors.runtime.manager import ExchangeManager
from connectors.runtime.stores.session_memory import SessionMemoryStore
from connectors.runtime.vault import CredentialVault
from tests.tui.scripted import settled, until
from tui.app import BarfinexApp
from tui.screens.catalog import CatalogScreen
from tui.screens.market import MarketScreen
from tui.screens.wizard import WizardScreen
from tui.services import Services
from tui.widgets.secret_input import SecretInput
from tui.widgets.wizard.step import Step


def all_text(folder: Path) -> list[str]:
    return [path.read_text(errors="replace") for path in folder.rglob("*") if path.is_file()]


async def test_from_the_catalog_to_a_live_market(tmp_path: Path) -> None:
    catalog = Catalog.load()
    vault = CredentialVault(SessionMemoryStore(), folder=tmp_path / "credentials")

    def load() -> Callable[[], Services]:
        return lambda: Services(catalog, ExchangeManager(catalog, vault))

    app = BarfinexApp(load=load, config_file=tmp_path / "config.toml", state_folder=tmp_path / "state")
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(app, pilot)
        assert app.services is not None
        manager = app.services.manager
        assert isinstance(app.screen, CatalogScreen)
        app.screen.choose("binance")
        await pilot.press("w")
        await until(lambda: isinstance(app.screen, WizardScreen) and bool(app.screen.query(Step)), pilot)
        wizard = app.screen
        assert isinstance(wizard, WizardScreen)

        def title() -> str:
            return wizard._step.TITLE

        await pilot.press("f3")
        await until(lambda: title() == "Credentials", pilot)
        first, second = list(wizard.query(SecretInput))[:2]
        assert "emulator-key" in str(wizard.query_one("#local-hint", Static).content)
        first.value, second.value = WITHDRAW_KEY, "wrong"
        await pilot.press("f3")
        await until(
            lambda: "refused the key" in str(wizard.query_one("#test-state", Static).content), pilot, 20
        )
        assert manager.instances() == []
        await pilot.press("f2")
        await until(lambda: title() == "Credentials", pilot)
        second.value = WITHDRAW_SECRET
        await pilot.press("f3")
        await until(lambda: title() == "Rights & storage", pilot, 20)
        assert "CAN WITHDRAW" in str(wizard.query_one("#withdrawal", Static).content)
        await until(lambda: wizard._step.ready, pilot)
        await pilot.press("f3")
        await until(lambda: title() == "Finish", pilot)
        assert await manager.list_credentials() == ()
        wizard.query_one("#finish-activate", Button).press()
        await until(
            lambda: any(item.status is ConnectorStatus.ACTIVE for item in manager.instances()), pilot, 20
        )
        assert [item.profile for item in await manager.list_credentials()] == ["main"]
        assert manager.instances()[0].has_credentials
        await until(lambda: wizard.query_one("#finish-market").display, pilot)
        wizard.query_one("#finish-market", Button).press()
        await until(lambda: isinstance(app.screen, MarketScreen), pilot)
        market = app.screen
        assert isinstance(market, MarketScreen)
        await until(
            lambda: (
                "SYNCED"
                in "".join(segment.text for strip in market._compositor.render_strips() for segment in strip)
            ),
            pilot,
            20,
        )
        assert app.last_market is not None
        assert app.last_market.connector_type == "binance"
        kept = "".join(all_text(tmp_path))
        assert WITHDRAW_SECRET not in kept
    assert manager.instances() == []
