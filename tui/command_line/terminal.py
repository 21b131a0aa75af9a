"""Whether there is a person to ask."""

import os
import sys


def on_terminal() -> bool:
    """Whether standard input is a terminal. A closed one is none at all."""
    return sys.stdin is not None and sys.stdin.isatty()  # pyright: ignore[reportUnnecessaryComparison]


def has_terminal() -> bool:
    """Whether there is a terminal to ask on, whatever standard input is."""
    if on_terminal():
        return True
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except (OSError, AttributeError):  # no terminal, or Windows, where getpass reads the console itself
        return sys.platform == "win32"
    return True
