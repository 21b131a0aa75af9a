"""No control character reaches a cell, whatever the way it takes; and no markup of others is read."""

import pytest
from rich.text import Text
from textual.app import App, ComposeResult
from textual.content import Content
from textual.widgets import Button, DataTable, Input, Label, Log, OptionList, RichLog, Static, Tree

from tests.tui.guards.hostile import hostile_catalog
from tests.tui.guards.payloads import PAYLOADS, RAW
from tests.tui.scripted import Stage, settled
from tui import guards
from tui.app import BarfinexApp

HOSTILE = pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS.keys())


def shown(app: App[object]) -> str:
    """Every character of the screen, as the compositor would send it."""
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip) for strip in strips)


def assert_clean(app: App[object]) -> None:
    text = shown(app)
    assert not [hex(ord(char)) for char in RAW if char in text]


class EveryWay(App[None]):
    """The payload by every way a text takes to a cell."""

    def __init__(self, payload: str) -> None:
        guards.install()
        super().__init__()
        self.payload = payload

    def compose(self) -> ComposeResult:
        payload = self.payload
        yield Static(payload, markup=False)
        yield Static(Content(payload))
        yield Static(Text(payload))
        yield Label(payload, markup=False)
        yield Button(Content(payload))
        yield OptionList(payload, markup=False)
        yield Input(payload, placeholder=payload)
        table: DataTable[Text] = DataTable()
        table.add_column(Text(payload))
        table.add_row(Text(payload))
        yield table
        yield Tree(Text(payload))
        yield RichLog(markup=False, id="rich")
        yield Log(id="plain")

    def on_mount(self) -> None:
        self.query_one("#rich", RichLog).write(Text(self.payload))
        self.query_one("#plain", Log).write_line(self.payload)


@HOSTILE
async def test_nothing_raw_comes_through_any_widget(payload: str) -> None:
    app = EveryWay(payload)
    async with app.run_test(size=(100, 60)) as pilot:
        await pilot.pause()
        assert_clean(app)


async def test_the_guard_is_what_does_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the guard the same screen leaks: the test above can fail."""
    import rich.control
    import textual.content

    for module in (rich.control, textual.content):
        table = module._CONTROL_STRIP_TRANSLATE
        for code in list(table):
            monkeypatch.delitem(table, code)
    app = EveryWay(PAYLOADS["title"])
    for module in (rich.control, textual.content):
        for code in guards.unsafe_code_points():
            module._CONTROL_STRIP_TRANSLATE.pop(code, None)
    async with app.run_test(size=(100, 60)) as pilot:
        await pilot.pause()
        leaked = "\x1b" in shown(app)
    guards.install()
    assert leaked


@HOSTILE
async def test_a_hostile_catalog_is_shown_and_harmless(payload: str) -> None:
    app = Stage(catalog=hostile_catalog(payload)).app()
    async with app.run_test(size=(120, 30)) as pilot:
        await settled(app, pilot)
        assert_clean(app)
        await pilot.press("i")
        await pilot.pause()
        assert_clean(app)
        await pilot.press("i", "a")
        await pilot.pause()
        assert_clean(app)
        await pilot.press("escape", "4")
        await pilot.pause()
        assert_clean(app)
        assert app.is_running


@HOSTILE
async def test_hostile_notifications_are_plain_text(payload: str) -> None:
    app = Stage().app()
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        app.notify(payload, title=payload, markup=True)
        await settled(app, pilot)
        assert_clean(app)
        assert app.is_running


async def test_markup_in_a_name_runs_no_action() -> None:
    """`[@click=app.quit]` in a name, clicked on wherever it is shown, does nothing."""
    app = Stage(catalog=hostile_catalog(PAYLOADS["action"])).app()
    async with app.run_test(size=(160, 50), notifications=True) as pilot:
        await settled(app, pilot)
        app.notify(PAYLOADS["action"], timeout=60)
        await pilot.pause()
        lines = shown(app).split("\n")
        places = [(line.index("[@click"), row) for row, line in enumerate(lines) if "[@click" in line]
        assert len(places) >= 3
        for x, row in places:
            await pilot.click(offset=(x + 18, row))
            await pilot.pause()
            assert app.is_running
            assert app.return_value is None


def test_event_reprs_hold_no_typed_text() -> None:
    from textual import events

    BarfinexApp()
    assert "s3cret" not in repr(events.Paste("s3cret"))
    assert "'s'" not in repr(events.Key("s", "s"))
    assert "enter" in repr(events.Key("enter", "\r"))
