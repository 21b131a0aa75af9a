"""Pictures of every screen, made from the real app on the emulator: `python screenshots/make.py [NAME...]`.

SVG always, PNG where `rsvg-convert` is installed. The market behind them is seeded, the clock is not: prices and shapes
are alike from run to run, times differ.
"""

import asyncio
import html
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.cells import cell_len
from textual.pilot import Pilot

from connectors.emulator.emulator import Emulator, EmulatorOptions
from tui.app import BarfinexApp
from tui.flows import open_market
from tui.screens.wizard import WizardScreen
from tui.session import LastMarket

FOLDER = Path(__file__).resolve().parent
SEED = 7
HISTORY = 4.0
"""Seconds that a market is watched before its picture is taken."""
TIMEOUT = 30.0

DARK, LIGHT = "barfinex-dark", "barfinex-light"
NORMAL, NARROW, WIDE = (120, 40), (80, 24), (200, 60)

Screen = Callable[[BarfinexApp, Pilot[Any], Emulator], Awaitable[None]]


@dataclass(frozen=True)
class Look:
    name: str
    theme: str
    size: tuple[int, int]


LOOKS = (
    Look("dark", DARK, NORMAL),
    Look("light", LIGHT, NORMAL),
    Look("narrow", DARK, NARROW),
    Look("wide", DARK, WIDE),
)


async def catalog(app: BarfinexApp, pilot: Pilot[Any], emulator: Emulator) -> None:
    await until(lambda: app.services is not None)


async def wizard(app: BarfinexApp, pilot: Pilot[Any], emulator: Emulator) -> None:
    await until(lambda: app.services is not None)
    assert app.services is not None
    entry = app.services.catalog.get("binance")
    assert entry is not None
    app.push_screen(WizardScreen(app.services.manager, entry, environment="testnet"))


async def market(app: BarfinexApp, pilot: Pilot[Any], emulator: Emulator) -> None:
    await until(lambda: app.services is not None)
    assert app.services is not None
    await app.services.manager.activate(
        "binance", ["spot"], environment="local", endpoints=emulator.endpoints, credentials={}
    )
    open_market(app, LastMarket("binance", "spot", "local", "BTCUSDT"))
    await asyncio.sleep(HISTORY)


async def health(app: BarfinexApp, pilot: Pilot[Any], emulator: Emulator) -> None:
    await market(app, pilot, emulator)
    await pilot.press("H")
    await asyncio.sleep(HISTORY / 2)


SCREENS: dict[str, Screen] = {"catalog": catalog, "wizard": wizard, "market": market, "health": health}


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(TIMEOUT):
        while not condition():  # noqa: ASYNC110 - a picture is taken from outside: the app signals nothing to us
            await asyncio.sleep(0.05)


async def take(name: str, screen: Screen, look: Look, home: Path) -> None:
    async with Emulator("binance", EmulatorOptions(seed=SEED)) as emulator:
        app = BarfinexApp(config_file=home / "config.toml", state_folder=home)
        async with app.run_test(size=look.size) as pilot:
            app.theme = look.theme
            await screen(app, pilot, emulator)
            await pilot.pause(0.5)
            write(f"{name}-{look.name}", app.export_screenshot(title="barfinex"))


def write(name: str, svg: str) -> None:
    """The picture, without the fonts it would fetch from elsewhere."""
    file = FOLDER / f"{name}.svg"
    svg = re.sub(r"@font-face\s*\{.*?\}\s*", "", svg, flags=re.DOTALL)
    file.write_text(TEXT.sub(word_by_word, svg), encoding="utf-8")
    if shutil.which("rsvg-convert"):
        subprocess.run(["rsvg-convert", "-o", file.with_suffix(".png"), file], check=True)
    print(file.name, flush=True)


TEXT = re.compile(r'<text class="(?P<style>[^"]+)" x="(?P<x>[\d.]+)"(?P<rest> y="[^"]+") textLength="[^"]+"'
                  r'(?P<clip>[^>]*)>(?P<text>[^<]*)</text>')  # fmt: skip
CELL = 12.2
"""Width of a cell in the picture."""


def word_by_word(match: re.Match[str]) -> str:
    """Each word at its own place: renderers differ in how wide a space is, and some drop the leading ones."""
    words: list[str] = []
    column = 0
    for part in re.split(r"((?:&#160;)+)", match["text"]):
        if part.startswith("&#160;"):
            column += part.count(";")
        elif part:
            width = cell_len(html.unescape(part))
            x = float(match["x"]) + column * CELL
            words.append(
                f'<text class="{match["style"]}" x="{x:g}"{match["rest"]} textLength="{width * CELL:g}"'
                f"{match['clip']}>{part}</text>"
            )
            column += width
    return "".join(words)


async def main() -> None:
    wanted = sys.argv[1:] or list(SCREENS)
    for name in wanted:
        for look in LOOKS:
            with tempfile.TemporaryDirectory() as home:
                await take(name, SCREENS[name], look, Path(home))


if __name__ == "__main__":
    asyncio.run(main())
