"""No timer can hold up the event loop for good, whatever interval it is asked for."""

import asyncio
import math
import subprocess
import sys
import time

import pytest
from textual.app import App
from textual.notifications import Notification
from textual.timer import Timer
from textual.widgets._toast import Toast

from tests.tui.scripted import Stage, settled, until
from tui import guards

BAD = (-3600.0, -0.0012, 0.0, 1e-12, math.nan, -math.inf)

PROGRAM = """
import asyncio
from textual.app import App
from tui import guards

guards.install()
fired = set()

class Asking(App[None]):
    def on_mount(self):
        for text in {texts!r}:
            self.set_{kind}(float(text), lambda text=text: self.count(text))

    def count(self, text):
        fired.add(text)
        if len(fired) == {count}:
            self.exit(0)

asyncio.run(Asking().run_async(headless=True))
"""


@pytest.fixture(autouse=True)
def installed() -> None:
    guards.install()


@pytest.mark.parametrize("kind", ["timer", "interval"])
def test_a_timer_of_any_interval_fires(kind: str) -> None:
    """In a process of its own: an event loop that spins can be ended by nothing inside it."""
    program = PROGRAM.format(kind=kind, texts=[repr(interval) for interval in BAD], count=len(BAD))
    subprocess.run([sys.executable, "-c", program], timeout=60, check=True, capture_output=True)


@pytest.mark.parametrize("interval", BAD)
async def test_an_interval_is_above_zero_wherever_it_is_made(interval: float) -> None:
    app = App[None]()
    assert Timer(app, interval)._interval > 0
    assert Timer(app, interval, repeat=0)._interval > 0


async def test_a_usual_interval_is_kept() -> None:
    assert Timer(App[None](), 0.25)._interval == 0.25
    assert Timer(App[None](), math.inf)._interval == math.inf


async def test_a_single_timer_fires_however_late_the_loop_comes_to_it() -> None:
    fired = asyncio.Event()

    class Late(App[None]):
        def on_mount(self) -> None:
            self.set_timer(0.001, fired.set)
            time.sleep(0.02)

    async with Late().run_test(), asyncio.timeout(10):
        await fired.wait()


async def test_a_toast_mounted_after_its_time_goes_away_and_the_app_goes_on() -> None:
    stage = Stage()
    app = stage.app()
    async with app.run_test(notifications=True) as pilot:
        await settled(app, pilot)
        over = Notification("too late", timeout=5, raised_at=time.time() - 5.0012)
        toast = Toast(over)
        assert toast._timeout < 0
        await app.screen.mount(toast)
        await until(lambda: not toast.is_attached, pilot)
