"""Driving the health screen by hand: its timers are off, a test asks for every poll and frame."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from textual.pilot import Pilot

from tests.tui.health.scripted import HealthApp, Source, healthy
from tests.tui.market.pilots import until
from tui.widgets.rows import row_text
from tui.widgets.rows_widget import RowsWidget


class Driver:
    def __init__(self, app: HealthApp, pilot: Pilot[None]) -> None:
        self.app, self.pilot, self.source = app, pilot, app.source
        self.screen = app.health

    async def poll(self, seconds: float = 1.0) -> None:
        """Let time pass and the screen look again."""
        self.app.now += seconds
        self.screen.poll()
        await self.frame()

    async def frame(self) -> None:
        await self.pilot.pause()
        self.screen.frame()
        await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.frame()

    async def go_to(self, pane: str) -> None:
        self.screen.action_pane(pane)
        await until(lambda: self.screen.query_one(f"#{pane}").has_focus)
        await self.frame()

    def text(self, pane: str) -> str:
        return "\n".join(row_text(row) for row in self.screen.query_one(f"#{pane}", RowsWidget).rows)

    def shown(self, pane: str) -> bool:
        return self.screen.query_one(f"#{pane}").is_on_screen


async def prepare(pilot: Pilot[None]) -> Driver:
    app = pilot.app
    assert isinstance(app, HealthApp)
    await until(lambda: app.health.frames is not None and app.health.polls is not None)
    for timer in (app.health.frames, app.health.polls):
        assert timer is not None
        timer.pause()
    driver = Driver(app, pilot)
    await driver.poll()
    return driver


@asynccontextmanager
async def driving(
    source: Source | None = None, *, size: tuple[int, int] = (120, 40), log: bool = True
) -> AsyncIterator[Driver]:
    app = HealthApp(source if source is not None else healthy(), log=log)
    async with app.run_test(size=size) as pilot:
        yield await prepare(pilot)
