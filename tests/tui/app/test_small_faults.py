"""Things that a new user met: details, the way back to a market, pictures, secrets, messages, names."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.screen import Screen
from textual.widgets import Input, Static

from catalog.model import MarketType
from connectors.runtime.instances import ConnectorStatus, Instance
from tests.tui.scripted import Stage, settled, until
from tui import commands, flows, session
from tui.app import BarfinexApp
from tui.screens.catalog import CatalogScreen
from tui.screens.choice import ChoiceScreen
from tui.screens.wizard import WizardScreen
from tui.widgets.exchange_detail import ExchangeDetail
from tui.widgets.exchange_table import ExchangeTable
from tui.widgets.secret_input import SecretInput

LAST = session.LastMarket("binance", "spot", "local", "BTCUSDT")


def running(status: ConnectorStatus) -> Instance:
    return Instance(
        connector_type="binance",
        market_type=MarketType.SPOT,
        environment="local",
        profile="main",
        status=status,
        instrument_count=13,
        has_credentials=False,
    )


def detail_text(app: BarfinexApp) -> str:
    content = app.screen.query_one(ExchangeDetail).query_one(Static).content
    return str(content)


async def test_the_details_forget_what_was_turned_off() -> None:
    stage = Stage()
    app = stage.app()
    async with app.run_test(size=(140, 40)) as pilot:
        await settled(app, pilot)
        screen = app.screen
        assert isinstance(screen, CatalogScreen)
        screen.choose("binance")
        stage.manager.running = [running(ConnectorStatus.STOPPING)]
        stage.manager.tell()
        await until(lambda: "13 instruments" in detail_text(app), pilot)
        stage.manager.running = []
        stage.manager.tell()
        await until(lambda: "13 instruments" not in detail_text(app), pilot)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[tuple[session.LastMarket, bool]]:
    markets: list[tuple[session.LastMarket, bool]] = []

    def open_market(app: BarfinexApp, where: session.LastMarket, *, replace: bool = False) -> None:
        markets.append((where, replace))
        app.push_screen(Screen(id="market"))

    monkeypatch.setattr(flows, "open_market", open_market)
    return markets


@pytest.mark.parametrize("active", [True, False])
async def test_back_to_the_market_asks_for_nothing(
    opened: list[tuple[session.LastMarket, bool]], active: bool
) -> None:
    stage = Stage()
    if active:
        stage.manager.running = [running(ConnectorStatus.ACTIVE)]
    app = stage.app()
    app.last_market = LAST
    async with app.run_test(size=(140, 40)) as pilot:
        await settled(app, pilot)
        commands.reopen(app)
        await until(lambda: bool(opened), pilot)
        assert opened == [(LAST, False)]
        assert not any(isinstance(screen, ChoiceScreen) for screen in app.screen_stack)
        asked = [arguments for name, arguments in stage.manager.calls if name == "activate"]
        assert [(one[0], one[1], one[2]["environment"]) for one in asked] == (
            [] if active else [("binance", (MarketType.SPOT,), "local")]
        )


@pytest.mark.parametrize(
    ("keys", "entered"), [(("enter",), False), (("escape",), False), (("down", "enter"), True)]
)
async def test_the_way_back_enters_live_only_by_a_clear_yes(
    opened: list[tuple[session.LastMarket, bool]], keys: tuple[str, ...], entered: bool
) -> None:
    stage = Stage()
    app = stage.app()
    app.last_market = replace(LAST, environment="live")
    async with app.run_test(size=(140, 40)) as pilot:
        await settled(app, pilot)
        commands.reopen(app)
        await until(lambda: isinstance(app.screen, ChoiceScreen), pilot)
        assert not stage.manager.calls
        await pilot.press(*keys)
        await until(lambda: not isinstance(app.screen, ChoiceScreen), pilot)
        await app.workers.wait_for_complete()
        asked = [arguments[2]["environment"] for name, arguments in stage.manager.calls if name == "activate"]
        assert asked == (["live"] if entered else [])
        assert bool(opened) == entered


@pytest.mark.parametrize("market", ["spotty", "options", ""])
async def test_a_market_that_is_gone_is_told(
    opened: list[tuple[session.LastMarket, bool]], market: str
) -> None:
    app = Stage().app()
    app.last_market = session.LastMarket("binance", market, "local")
    async with app.run_test(size=(140, 40), notifications=True) as pilot:
        await settled(app, pilot)
        commands.reopen(app)
        await until(lambda: any("no such market" in one.message for one in app._notifications), pilot)
        assert not opened


@pytest.mark.parametrize("downloads", [True, False])
async def test_a_picture_is_saved_with_or_without_downloads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, downloads: bool
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    if downloads:
        (tmp_path / "Downloads").mkdir()
    app = Stage().app()
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await settled(app, pilot)
        app.action_screenshot()
        app.action_screenshot()
        await until(lambda: len(app._notifications) == 2, pilot)
        told = {one.message for one in app._notifications}
        assert len(told) == 2
        for path in map(Path, told):
            assert path.parent == (tmp_path / "Downloads" if downloads else tmp_path)
            assert path.read_text().startswith("<svg")


async def test_a_picture_that_cannot_be_saved_says_why(tmp_path: Path) -> None:
    app = Stage().app()
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await settled(app, pilot)
        app.deliver_screenshot(path=str(tmp_path / "nowhere"))
        await until(lambda: bool(app._notifications), pilot)
        (told,) = app._notifications
        assert "No such file or directory" in told.message
        assert "[" not in told.message + told.title


async def wizard_at_the_fields(app: BarfinexApp, stage: Stage, pilot: Any) -> list[SecretInput]:
    entry = stage.catalog.get("binance")
    assert entry is not None
    flows.set_up(app, entry, "local")
    await until(lambda: isinstance(app.screen, WizardScreen) and bool(app.screen.query(SecretInput)), pilot)
    return list(app.screen.query(SecretInput))


async def test_a_shown_secret_is_masked_when_the_focus_leaves_and_after_a_while() -> None:
    stage = Stage()
    app = stage.app()
    async with app.run_test(size=(100, 40)) as pilot:
        await settled(app, pilot)
        field = next(one for one in await wizard_at_the_fields(app, stage, pilot) if one.password)
        for leave in (
            lambda: app.screen.set_focus(None),
            lambda: field._timer and field._timer._callback and field.rest(),
            app.action_help,
        ):
            field.focus()
            await until(lambda: field.has_focus, pilot)
            await pilot.press("ctrl+r")
            assert not field.password
            assert field._timer is not None
            assert 0 < field._timer._interval <= 60
            leave()
            if len(app.screen_stack) > 2:
                await app.pop_screen()
                app.screen.set_focus(None)
            await until(lambda: field.password, pilot)


async def test_what_was_wrong_with_a_value_is_not_told_of_the_next() -> None:
    stage = Stage()
    app = stage.app()
    async with app.run_test(size=(100, 40)) as pilot:
        await settled(app, pilot)
        field = (await wizard_at_the_fields(app, stage, pilot))[0]
        await pilot.press("f3")
        place = app.screen.query_one(f"#problem-{str(field.id).removeprefix('field-')}", Static)
        await until(lambda: place.has_class("-set"), pilot)
        field.focus()
        await pilot.press("x")
        await until(lambda: not place.has_class("-set"), pilot)
        await pilot.press("f2")
        profile = app.screen.query_one("#profile", Input)
        profile.value = "no/such"
        await pilot.press("f3")
        wrong = app.screen.query_one("#profile-problem", Static)
        await until(lambda: wrong.has_class("-set"), pilot)
        profile.value = "mine"
        await until(lambda: not wrong.has_class("-set"), pilot)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50), (240, 50)])
async def test_no_name_is_cut_where_there_is_room(size: tuple[int, int]) -> None:
    app = Stage().app()
    async with app.run_test(size=size) as pilot:
        await settled(app, pilot)
        table = app.screen.query_one(ExchangeTable)
        await pilot.pause()
        cut = any("…" in str(table.get_row(row)[1]) for row in table.rows)
        used = sum(column.get_render_width(table) for column in table.columns.values())
        assert not cut or table.size.width - used <= 1
