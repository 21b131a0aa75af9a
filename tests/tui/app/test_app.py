"""The app around its screens: leaving, colours, keys, palette, help, small terminals, the start plan."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from textual.command import Command, CommandList, CommandPalette
from textual.widgets import Input, Static

from connectors.contracts.errors import ConnectionFailed
from tests.tui.scripted import Stage, settled, until
from tui import session
from tui.app import BarfinexApp, StartPlan
from tui.screens.catalog import CatalogScreen
from tui.screens.help import HelpScreen
from tui.screens.start import StartScreen
from tui.widgets.exchange_table import ExchangeTable
from tui.widgets.too_small import TooSmall


def messages(app: BarfinexApp) -> list[str]:
    return [item.message for item in app._notifications]


def found(app: BarfinexApp) -> str | None:
    """The palette's best hit."""
    hits = app.screen.query_one(CommandList)
    if not hits.option_count:
        return None
    option = hits.get_option_at_index(0)
    return option.hit.text if isinstance(option, Command) else None


async def test_ctrl_q_leaves_and_closes_the_manager() -> None:
    stage = Stage()
    app = stage.app()
    async with app.run_test() as pilot:
        await settled(app, pilot)
        await pilot.press("ctrl+q")
    assert app.return_value == 0
    assert stage.manager.closed


async def test_ctrl_c_explains_once_and_leaves_the_second_time() -> None:
    now = [0.0]
    stage = Stage()
    app = stage.app()
    app.clock = lambda: now[0]
    async with app.run_test(notifications=True) as pilot:
        await settled(app, pilot)
        await pilot.press("ctrl+c")
        assert any("Ctrl+C again" in text for text in messages(app))
        now[0] = 60.0
        await pilot.press("ctrl+c")
        assert app.return_value is None
        now[0] = 61.0
        await pilot.press("ctrl+c")
    assert app.return_value == 0


@pytest.mark.parametrize(
    "theme", ["barfinex-dark", "barfinex-light", "barfinex-contrast", "ansi-dark", "ansi-light", "nord"]
)
async def test_every_theme_has_the_market_colours(theme: str) -> None:
    app = Stage(config=f'theme = "{theme}"').app()
    async with app.run_test() as pilot:
        await settled(app, pilot)
        assert app.theme == theme
        colours = app.theme_variables
        assert all(colours[name] for name in ("bid", "ask", "up", "down", "muted-text"))
        assert colours["bid"] != colours["ask"]


async def test_up_and_down_can_be_swapped() -> None:
    plain, swapped = Stage().app(), Stage(config="swap_up_down = true").app()
    async with plain.run_test():
        usual = dict(plain.theme_variables)
    async with swapped.run_test():
        other = dict(swapped.theme_variables)
    assert (other["up"], other["down"], other["bid"], other["ask"]) == (
        usual["down"],
        usual["up"],
        usual["ask"],
        usual["bid"],
    )


async def test_an_unknown_theme_and_a_bad_field_are_said_on_screen() -> None:
    app = Stage(config='theme = "nosuch"\nfps = 900').app()
    async with app.run_test(notifications=True) as pilot:
        await settled(app, pilot)
        await until(lambda: len(messages(app)) == 2, pilot)
        assert any("nosuch" in text for text in messages(app))
        assert any("fps" in text for text in messages(app))
        assert app.theme == "barfinex-dark"


async def test_a_theme_from_the_palette_is_applied_and_kept() -> None:
    stage = Stage(config='default_connector = "okx"')
    app = stage.app()
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(app, pilot)
        await pilot.press("ctrl+p")
        await until(lambda: isinstance(app.screen, CommandPalette), pilot)
        await pilot.press(*"barfinex-light")
        await until(lambda: found(app) == "Theme: barfinex-light", pilot)
        await pilot.press("enter", "enter")
        await until(lambda: app.theme == "barfinex-light", pilot)
    assert tomllib.loads(stage.config_file.read_text()) == {
        "default_connector": "okx",
        "theme": "barfinex-light",
    }


async def test_the_palette_goes_to_an_exchange_past_any_filter() -> None:
    app = Stage().app()
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(app, pilot)
        await pilot.press("slash", *"zzz", "enter", "ctrl+p")
        await until(lambda: isinstance(app.screen, CommandPalette), pilot)
        await pilot.press(*"go to kraken")
        await until(lambda: found(app) == "Go to: Kraken", pilot)
        await pilot.press("enter", "enter")
        await until(lambda: isinstance(app.screen, CatalogScreen), pilot)
        screen = app.screen
        assert isinstance(screen, CatalogScreen)
        await until(lambda: screen.entry is not None and screen.entry.connector_type == "kraken", pilot)


async def test_the_keymap_of_the_configuration_moves_a_key() -> None:
    app = Stage(config='[keymap]\n"catalog.search" = "f7"').app()
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(app, pilot)
        await pilot.press("slash")
        assert not app.screen.query_one("#search", Input).has_focus
        await pilot.press("f7")
        assert app.screen.query_one("#search", Input).has_focus


