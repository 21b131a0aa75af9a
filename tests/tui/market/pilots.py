"""Driving the market screen by hand: its timers are off, a test asks for every frame."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from textual.pilot import Pilot

from tests.tui.market.scripted import MarketApp, ScriptedManager
from tui.widgets.chart import ChartPane
from tui.widgets.ladder import LadderPane
from tui.widgets.rows import row_text
from tui.widgets.rows_widget import RowsWidget
from tui.widgets.tape import TapePane


async def until(condition: Callable[[], object]) -> None:
    """Let the app run until the condition holds."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - any condition, whoever brings it about
            await asyncio.sleep(0.005)


class Driver:
    def __init__(self, app: MarketApp, pilot: Pilot[None]) -> None:
        self.app, self.pilot, self.manager = app, pilot, app.manager
        self.screen = app.market
        self.chart = self.screen.query_one(ChartPane)
        self.ladder = self.screen.query_one(LadderPane)
        self.tape = self.screen.query_one(TapePane)

    async def frame(self) -> None:
        await self.pilot.pause()
        self.screen.feed.poll()
        self.screen.frame()
        await self.pilot.pause()

    async def subscribed(self) -> None:
        await until(lambda: all(one.state in ("live", "error") for one in self.screen.store.conditions()))

    def text(self, widget: RowsWidget | str) -> str:
        shown = self.screen.query_one(f"#{widget}", RowsWidget) if isinstance(widget, str) else widget
        return "\n".join(row_text(row) for row in shown.rows)


async def prepare(pilot: Pilot[None], *, fill: bool = True, subscribed: bool = True) -> Driver:
    """The screen with its timers off, and a whole market in it."""
    app = pilot.app
    assert isinstance(app, MarketApp)
    await until(lambda: app.market.frames is not None and app.market.polls is not None)
    for timer in (app.market.frames, app.market.polls):
        assert timer is not None
        timer.pause()
    driver = Driver(app, pilot)
    if subscribed:
        await driver.subscribed()
    if fill:
        driver.manager.fill()
    await driver.frame()
    return driver


@asynccontextmanager
async def driving(
    manager: ScriptedManager | None = None,
    *,
    size: tuple[int, int] = (120, 40),
    fill: bool = True,
    symbol: str | None = "BTCUSDT",
) -> AsyncIterator[Driver]:
    app = MarketApp(manager or ScriptedManager(), symbol)
    async with app.run_test(size=size) as pilot:
        yield await prepare(pilot, fill=fill)
