"""`barfinex` without a command: the app."""

import sys
from typing import TYPE_CHECKING

from tui.command_line import interrupts
from tui.command_line.problems import BAD_USAGE, OK, say

if TYPE_CHECKING:
    from tui.recording_plan import RecordingPlan


def open_app(*market: str, recording: "RecordingPlan | None" = None) -> int:
    """Run the app until the person leaves it.

    `market` (connector, market, environment, symbol), or the recording, is opened at once.
    """
    # A stream that was closed before the start (`<&-`) is no stream at all.
    if not all(stream is not None and stream.isatty() for stream in (sys.__stdin__, sys.__stdout__)):
        say("the app needs a terminal; 'barfinex --help' lists the commands that do not")
        return BAD_USAGE
    from tui.app import BarfinexApp, StartPlan
    from tui.contained_run import run_contained

    app = BarfinexApp(StartPlan(*market) if market else recording)
    interrupts.deliver()
    code = run_contained(app.run_async())
    return OK if code is None else code