async def test_what_became_of_a_local_exchange_is_told() -> None:
    stage = Stage()
    app = stage.app()
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await settled(app, pilot)
        stage.manager.notice("The local [b]binance exchange stays off.")
        await until(lambda: messages(app) == ["The local [b]binance exchange stays off."], pilot)


async def test_hints_name_the_keys_that_the_keymap_gave() -> None:
    stage = Stage(
        config='[keymap]\n"catalog.search" = "f7"\n"catalog.activate" = "A"\n"catalog.filter.market" = "f8"\n'
    )
    app = stage.app()
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await settled(app, pilot)
        assert app.screen.query_one("#search", Input).placeholder == "F7 search"
        assert str(app.screen.query_one("#chip-market", Static).content).startswith("F8 ")
        assert isinstance(app.screen, CatalogScreen)
        app.screen.choose("binance")
        await pilot.press("m")
        await until(lambda: any("press Shift+A to activate" in text for text in messages(app)), pilot)
        await pilot.press("question_mark")
        await until(lambda: isinstance(app.screen, HelpScreen), pilot)
        shown = str(app.screen.query_one("#text", Static).content)
        assert "F7 searches" in shown
        assert "/ searches" not in shown


async def test_a_key_that_is_taken_is_said_once() -> None:
    app = Stage(config='[keymap]\n"catalog.wizard" = "a"').app()
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await settled(app, pilot)
        await pilot.press("f12", "f12", "f12")
        await until(lambda: any("has lost it" in text for text in messages(app)), pilot)
        assert len([text for text in messages(app) if "has lost it" in text]) == 1


@pytest.mark.parametrize("key", ["question_mark", "f1"])
async def test_help_lists_the_keys_of_the_screen_below(key: str) -> None:
    app = Stage().app()
    async with app.run_test(size=(120, 60)) as pilot:
        await settled(app, pilot)
        await pilot.press(key)
        await until(lambda: isinstance(app.screen, HelpScreen), pilot)
        shown = str(app.screen.query_one("#text", Static).content)
        for words in ("Search", "Activate", "Filter by feature", "Ctrl+Q", "Every exchange, broker"):
            assert words in shown
        await pilot.press("escape")
        await until(lambda: isinstance(app.screen, CatalogScreen), pilot)


async def test_below_the_smallest_size_there_is_a_plain_message_and_then_the_screen_again() -> None:
    app = Stage().app()
    async with app.run_test(size=(60, 20)) as pilot:
        await settled(app, pilot)
        message = app.screen.query_one(TooSmall)
        assert str(message.render()) == "barfinex needs 80x20, this is 60x20"
        assert message.region.size == (60, 20)
        assert not app.screen.query_one("#body").display
        # A screen that is opened meanwhile gives way too.
        app.action_help()
        await until(lambda: bool(app.screen.query(TooSmall)), pilot)
        await pilot.resize_terminal(80, 24)
        await pilot.press("escape")
        await until(lambda: app.screen.query_one("#body").display, pilot)
        assert not message.display


async def test_a_plan_that_fails_says_why_and_can_be_tried_again_or_left() -> None:
    stage = Stage(plan=StartPlan("binance", symbol="BTCUSDT"))
    stage.manager.activation_error = ConnectionFailed("no emulator on 127.0.0.1")
    app = stage.app()
    async with app.run_test(size=(100, 30)) as pilot:
        await settled(app, pilot)
        screen = app.screen
        assert isinstance(screen, StartScreen)
        await until(lambda: "no emulator" in str(screen.query_one("#steps", Static).content), pilot)
        await pilot.press("r")
        await until(lambda: len(stage.manager.calls) == 2, pilot)
        assert stage.manager.calls[0][1][2]["environment"] == "local"
        await pilot.press("escape")
        await until(lambda: isinstance(app.screen, CatalogScreen), pilot)
        await pilot.pause()
        assert app.screen.query_one(ExchangeTable).row_count > 10


async def test_what_was_watched_last_is_remembered(tmp_path: Path) -> None:
    stage = Stage(home=tmp_path)
    app = stage.app()
    async with app.run_test():
        app.remember(session.LastMarket("binance", "spot", "local", "ETHUSDT"))
    assert stage.app().last_market == session.LastMarket("binance", "spot", "local", "ETHUSDT")


def test_bindings_that_can_be_moved_have_an_id_of_their_own() -> None:
    from tui.screens.wizard import WizardScreen

    seen: set[str] = set()
    for owner in (BarfinexApp, CatalogScreen, WizardScreen):
        own: list[Any] = owner.BINDINGS
        for binding in own:
            if binding.id is None:
                continue
            assert binding.id not in seen
            seen.add(binding.id)
    assert {"app.quit", "app.help", "catalog.search", "wizard.next"} <= seen
