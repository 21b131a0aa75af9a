"""What the command line says when something is wrong: one plain line on standard error, and an exit code.

| code | when |
|---|---|
| 0 | done; also where the reader of standard output has seen enough, and where Ctrl-C ends what has no other end |
| 1 | the command line makes sense, and it did not work: a file, the network, a venue, a package |
| 2 | the command line itself is wrong: an option, a value, or a name that nothing has |
| 130 | Ctrl-C, SIGTERM or SIGHUP before it was done |
"""

import sys
from collections.abc import Iterable
from contextlib import suppress
from difflib import get_close_matches

from catalog.text import MESSAGE_LIMIT, clean
from tui.command_line import interrupts

OK = 0
FAILED = 1
BAD_USAGE = 2
INTERRUPTED = interrupts.INTERRUPTED


class BadUsage(Exception):
    """The command line names something that does not exist or that cannot be; exit code 2."""


class Failure(Exception):
    """What was asked for makes sense and did not work; exit code 1."""


def say(text: str) -> None:
    """One line for the person, never on standard output. Where nobody can be told, nobody is."""
    with suppress(OSError):
        print(f"barfinex: {clean(text, MESSAGE_LIMIT)}", file=sys.stderr, flush=True)


def unknown(what: str, given: str, known: Iterable[str], *, where: str = "", hint: str = "") -> BadUsage:
    """`unknown symbol 'BTCUSD' on binance spot; did you mean 'BTCUSDT'?`, or with the choices where they are few."""
    names = list(known)
    line = f"unknown {what} '{clean(given)}' {where}".rstrip()
    by_folded = {name.casefold(): name for name in names}
    near = get_close_matches(given.casefold(), by_folded, n=2, cutoff=0.6)
    if near:
        return BadUsage(f"{line}; did you mean {' or '.join(repr(by_folded[name]) for name in near)}?")
    if hint:
        return BadUsage(f"{line}; {hint}")
    if len(names) <= MOST_NAMES_SHOWN:
        return BadUsage(f"{line}; choose one of: {', '.join(names) or 'none'}")
    return BadUsage(line)


MOST_NAMES_SHOWN = 20
