"""Importing: what it costs, and what else it does."""

from connectors.conformance.case import Casebook, Scope, require
from connectors.conformance.import_probe import probe
from connectors.conformance.subject import Subject

BOOK = Casebook("imports")

MOST_SECONDS = 2.0
"""What a connector's import may take beyond barfinex's own contracts; an activation waits for it."""
_TERMINAL = ("textual", "rich", "prompt_toolkit", "curses", "tkinter")


@BOOK.case(
    "I01",
    "It can be imported",
    "The module that the entry point names is imported without an error, and has the function that it names.",
    scope=Scope.CONNECTOR,
)
async def can_be_imported(subject: Subject) -> None:
    found = await probe(subject.target)
    require(found.error is None, found.error or "")


@BOOK.case(
    "I02",
    "Importing it does nothing else",
    "Nothing is printed, connected, started or drawn on the terminal because a connector was named.",
    scope=Scope.CONNECTOR,
    after=("I01",),
)
async def import_does_nothing(subject: Subject) -> None:
    found = await probe(subject.target)
    drawn = [name for name in _TERMINAL if name in found.modules]
    require(
        not drawn, f"its import brings in {', '.join(drawn)}: only the program itself draws on the terminal"
    )
    require(not found.deeds, f"its import {', '.join(dict.fromkeys(found.deeds))}")
    require(not found.printed, f"its import prints: {found.printed[:200]}")


@BOOK.case(
    "I03",
    "Importing it is quick",
    f"The import takes less than {MOST_SECONDS:g} s beyond barfinex's own contracts: an activation waits for it.",
    scope=Scope.CONNECTOR,
    after=("I01",),
    alone=True,
)
async def import_is_quick(subject: Subject) -> None:
    # The better of two: a busy machine is not the connector's fault.
    taken = min((await probe(subject.target)).seconds, (await probe(subject.target)).seconds)
    require(taken < MOST_SECONDS, f"its import takes {taken:.1f} s beyond the contracts' own")


@BOOK.case(
    "I04",
    "Listing it does not import it",
    "The catalog reads its manifest alone; its code is imported when it is activated and not before.",
    scope=Scope.CONNECTOR,
)
async def listing_does_not_import(subject: Subject) -> None:
    module = subject.target.entry_point.partition(":")[0].strip()
    found = await probe(subject.target, load=False)
    require(found.error is None, found.error or "")
    require(module not in found.modules, f"finding it in the catalog imports {module}")
