"""The `barfinex` command.

`--version` imports nothing, the app imports no command-line parser, and a command imports no screen.
"""

import os
import sys

COMPLETION = "_BARFINEX_COMPLETE"
"""Set by the shell when it asks what could be typed next."""


def main() -> None:
    """The console script: runs `sys.argv` and leaves with its exit code, one of `tui.command_line.problems`."""
    try:
        from tui.command_line import interrupts

        interrupts.leave_at_once()
        from tui.command_line import standard_streams

        code = standard_streams.guarded(lambda: run(sys.argv[1:]))
        interrupts.leave_at_once()
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)


def run(arguments: list[str]) -> int:
    if arguments == ["--version"]:
        from tui.version import __version__

        print(f"barfinex {__version__}")
        return 0
    if not arguments and COMPLETION not in os.environ:
        from tui.command_line.screen import open_app

        return open_app()
    if arguments == ["demo"]:
        from tui.command_line.demo import open_demo

        return open_demo()
    from tui.command_line.entry import dispatch

    return dispatch(arguments)
