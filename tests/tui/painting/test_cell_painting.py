"""What is sent to the terminal while the market moves: all that changed, and little besides."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.color import Color, ColorSystem
from rich.console import Console
from rich.style import Style
from textual.app import App, ComposeResult
from textual.screen import Screen
from textual.widgets import Label

from connectors.contracts import BookState
from tests.tui.health.pilots import driving as driving_health
from tests.tui.market.pilots import Driver, prepare, until
from tests.tui.market.scripted import MarketApp, ScriptedManager, levels, trades
from tests.tui.painting.terminal_model import Screenful, TerminalModel
from tui.cell_painting import CellCompositor, CellUpdate, style_change
from tui.widgets.rows import Row
from tui.widgets.rows_widget import RowsWidget

TURNS = 30


def happen(driver: Driver, chance: random.Random, turn: int) -> None:
    """One of the things that happen on a market screen."""
    manager, base = driver.manager, driver.manager.last_close
    match turn % 5:
        case 0 | 1:
            bids, asks = levels(base, 30)
            manager.book.apply(
                [(price, chance.choice((0.0, 0.5, 12.25))) for price, _ in chance.sample(bids, 1 + turn % 4)],
                [(price, chance.random()) for price, _ in chance.sample(asks, turn % 3)],
            )
        case 2:
            manager.streams.push("trade", *trades(chance.choice((1, 40)), base=base, seed=turn))
        case 3:
            driver.app.notify(f"Toast number {turn}.", timeout=0.02)
        case _:
            manager.book.set_state(chance.choice((BookState.SYNCED, BookState.STALE)))


@pytest.mark.parametrize("theme", ["barfinex-dark", "ansi-dark", "no colour"])
async def test_the_terminal_shows_what_a_screen_painted_anew_would(
    theme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if theme == "no colour":
        monkeypatch.setenv("NO_COLOR", "1")
        theme = "barfinex-dark"
    app = MarketApp(ScriptedManager(), theme=theme)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        driver = await prepare(pilot)
        screenful = Screenful(app)
        chance = random.Random(5)
        for turn in range(TURNS):
            happen(driver, chance, turn)
            await driver.frame()
            await until(lambda: screenful.model.cells == screenful.painted_anew().cells)
        assert len(screenful.sent) >= TURNS // 2


async def test_the_health_screen_sends_only_what_changed() -> None:
    async with driving_health(size=(160, 40)) as driver:
        screenful = Screenful(driver.app)
        written = screenful.model.written
        driver.source.running[0].connections[0].messages += 2_500
        await driver.poll(seconds=4)
        await until(lambda: screenful.model.cells == screenful.painted_anew().cells)
        # The messages of the connection and its rate, in its row and in its details.
        assert 0 < screenful.model.written - written <= 16
        for key in ("down", "end", "tab"):
            await driver.press(key)
            await until(lambda: screenful.model.cells == screenful.painted_anew().cells)


async def test_one_level_of_a_quiet_book_costs_little_more_than_its_changed_cells() -> None:
    app = MarketApp(ScriptedManager())
    async with app.run_test(size=(200, 45)) as pilot:
        driver = await prepare(pilot)
        screenful = Screenful(app)
        before = [list(line) for line in screenful.model.cells]
        written = screenful.model.written
        (price, quantity), *_ = driver.manager.book.view(1).bids
        driver.manager.book.apply([(price, quantity + 0.00123)], [])
        await driver.frame()
        await until(lambda: screenful.model.cells != before)
    changed = sum(
        old != new
        for was, now in zip(before, screenful.model.cells, strict=True)
        for old, new in zip(was, now, strict=True)
    )
    (sent,) = screenful.sent
    # The best price's size and total, and the totals of the other 18 bids: two or three digits each.
    assert changed <= 19 * 4
    assert screenful.model.written - written <= changed + 8
    assert sent.count("H") <= 20
    assert sent.count("m") <= 3
    assert len(sent) <= 20 * len("\x1b[43;138H") + 3 * len("\x1b[0;38;2;133;148;168;48;2;114;119;125m") + 80


SIZE = (30, 4)


class Behind(RowsWidget):
    """Rows of digits; `turn` shifts them."""

    turn = 0

    def changed(self) -> bool:
        return True

    def build(self, width: int, height: int) -> list[Row]:
        return [((str((y + self.turn) % 10) * width, "text"),) for y in range(height)]


class Overlapped(App[None]):
    CSS = """
    Screen { layers: below above; }
    Behind { layer: below; width: 30; height: 4; }
    Label { layer: above; offset: 10 1; width: 6; height: 1; }
    """

    def compose(self) -> ComposeResult:
        yield Behind()
        yield Label("in fro")

    def get_default_screen(self) -> Screen[None]:
        screen = Screen[None]()
        screen._compositor = CellCompositor()
        return screen


async def test_what_lies_behind_another_widget_is_not_painted_over_it() -> None:
    app = Overlapped()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        screenful = Screenful(app)
        widget = app.screen.query_one(Behind)
        widget.turn = 3
        widget.flush()
        await until(lambda: screenful.sent)
    lines = ["".join(glyph for glyph, _ in line) for line in screenful.model.cells]
    assert lines == ["3" * 30, "4" * 10 + "in fro" + "4" * 14, "5" * 30, "6" * 30]


async def test_nothing_is_sent_where_nothing_changed() -> None:
    app = Overlapped()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        screenful = Screenful(app)
        app.screen.query_one(Behind).flush()
        await pilot.pause()
        assert screenful.sent == []


colors = st.none() | st.sampled_from([Color.parse(name) for name in ("#102030", "#a0b0c0", "red", "default")])
flags = st.none() | st.booleans()
styles = st.none() | st.builds(
    Style, color=colors, bgcolor=colors, bold=flags, dim=flags, underline=flags, reverse=flags
)


@given(styles, styles, st.sampled_from([ColorSystem.TRUECOLOR, ColorSystem.EIGHT_BIT, ColorSystem.STANDARD]))
def test_a_change_of_style_ends_where_the_style_alone_does(
    before: Style | None, after: Style | None, system: ColorSystem
) -> None:
    alone, changed = TerminalModel(1, 1), TerminalModel(1, 1)
    alone.feed(style_change(None, after, system))
    changed.feed(style_change(None, before, system))
    changed.feed(style_change(before, after, system))
    assert changed.look == alone.look


def test_the_second_of_two_tones_says_only_its_own_colour() -> None:
    bid, ask = Style.parse("#3fb68b on #0e1319"), Style.parse("#f2666a on #0e1319")
    assert style_change(bid, ask, ColorSystem.TRUECOLOR) == "\x1b[38;2;242;102;106m"
    assert style_change(bid, bid, ColorSystem.TRUECOLOR) == ""


def test_runs_of_one_style_follow_one_another() -> None:
    bid, muted = Style.parse("green"), Style.parse("white")
    update = CellUpdate([(0, 0, "12", bid), (0, 5, "34", muted), (1, 0, "56", bid), (1, 5, "78", muted)])
    sent = update.render_segments(Console(force_terminal=True, color_system="truecolor"))
    assert sent == "\x1b[1;1H\x1b[32m12\x1b[2;1H56\x1b[1;6H\x1b[37m34\x1b[2;6H78\x1b[0m"


def test_a_link_stays_one() -> None:
    style = Style(link="https://example.com/")
    sent = CellUpdate([(0, 0, "here", style)]).render_segments(Console(force_terminal=True))
    assert f";{style.link}\x1b\\here\x1b]8;;\x1b\\" in sent
