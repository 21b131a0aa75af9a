"""Pictures of what is not a screen of its own."""

import threading
from collections.abc import Callable
from typing import Any

from textual.pilot import Pilot

from connectors.contracts.errors import ConnectionFailed
from tests.tui.catalog_screen.test_snapshots import keys, stage
from tests.tui.scripted import Stage, settled, until
from tui.app import BarfinexApp, StartPlan
from tui.screens.start import StartScreen

Compare = Callable[..., bool]


def test_help(snap_compare: Compare) -> None:
    assert snap_compare(stage().app(), terminal_size=(80, 40), run_before=keys("question_mark"))


def test_too_small(snap_compare: Compare) -> None:
    assert snap_compare(stage().app(), terminal_size=(60, 20), run_before=keys())


def test_palette(snap_compare: Compare) -> None:
    assert snap_compare(stage().app(), terminal_size=(80, 24), run_before=keys("ctrl+p"))


def test_loading(snap_compare: Compare) -> None:
    """Held before the catalog is there: the first frames."""
    go_on = threading.Event()
    scene = stage()

    def load() -> Any:
        go_on.wait(30)
        return scene.load()

    async def run(pilot: Pilot[Any]) -> None:
        await until(lambda: bool(pilot.app.screen.query("#segments")), pilot)
        await pilot.pause()

    app = BarfinexApp(load=load, config_file=scene.config_file, state_folder=scene.home / "state")
    try:
        assert snap_compare(app, terminal_size=(80, 24), run_before=run)
    finally:
        go_on.set()


def test_start_that_failed(snap_compare: Compare) -> None:
    scene = Stage(catalog=stage().catalog, plan=StartPlan("binance"))
    scene.manager.activation_error = ConnectionFailed("nothing answers on 127.0.0.1:8080")

    async def run(pilot: Pilot[Any]) -> None:
        app = pilot.app
        assert isinstance(app, BarfinexApp)
        await settled(app, pilot)
        screen = app.screen
        assert isinstance(screen, StartScreen)
        await until(lambda: screen._failed, pilot)
        await pilot.pause()

    assert snap_compare(scene.app(), terminal_size=(80, 24), run_before=run)
