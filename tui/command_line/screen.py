"""`barfinex` without a command: the app."""

import sys
from typing import TYPE_CHECKING

from tui.command_line.problems import BAD_USAGE, OK, say

if TYPE_CHECKING:
    from tui.recording_plan import RecordingPlan


def open_app(*market: str, recording: "RecordingPlan | None" = None) -> int:
    """Run the app until the person leaves it.

    `market` (connector, market, environment, symbol), or the recording, is opened at once.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        say("the app needs a terminal; 'barfinex --help' lists the commands that do not")
        return BAD_USAGE
    from tui.app import BarfinexApp, StartPlan

    code = BarfinexApp(StartPlan(*market) if market else recording).run()
    return OK if code is None else code
