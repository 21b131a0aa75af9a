"""Pictures of the wizard's pages."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from textual.pilot import Pilot
from textual.widgets import Button, RadioSet, Static

from connectors.contracts import errors
from tests.tui.catalog_screen.test_snapshots import stage
from tests.tui.scripted import READ_ONLY, Stage, settled, until
from tests.tui.wizard.test_wizard import Keyring
from tui.app import BarfinexApp
from tui.screens.catalog import CatalogScreen
from tui.screens.wizard import WizardScreen
from tui.widgets.secret_input import SecretArea, SecretInput
from tui.widgets.wizard.step import Step

Compare = Callable[..., bool]
Then = Callable[[Pilot[Any], WizardScreen], Any]


def opened(
    connector: str = "binance", *, pages: int = 0, then: Then | None = None
) -> Callable[[Pilot[Any]], Any]:
    """Open the wizard, fill the fields in and go on by so many pages."""

    async def run(pilot: Pilot[Any]) -> None:
        app = pilot.app
        assert isinstance(app, BarfinexApp)
        await settled(app, pilot)
        assert isinstance(app.screen, CatalogScreen)
        app.screen.choose(connector)
        await pilot.press("w")
        await until(lambda: isinstance(app.screen, WizardScreen) and bool(app.screen.query(Step)), pilot)
        screen = app.screen
        assert isinstance(screen, WizardScreen)
        if pages >= 1:
            await pilot.press("f3")
            await until(lambda: screen._step.TITLE == "Credentials", pilot)
        if pages >= 2:
            for field in screen.query(SecretInput):
                field.value = "0123456789"
            await pilot.press("f3")
            await until(lambda: ("Test" if pages == 2 else "Rights & storage") == screen._step.TITLE, pilot)
        if pages >= 3:
            await until(lambda: screen._step.ready, pilot)
        if pages >= 4:
            await pilot.press("f3")
            await until(lambda: screen._step.TITLE == "Finish", pilot)
        if then is not None:
            await then(pilot, screen)
        await pilot.pause()

    return run


def test_where(snap_compare: Compare) -> None:
    assert snap_compare(stage().app(), terminal_size=(80, 24), run_before=opened())


def test_where_live(snap_compare: Compare) -> None:
    async def then(pilot: Pilot[Any], screen: WizardScreen) -> None:
        screen.query_one(RadioSet).focus()
        await pilot.press("down", "down", "enter")

    assert snap_compare(stage().app(), terminal_size=(80, 24), run_before=opened(then=then))


def test_fields(snap_compare: Compare) -> None:
    assert snap_compare(stage().app(), terminal_size=(80, 24), run_before=opened(pages=1))


def test_fields_light(snap_compare: Compare) -> None:
    scene = stage('theme = "barfinex-light"')
    assert snap_compare(scene.app(), terminal_size=(120, 40), run_before=opened(pages=1))


def test_fields_with_a_pem_key_and_faults(snap_compare: Compare) -> None:
    async def then(pilot: Pilot[Any], screen: WizardScreen) -> None:
        screen.query_one(SecretArea).load_text("-----BEGIN PRIVATE KEY-----\nabc\ndef")
        screen.query_one("#field-gateway", SecretInput).value = "localhost"
        await pilot.press("f3")

    assert snap_compare(stage().app(), terminal_size=(80, 40), run_before=opened("pemex", pages=1, then=then))


def test_refused(snap_compare: Compare) -> None:
    scene = stage()
    scene.manager.answers = [errors.AuthenticationFailed("Invalid API-key, IP, or permissions for action.")]

    async def then(pilot: Pilot[Any], screen: WizardScreen) -> None:
        await until(lambda: "refused" in str(screen.query_one("#test-state", Static).content), pilot)

    assert snap_compare(scene.app(), terminal_size=(80, 24), run_before=opened(pages=2, then=then))


def _no_keyring() -> Stage:
    scene = stage()
    scene.manager.answers = [replace(READ_ONLY, can_trade=True, can_withdraw=True, ip_restricted=False)]
    scene.manager.vault.use(Keyring(errors.StoreUnavailable("none")))
    return scene


def test_rights_of_a_dangerous_key_without_a_keyring(snap_compare: Compare) -> None:
    assert snap_compare(_no_keyring().app(), terminal_size=(80, 24), run_before=opened(pages=3))


def test_encrypted_file(snap_compare: Compare) -> None:
    async def then(pilot: Pilot[Any], screen: WizardScreen) -> None:
        screen._step.query_one(RadioSet).focus()
        await pilot.press("enter")

    assert snap_compare(_no_keyring().app(), terminal_size=(100, 40), run_before=opened(pages=3, then=then))


def test_unknown_rights_and_a_keyring(snap_compare: Compare) -> None:
    scene = stage()
    scene.manager.answers = [replace(READ_ONLY, can_withdraw=None, ip_restricted=None)]
    assert snap_compare(scene.app(), terminal_size=(80, 24), run_before=opened(pages=3))


def test_finish(snap_compare: Compare) -> None:
    assert snap_compare(stage().app(), terminal_size=(80, 24), run_before=opened(pages=4))


def test_done(snap_compare: Compare) -> None:
    async def then(pilot: Pilot[Any], screen: WizardScreen) -> None:
        screen.query_one("#finish-activate", Button).press()
        await until(lambda: screen.query_one("#finish-market").display, pilot)
        await pilot.pause()

    assert snap_compare(stage().app(), terminal_size=(80, 24), run_before=opened(pages=4, then=then))
