"""How a headless command starts: its process closed to others, its log on standard error without secrets."""

import logging
import sys
from typing import Annotated, TypeAlias

import typer

from tui.command_line import interrupts
from tui.command_line.problems import say
from tui.command_line.standard_streams import reserve

Verbose: TypeAlias = Annotated[
    int, typer.Option("-v", "--verbose", count=True, help="Log more to standard error (-v info, -vv debug).")
]

LEVELS = (logging.ERROR, logging.INFO, logging.DEBUG)
"""A warning is for `-v`: what happens to a stream is an event of it, what ends a command is its last line."""


def start_log(verbose: int) -> None:
    """Log to standard error: errors, with `-v` info, with `-vv` debug; never what libraries say of the wire.

    What a connector prints goes there too: standard output is for data from here on. So far nothing is under way that
    Ctrl-C would have to clean up; what comes now may be.
    """
    interrupts.deliver()
    reserve()
    from connectors.runtime.log_file import KeyValueFormatter
    from connectors.runtime.redaction import install

    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(KeyValueFormatter())
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(LEVELS[min(verbose, len(LEVELS) - 1)])
    install()


def start_secure(verbose: int) -> None:
    """As `start_log`, for a command that may hold credentials."""
    from connectors.runtime.hardening import harden

    start_log(verbose)
    for note in harden():
        say(note)
