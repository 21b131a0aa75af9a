"""Keys reach the screen they are meant for: many in one write, in a narrow terminal, after one that was too small."""

import asyncio
from typing import Any

import pytest
from textual import events
from textual.command import CommandPalette
from textual.screen import Screen
from textual.widgets import Input

from tests.tui.scripted import Stage, settled, until
from tui import flows
from tui.app import BarfinexApp, StartPlan
from tui.screens.catalog import CatalogScreen
from tui.screens.choice import ChoiceScreen
from tui.screens.help import HelpScreen
from tui.screens.start import StartScreen
from tui.widgets.exchange_detail import ExchangeDetail
from tui.widgets.exchange_table import ExchangeTable


def burst(app: BarfinexApp, *keys: str) -> None:
    """Keys as the terminal's reader posts them: one after another, before any of them is dealt with."""
    for key in keys:
        event = events.Key(key, key if len(key) == 1 else None)
        event.set_sender(app)
        app.post_message(event)


def catalog(app: BarfinexApp) -> CatalogScreen:
    screen = app.screen
    assert isinstance(screen, CatalogScreen)
    return screen


async def test_keys_of_one_write_reach_the_screens_that_they_open() -> None:
    app = Stage().app()
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(app, pilot)
        burst(
            app,
            "slash",
            *"binance",
            "enter",
            "a",
            "down",
            "escape",
            "question_mark",
            "escape",
            "slash",
            *"kr",
        )
        search = catalog(app).query_one("#search", Input)
        await until(lambda: search.value == "binancekr", pilot)
        assert app.screen is search.screen


async def test_a_dialogue_takes_the_keys_behind_the_one_that_opened_it() -> None:
    stage = Stage()
    app = stage.app()
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(app, pilot)
        catalog(app).choose("binance")
        await until(lambda: catalog(app).entry is not None, pilot)
        # Activate, on the first environment, the second market.
        burst(app, "a", "enter", "j", "enter")
        await until(lambda: bool(stage.manager.calls), pilot)
        name, (connector, markets, _) = stage.manager.calls[0]
        assert (name, connector) == ("activate", "binance")
        entry = stage.catalog.get("binance")
        assert entry is not None
        assert list(markets) == [entry.supported_markets[1]]


async def test_keys_typed_before_the_first_paint_are_kept() -> None:
    app = Stage().app()
    async with app.run_test(size=(120, 40)) as pilot:
        burst(app, "slash", *"kraken")
        await until(lambda: bool(app.screen.query("#search")), pilot)
        await until(lambda: app.screen.query_one("#search", Input).value == "kraken", pilot)


async def test_the_palette_takes_what_is_typed_behind_its_key() -> None:
    app = Stage().app()
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(app, pilot)
        burst(app, "ctrl+p", *"hea")
        await until(lambda: isinstance(app.screen, CommandPalette), pilot)
        await until(lambda: app.screen.query_one(Input).value == "hea", pilot)


async def test_the_details_of_a_narrow_terminal_take_the_keys() -> None:
    app = Stage().app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot)
        screen = catalog(app)
        screen.choose("binance")
        await pilot.press("i")
        detail = screen.query_one(ExchangeDetail)
        await until(lambda: detail.has_focus, pilot)
        await pilot.press("down", "down", "j", *"xyz")
        await until(lambda: detail.scroll_offset.y > 0, pilot)
        assert screen.query_one("#search", Input).value == ""
        await pilot.press("escape")
        await until(lambda: screen.query_one(ExchangeTable).has_focus, pilot)
        assert screen.query_one(ExchangeTable).is_on_screen
        await pilot.press("i", "slash", "b")
        await until(lambda: screen.query_one("#search", Input).value == "b", pilot)
        assert screen.query_one("#search", Input).is_on_screen


async def test_the_details_leave_the_focus_to_the_table_when_the_terminal_grows() -> None:
    app = Stage().app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot)
        screen = catalog(app)
        await pilot.press("i")
        await until(lambda: screen.query_one(ExchangeDetail).has_focus, pilot)
        await pilot.resize_terminal(140, 40)
        await until(lambda: screen.query_one(ExchangeTable).has_focus, pilot)
        assert screen.query_one(ExchangeDetail).is_on_screen


async def test_eighty_columns_in_tmux_are_enough() -> None:
    app = Stage().app()
    async with app.run_test(size=(80, 23)) as pilot:
        await settled(app, pilot)
        assert catalog(app).query_one(ExchangeTable).is_on_screen


async def test_the_focus_is_where_it_was_after_a_moment_that_was_too_small() -> None:
    stage = Stage()
    app = stage.app()
    async with app.run_test(size=(100, 30)) as pilot:
        await settled(app, pilot)
        screen = catalog(app)
        table = screen.query_one(ExchangeTable)
        assert table.has_focus
        at = table.cursor_row
        await too_small(app, pilot)
        await pilot.press("down", "a", "question_mark")
        await pilot.resize_terminal(100, 30)
        await until(lambda: table.has_focus, pilot)
        assert table.cursor_row == at
        assert app.screen is screen
        assert not stage.manager.calls
        await pilot.press("down")
        await until(lambda: table.cursor_row == at + 1, pilot)


async def test_a_screen_opened_before_a_too_small_moment_keeps_its_keys() -> None:
    app = Stage().app()
    async with app.run_test(size=(100, 30)) as pilot:
        await settled(app, pilot)
        catalog(app).choose("binance")
        await pilot.press("a")
        await until(lambda: isinstance(app.screen, ChoiceScreen) and app.focused is not None, pilot)
        await too_small(app, pilot)
        await pilot.resize_terminal(100, 30)
        await until(lambda: app.focused is not None, pilot)
        await pilot.press("escape")
        await until(lambda: isinstance(app.screen, CatalogScreen), pilot)
        await pilot.press("question_mark")
        await until(lambda: isinstance(app.screen, HelpScreen), pilot)


async def test_a_start_plan_takes_its_place_from_under_a_dialog(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage(plan=StartPlan("binance"))
    app = stage.app()
    release = asyncio.Event()
    activate = stage.manager.activate

    async def held(*arguments: Any, **options: Any) -> Any:
        await release.wait()
        return await activate(*arguments, **options)

    def opened(app: BarfinexApp, where: object, *, replace: bool) -> None:
        assert replace
        app.switch_screen(Screen(id="opened"))

    stage.manager.activate = held
    monkeypatch.setattr(flows, "open_market", opened)
    async with app.run_test(size=(100, 30)) as pilot:
        await settled(app, pilot)
        await pilot.press("question_mark")
        await until(lambda: isinstance(app.screen, HelpScreen), pilot)
        release.set()
        await until(lambda: app.screen.id == "opened", pilot)
        assert not any(isinstance(screen, StartScreen | HelpScreen) for screen in app.screen_stack)


async def too_small(app: BarfinexApp, pilot: Any) -> None:
    await pilot.resize_terminal(40, 10)
    await until(lambda: app.screen.has_class("-too-small"), pilot)
