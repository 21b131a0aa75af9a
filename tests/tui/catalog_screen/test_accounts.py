"""Stored credentials after a restart: which of them an activation uses, and the encrypted file opened again."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from textual.pilot import Pilot

from connectors.runtime.vault import CredentialVault
from tests.tui.scripted import Stage, settled, until
from tui import flows
from tui.app import BarfinexApp
from tui.screens.choice import ChoiceScreen
from tui.screens.unlock import UnlockScreen
from tui.widgets.secret_input import SecretInput

PASSWORD = "correct horse battery"
VALUES = {"apiKey": "an api key", "apiSecret": "an api secret"}


async def stored(stage: Stage, *profiles: str, connector: str = "binance") -> None:
    """By an earlier run of the program."""
    vault = CredentialVault(folder=stage.home / "credentials")
    await vault.use_encrypted_file(PASSWORD)
    for profile in profiles:
        await vault.save(connector, "testnet", profile, VALUES)


@asynccontextmanager
async def activating(
    stage: Stage, connector: str = "binance"
) -> AsyncIterator[tuple[BarfinexApp, Pilot[Any]]]:
    """The environment is chosen: what comes next is on the screen."""
    app = stage.app()
    async with app.run_test(size=(110, 36), notifications=True) as pilot:
        await settled(app, pilot)
        entry = stage.catalog.get(connector)
        assert entry is not None
        flows.activate(app, entry)
        await until(lambda: isinstance(app.screen, ChoiceScreen), pilot)
        names = [choice.value for choice in app.screen._choices]
        await pilot.press(*["down"] * names.index("testnet"), "enter")
        yield app, pilot


async def answered(app: BarfinexApp, pilot: Pilot[Any], password: str) -> None:
    await until(lambda: isinstance(app.screen, UnlockScreen), pilot)
    await until(lambda: not app.screen.query_one(SecretInput).disabled, pilot)
    app.screen.query_one(SecretInput).value = password
    await pilot.press("enter")


def activation(stage: Stage) -> dict[str, Any]:
    [options] = [what[2] for name, what in stage.manager.calls if name == "activate"]
    return options


async def activated(stage: Stage, app: BarfinexApp, pilot: Pilot[Any]) -> dict[str, Any]:
    """The first market is taken; what the manager was told then."""
    await until(lambda: isinstance(app.screen, ChoiceScreen), pilot)
    await pilot.press("enter")
    await until(lambda: any(name == "activate" for name, _ in stage.manager.calls), pilot)
    return activation(stage)


async def test_the_file_is_opened_again_and_a_wrong_password_is_told() -> None:
    stage = Stage()
    await stored(stage, "hedge")
    async with activating(stage) as (app, pilot):
        await answered(app, pilot, "not the right one")
        await until(lambda: "Try again" in str(app.screen.query_one("#state").visual), pilot)
        assert not stage.manager.vault.is_open("encrypted-file")
        await answered(app, pilot, PASSWORD)
        assert await activated(stage, app, pilot) == {"environment": "testnet", "profile": "hedge"}
        assert await stage.manager.vault.load("binance", "testnet", "hedge") is not None


async def test_escape_goes_on_without_the_key() -> None:
    stage = Stage()
    await stored(stage, "main")
    async with activating(stage) as (app, pilot):
        await until(lambda: isinstance(app.screen, UnlockScreen), pilot)
        await pilot.press("escape")
        assert await activated(stage, app, pilot) == {"environment": "testnet", "credentials": {}}


async def test_of_several_profiles_one_is_chosen_and_the_password_asked_for_once() -> None:
    stage = Stage()
    await stored(stage, "main", "hedge")
    await stage.manager.vault.open_encrypted_file(PASSWORD)
    async with activating(stage) as (app, pilot):
        await until(lambda: "whose credentials" in getattr(app.screen, "_title", ""), pilot)
        assert [choice.value for choice in app.screen._choices] == ["hedge", "main", ""]
        await pilot.press("enter")
        await until(lambda: "which market" in getattr(app.screen, "_title", ""), pilot)
        assert await activated(stage, app, pilot) == {"environment": "testnet", "profile": "hedge"}


async def test_without_stored_credentials_nothing_is_asked() -> None:
    stage = Stage()
    async with activating(stage) as (app, pilot):
        assert await activated(stage, app, pilot) == {"environment": "testnet"}


@pytest.mark.parametrize("content", ["{", "\x00"])
async def test_a_list_that_makes_no_sense_is_one_line_and_the_app_goes_on(content: str) -> None:
    stage = Stage()
    folder = stage.home / "credentials"
    folder.mkdir()
    (folder / "credentials.json").write_text(content)
    async with activating(stage) as (app, pilot):
        assert await activated(stage, app, pilot) == {"environment": "testnet"}
        assert any("made no sense" in item.message for item in app._notifications)
