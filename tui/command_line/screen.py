"""`barfinex` without a command: the app."""

import sys

from tui.command_line.problems import BAD_USAGE, OK, say


def open_app(*market: str) -> int:
    """Run the app until the person leaves it; `market` (connector, market, environment, symbol) is opened at once."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        say("the app needs a terminal; 'barfinex --help' lists the commands that do not")
        return BAD_USAGE
    from tui.app import BarfinexApp, StartPlan

    code = BarfinexApp(StartPlan(*market) if market else None).run()
    return OK if code is None else code
