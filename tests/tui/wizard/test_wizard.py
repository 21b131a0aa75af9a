"""The setup wizard, page by page, against a manager that does what the test says and a real vault."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.widgets import Button, Input, RadioSet, Static

from catalog.catalog import Catalog
from catalog.model import CatalogEntry, CredentialField
from connectors.contracts import errors
from connectors.runtime.stores.keyring_store import KeyringStore
from connectors.runtime.stores.session_memory import SessionMemoryStore
from tests.tui.scripted import READ_ONLY, Stage, real_catalog, settled, until
from tui.screens.catalog import CatalogScreen
from tui.screens.wizard import WizardScreen
from tui.widgets.secret_input import SecretArea, SecretInput
from tui.widgets.wizard.step import Step

KEY, SECRET = "api-KEY-canary", "api-SECRET-canary"
PEM = "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n"


class Wizard:
    """The wizard of Binance on screen, and ways to work it."""

    def __init__(self, stage: Stage, app: Any, pilot: Any) -> None:
        self.stage, self.app, self.pilot = stage, app, pilot
        self.manager = stage.manager

    @property
    def screen(self) -> WizardScreen:
        assert isinstance(self.app.screen, WizardScreen)
        return self.app.screen

    @property
    def title(self) -> str:
        return self.screen._step.TITLE

    def text(self, selector: str) -> str:
        return str(self.screen.query_one(selector, Static).content)

    async def on(self, title: str) -> None:
        await until(lambda: self.title == title, self.pilot)
        await self.pilot.pause()

    async def type_credentials(self) -> None:
        await self.pilot.press("f3")
        await self.on("Credentials")
        fields = list(self.screen.query(SecretInput))[:2]
        fields[0].value, fields[1].value = KEY, f"  {SECRET} "
        await self.pilot.press("f3")

    async def to_finish(self) -> None:
        await self.type_credentials()
        await self.on("Rights & storage")
        await until(lambda: self.screen._step.ready, self.pilot)
        await self.pilot.press("f3")
        await self.on("Finish")

    async def press_button(self, selector: str) -> None:
        self.screen.query_one(selector, Button).press()
        await self.pilot.pause()

    @property
    def left_behind(self) -> str:
        """All that is kept of what was typed, on disk or in widgets."""
        files = [path.read_text(errors="replace") for path in self.stage.home.rglob("*") if path.is_file()]
        return "".join(files) + str(self.manager.saved)


@asynccontextmanager
async def wizard(stage: Stage | None = None, connector: str = "binance") -> AsyncIterator[Wizard]:
    stage = stage or Stage()
    app = stage.app()
    async with app.run_test(size=(100, 40), notifications=True) as pilot:
        await settled(app, pilot)
        assert isinstance(app.screen, CatalogScreen)
        app.screen.choose(connector)
        await pilot.pause()
        await pilot.press("w")
        await until(lambda: isinstance(app.screen, WizardScreen) and bool(app.screen.query(Step)), pilot)
        await pilot.pause()
        yield Wizard(stage, app, pilot)


def entry_with(*fields: dict[str, Any], **changes: Any) -> Stage:
    """Binance with other credential fields."""
    base = real_catalog().get("binance")
    assert base is not None
    data = (
        base.model_dump()
        | {"credentials": [CredentialField.model_validate(item) for item in fields]}
        | changes
    )
    return Stage(catalog=Catalog([CatalogEntry.model_validate(data)]))


async def test_the_whole_way_stores_and_activates_once() -> None:
    async with wizard() as it:
        assert it.title == "Where"
        await it.to_finish()
        assert it.manager.saved == {}
        await it.press_button("#finish-activate")
        await until(lambda: bool(it.manager.running), it.pilot)
        binance = real_catalog().get("binance")
        assert binance is not None
        first, second = (field.key for field in binance.credentials[:2])
        assert it.manager.saved == {("binance", "local", "main"): {first: KEY, second: SECRET}}
        assert [name for name, _ in it.manager.calls] == ["test", "save", "activate"]
        assert it.manager.calls[-1][1][2]["environment"] == "local"
        await until(lambda: it.screen.query_one("#finish-market").display, it.pilot)
        await it.press_button("#finish-close")
        await until(lambda: isinstance(it.app.screen, CatalogScreen), it.pilot)


async def test_live_is_not_chosen_beforehand_and_is_marked_in_words() -> None:
    async with wizard() as it:
        assert it.screen._shared.draft.environment == "local"
        assert not it.screen.query_one("#live-alarm").display
        it.screen.query_one(RadioSet).focus()
        await it.pilot.press("down", "down", "enter")
        await it.pilot.pause()
        assert "REAL MONEY" in it.text("#live-alarm")
        await it.pilot.press("f3")
        await it.on("Credentials")
        assert "LIVE: REAL MONEY" in it.text("#wizard-title")


async def test_a_bad_profile_and_empty_fields_stay_where_they_are_and_say_why() -> None:
    async with wizard() as it:
        it.screen.query_one("#profile", Input).value = "Not Good"
        await it.pilot.press("f3")
        assert it.title == "Where"
        assert "1 to 20 characters" in it.text("#profile-problem")
        it.screen.query_one("#profile", Input).value = "second"
        await it.pilot.press("f3")
        await it.on("Credentials")
        await it.pilot.press("f3")
        assert it.title == "Credentials"
        problems = [str(item.content) for item in it.screen.query(".problem.-set").results(Static)]
        assert len(problems) == 2
        assert all("is needed" in text for text in problems)


async def test_a_refusal_is_explained_and_can_be_tried_again() -> None:
    async with wizard() as it:
        it.manager.answers = [errors.AuthenticationFailed("Invalid API-key", code=-2015), READ_ONLY]
        await it.type_credentials()
        await it.on("Test")
        await until(lambda: "refused the key" in it.text("#test-state"), it.pilot)
        assert "Likely:" in it.text("#test-detail")
        assert "Invalid API-key" in it.text("#test-detail")
        assert it.screen.query_one("#wizard-next", Button).disabled
        await it.press_button("#test-retry")
        await it.on("Rights & storage")


async def test_a_running_test_can_be_cancelled() -> None:
    async with wizard() as it:
        it.manager.release = asyncio.Event()
        await it.type_credentials()
        await it.on("Test")
        await until(lambda: it.screen.query_one("#test-cancel").display, it.pilot)
        await it.press_button("#test-cancel")
        await until(lambda: "cancelled" in it.text("#test-state"), it.pilot)
        it.manager.release.set()
        await it.pilot.pause()
        assert it.title == "Test"
        assert it.screen._shared.draft.account is None


@pytest.mark.parametrize("pages", range(4))
async def test_leaving_at_any_page_leaves_nothing(pages: int) -> None:
    async with wizard() as it:
        it.manager.answers = [errors.AuthenticationFailed("no")] if pages == 2 else []
        if pages >= 1:
            await it.pilot.press("f3")
            await it.on("Credentials")
            for field in list(it.screen.query(SecretInput))[:2]:
                field.value = SECRET
        if pages >= 2:
            await it.pilot.press("f3")
            await it.on("Test" if pages == 2 else "Rights & storage")
            await it.pilot.pause()
        screen = it.screen
        fields = list(screen.query(SecretInput))
        await it.pilot.press("escape")
        await until(lambda: isinstance(it.app.screen, CatalogScreen), it.pilot)
        assert "canary" not in it.left_behind
        assert it.manager.saved == {}
        assert screen._shared.draft.values == {}
        assert all(field.value == "" for field in fields)
        assert any("Nothing was stored" in item.message for item in it.app._notifications)


async def test_without_credentials_only_market_data() -> None:
    async with wizard() as it:
        await it.pilot.press("f3")
        await it.on("Credentials")
        await it.press_button("#keyless")
        await it.on("Finish")
        assert "market data only" in it.text("#summary")
        await it.press_button("#finish-activate")
        await until(lambda: bool(it.manager.running), it.pilot)
        assert it.manager.calls == [
            (
                "activate",
                (
                    "binance",
                    it.manager.calls[0][1][1],
                    {"environment": "local", "profile": "main", "credentials": {}},
                ),
            )
        ]
        assert it.manager.saved == {}


async def test_going_back_from_without_credentials_gives_the_fields_again() -> None:
    async with wizard() as it:
        await it.pilot.press("f3")
        await it.on("Credentials")
        await it.press_button("#keyless")
        await it.on("Finish")
        await it.pilot.press("f2")
        await it.on("Credentials")
        await it.pilot.press("f2")
        await it.on("Where")


async def test_a_key_that_can_withdraw_is_warned_of() -> None:
    async with wizard() as it:
        it.manager.answers = [replace(READ_ONLY, can_withdraw=True, ip_restricted=None)]
        await it.type_credentials()
        await it.on("Rights & storage")
        assert "CAN WITHDRAW" in it.text("#withdrawal")
        assert "unknown" in it.text("#rights")


async def test_several_lines_are_pasted_whole_and_a_file_is_read(tmp_path: Path) -> None:
    key_file = tmp_path / "other.pem"
    key_file.write_text(PEM)
    stage = entry_with(
        {"key": "pem", "label": "Private key", "type": "multiline", "required": True},
        {"key": "path", "label": "Key file", "type": "file", "required": True},
        {"key": "gateway", "label": "Gateway", "type": "url", "required": True},
        {"key": "note", "label": "Note", "type": "text", "required": False},
    )
    async with wizard(stage) as it:
        await it.pilot.press("f3")
        await it.on("Credentials")
        it.screen.query_one(SecretArea).focus()
        await it.pilot.pause()
        it.app.post_message(events.Paste("  " + PEM.replace("\n", "\r\n") + "\r\n"))
        await it.pilot.pause()
        it.screen.query_one("#field-path", SecretInput).value = str(tmp_path / "nothing")
        it.screen.query_one("#field-gateway", SecretInput).value = "localhost"
        await it.pilot.press("f3")
        assert it.title == "Credentials"
        assert "names no file" in it.text("#problem-path")
        assert "must be a URL" in it.text("#problem-gateway")
        assert it.text("#problem-pem") == ""
        it.screen.query_one("#field-path", SecretInput).value = str(key_file)
        it.screen.query_one("#field-gateway", SecretInput).value = "https://localhost:5000"
        await it.pilot.press("f3")
        await until(lambda: bool(it.manager.calls), it.pilot)
        assert it.manager.calls[0][1][2] == {"pem": PEM, "path": PEM, "gateway": "https://localhost:5000"}


class Keyring(SessionMemoryStore):
    """A keyring that is locked, slow or absent, as the test says; unlocking opens it."""

    kind = "keyring"
    description = "the test keyring"
    persistent = True

    def __init__(self, trouble: errors.SecretStoreError | None) -> None:
        super().__init__()
        self.trouble = trouble

    def check(self) -> None:
        if self.trouble is not None:
            raise self.trouble

    def unlock(self) -> None:
        self.trouble = None


async def test_a_locked_keyring_can_be_unlocked() -> None:
    stage = Stage()
    stage.manager.vault.use(Keyring(errors.StoreLocked("locked")))
    async with wizard(stage) as it:
        await it.type_credentials()
        await it.on("Rights & storage")
        await until(lambda: "is locked" in it.text("#store-state"), it.pilot)
        assert it.screen.query_one("#store-unlock").display
        await it.press_button("#store-unlock")
        await until(lambda: "the test keyring is ready" in it.text("#store-state"), it.pilot)
        await until(lambda: it.screen._step.ready, it.pilot)
        await it.pilot.press("f3")
        await it.on("Finish")
        assert "the test keyring" in it.text("#summary")


async def test_without_a_keyring_the_choice_is_made_by_the_person(tmp_path: Path) -> None:
    stage = Stage()
    stage.manager.vault.use(Keyring(errors.StoreUnavailable("none")))
    async with wizard(stage) as it:
        await it.type_credentials()
        await it.on("Rights & storage")
        await until(lambda: "no keyring" in it.text("#store-state"), it.pilot)
        await until(lambda: it.screen._step.ready, it.pilot)
        assert not it.screen.query_one("#store-unlock").display
        await it.pilot.press("f3")
        assert it.title == "Rights & storage"
        assert "Choose where" in it.text("#store-problem")
        places = it.screen._step.query_one(RadioSet)
        places.focus()
        await it.pilot.press("enter")
        await until(lambda: it.screen.query_one("#store-password").display, it.pilot)
        for first, second, words in (
            ("short", "short", "at least 12"),
            ("long enough now", "other one!", "differ"),
        ):
            it.screen.query_one("#store-password", SecretInput).value = first
            it.screen.query_one("#store-repeat", SecretInput).value = second
            await it.pilot.press("f3")
            assert words in it.text("#store-problem")
        it.screen.query_one("#store-repeat", SecretInput).value = "long enough now"
        it.screen.query_one("#store-password", SecretInput).value = "long enough now"
        await it.pilot.press("f3")
        await it.on("Finish")
        vault = stage.manager.vault
        assert not vault.encrypted_file.exists()
        await it.press_button("#finish-only")
        await until(lambda: bool(it.manager.saved), it.pilot)
        assert vault.encrypted_file.exists()
        assert vault.store.kind == "encrypted-file"
        assert "long enough" not in it.left_behind


async def test_a_store_that_fails_stores_nothing_and_can_be_tried_again() -> None:
    stage = Stage()
    before = stage.manager.vault.store
    stage.manager.save_errors = [errors.StoreTimeout("5 s"), errors.AuthenticationFailed("no longer")]
    async with wizard(stage) as it:
        await it.to_finish()
        await it.press_button("#finish-activate")
        await until(lambda: "does not answer" in it.text("#finish-state"), it.pilot)
        assert "Nothing was stored" in it.text("#finish-state")
        assert not it.manager.running
        assert stage.manager.vault.store is before
        await it.press_button("#finish-activate")
        await until(lambda: "no longer" in it.text("#finish-state"), it.pilot)
        await it.press_button("#finish-activate")
        await until(lambda: bool(it.manager.running), it.pilot)
        assert len(it.manager.saved) == 1


async def test_an_activation_that_fails_says_that_the_credentials_are_kept() -> None:
    async with wizard() as it:
        it.manager.activation_error = errors.ConnectionFailed("no route")
        await it.to_finish()
        await it.press_button("#finish-activate")
        await until(lambda: "no route" in it.text("#finish-state"), it.pilot)
        assert "The credentials are stored" in it.text("#finish-state")
        it.manager.activation_error = None
        await it.press_button("#finish-activate")
        await until(lambda: bool(it.manager.running), it.pilot)
        assert [name for name, _ in it.manager.calls].count("save") == 1


async def test_an_entry_without_code_is_not_set_up() -> None:
    stage = Stage()
    app = stage.app()
    async with app.run_test(size=(100, 40), notifications=True) as pilot:
        await settled(app, pilot)
        assert isinstance(app.screen, CatalogScreen)
        app.screen.choose("kraken")
        await pilot.press("w")
        await pilot.pause()
        assert isinstance(app.screen, CatalogScreen)
        assert any("coming soon" in item.message for item in app._notifications)


def test_a_real_keyring_is_what_a_vault_begins_with() -> None:
    from connectors.runtime.vault import CredentialVault

    assert isinstance(CredentialVault().store, KeyringStore)
