"""Questions on a terminal: each with a default, and asked again until the answer can be used."""

import sys
from collections.abc import Callable
from typing import TypeVar

import typer

from tui.command_line.problems import BadUsage, say

T = TypeVar("T")


class Asker:
    """`asks`: there is somebody to ask. Otherwise what was not said is the default."""

    def __init__(self, *, asks: bool) -> None:
        self._asks = asks

    def __call__(self, question: str, said: str | None, default: str, read: Callable[[str], T]) -> T:
        """`read` makes a value of the text and raises `BadUsage` or `UsageError` where it is none.

        What was said on the command line is never asked for again: its error is the command's.
        """
        if said is not None or not self._asks:
            return read(default if said is None else said)
        from connectors.contracts.errors import UsageError

        while True:
            try:
                return read(_answer(f"{question} [{default}]: ") or default)
            except (BadUsage, UsageError) as error:
                say(str(error))


def _answer(prompt: str) -> str:
    """One line. Raises `Abort` where the input ends, or somebody interrupts."""
    # Typer's own prompt writes to standard output too, which is for data.
    print(prompt, end="", file=sys.stderr, flush=True)
    try:
        line = sys.stdin.readline()
    except KeyboardInterrupt:
        line = ""
    if not line:
        # What the shell prints next begins a line of its own.
        print(file=sys.stderr)
        raise typer.Abort
    return line.strip()
