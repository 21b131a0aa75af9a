"""Opening a recording in the app."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tui import flows
from tui.recording_plan import RecordingPlan

if TYPE_CHECKING:
    from tui.app import BarfinexApp
    from tui.screens.replay import ReplayScreen

READ_SECONDS = 300.0
"""A recording that takes longer to read through is given up."""


def ask_for_recording(app: "BarfinexApp") -> None:
    """Ask for a file and open it."""

    async def work() -> None:
        from tui.screens.ask import AskScreen  # noqa: PLC0415 - opened when asked for

        asked = AskScreen("Open a recording", placeholder="market.jsonl.gz", fault=_no_file)
        answer = await app.push_screen_wait(asked)
        if answer is not None:
            app.push_screen(await _screen(app, RecordingPlan(_path(answer))))

    flows.run(app, work(), "open a recording")


async def start(app: "BarfinexApp", plan: RecordingPlan, progress: Callable[[str], None]) -> "ReplayScreen":
    """The screen of the start plan's recording. Raises `BarfinexError`, `TimeoutError`."""
    progress(f"Reading {plan.path.name}…")
    return await _screen(app, plan)


async def _screen(app: "BarfinexApp", plan: RecordingPlan) -> "ReplayScreen":
    from catalog.catalog import Catalog  # noqa: PLC0415 - after the first paint
    from connectors.runtime.daemon_call import call_in_daemon_thread  # noqa: PLC0415
    from tui.replay_source import read_source  # noqa: PLC0415
    from tui.screens.replay import ReplayScreen  # noqa: PLC0415

    catalog = app.services.catalog if app.services is not None else Catalog.load()
    make = await call_in_daemon_thread(
        lambda: read_source(catalog, plan.path, plan.max_idle), READ_SECONDS, name="read the recording"
    )
    return ReplayScreen(make(), plan.symbol, speed=plan.speed, fps=app.settings.fps)


def _path(text: str) -> Path:
    return Path(text.strip()).expanduser()


def _no_file(text: str) -> str | None:
    return None if _path(text).is_file() else "There is no such file."
