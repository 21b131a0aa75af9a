"""Pictures of the catalog: themes, sizes and states."""

from collections.abc import Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from catalog.model import MarketType
from tests.tui.sample_catalog import sample_catalog
from tests.tui.scripted import Stage, settled
from tui.widgets.segment_tree import BROKEN, SegmentTree

Compare = Callable[..., bool]

SIZES = {"80x24": (80, 24), "120x40": (120, 40), "200x60": (200, 60)}


def stage(config: str = "", *, broken: bool = False) -> Stage:
    return Stage(catalog=sample_catalog(broken=broken), config=config)


def keys(*pressed: str) -> Callable[[Pilot[Any]], Any]:
    async def run(pilot: Pilot[Any]) -> None:
        await settled(pilot.app, pilot)
        for key in pressed:
            await pilot.press(key)
        await pilot.pause()

    return run


@pytest.mark.parametrize("theme", ["barfinex-dark", "barfinex-light"])
@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES.keys())
def test_catalog(snap_compare: Compare, size: tuple[int, int], theme: str) -> None:
    assert snap_compare(stage(f'theme = "{theme}"').app(), terminal_size=size, run_before=keys())


def test_contrast(snap_compare: Compare) -> None:
    assert snap_compare(
        stage('theme = "barfinex-contrast"').app(), terminal_size=(120, 40), run_before=keys()
    )


def test_no_colour(snap_compare: Compare, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert snap_compare(stage().app(), terminal_size=(120, 40), run_before=keys())


def test_ansi_colours(snap_compare: Compare) -> None:
    assert snap_compare(stage('theme = "ansi-dark"').app(), terminal_size=(120, 40), run_before=keys())


def test_search(snap_compare: Compare) -> None:
    assert snap_compare(stage().app(), terminal_size=(120, 40), run_before=keys("slash", *"bin"))


def test_filters(snap_compare: Compare) -> None:
    pressed = ("1", "down", "down", "enter", "4", "down", "enter")
    assert snap_compare(stage().app(), terminal_size=(80, 24), run_before=keys(*pressed))


def test_choosing_a_filter(snap_compare: Compare) -> None:
    assert snap_compare(stage().app(), terminal_size=(80, 24), run_before=keys("2"))


def test_nothing_found(snap_compare: Compare) -> None:
    assert snap_compare(stage().app(), terminal_size=(120, 40), run_before=keys("slash", *"zzz"))


def test_broken_plug_in(snap_compare: Compare) -> None:
    async def run(pilot: Pilot[Any]) -> None:
        await settled(pilot.app, pilot)
        pilot.app.screen.query_one(SegmentTree).choose(BROKEN)
        await pilot.pause()

    assert snap_compare(stage(broken=True).app(), terminal_size=(120, 40), run_before=run)


def test_details_on_a_narrow_terminal(snap_compare: Compare) -> None:
    assert snap_compare(stage().app(), terminal_size=(80, 24), run_before=keys("i"))


def test_active(snap_compare: Compare) -> None:
    scene = stage()

    async def run(pilot: Pilot[Any]) -> None:
        await settled(pilot.app, pilot)
        await scene.manager.activate("binance", [MarketType.SPOT], environment="testnet")
        await pilot.pause()

    assert snap_compare(scene.app(), terminal_size=(120, 40), run_before=run)


def test_choosing_where_to_activate(snap_compare: Compare) -> None:
    assert snap_compare(stage().app(), terminal_size=(80, 24), run_before=keys("a"))


def test_failed_to_load(snap_compare: Compare) -> None:
    scene = stage()
    scene.load_errors = [OSError("the folder of manifests cannot be read")]
    assert snap_compare(scene.app(), terminal_size=(80, 24), run_before=keys())
