"""`barfinex connector check`: the conformance kit, run on a connector."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tui.command_line import completion
from tui.command_line.log import Verbose, start_secure
from tui.command_line.problems import BadUsage, Failure, unknown

if TYPE_CHECKING:
    from catalog.model import MarketType
    from connectors.conformance.case import Case
    from connectors.conformance.target import Target


def check(
    target: Annotated[
        str | None,
        typer.Argument(
            help="An installed connector, package.module:function, or a folder with a pyproject.toml.",
            show_default=False,
            autocompletion=completion.loadable_connectors,
        ),
    ] = None,
    market: Annotated[
        list[str] | None,
        typer.Option(help="Only this market: spot, futures or margin; may be repeated.", show_default=False),
    ] = None,
    case: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NUMBER",
            help="Only these cases and what they depend on: M01,K*; may be repeated.",
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, a summary last.")] = False,
    junit: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write JUnit XML too.", show_default=False)
    ] = None,
    list_cases: Annotated[
        bool, typer.Option("--list", help="Say what the cases prove, and run none.")
    ] = False,
    verbose: Verbose = 0,
) -> None:
    """Check a connector against everything that its manifest claims.

    The connector is run against its own emulator and its own recordings, on loopback alone, while the kit loses,
    repeats and alters what lies between. A case is skipped where what it is about is not claimed, and blocked where
    one that it depends on did not pass. The exit code is 0 only if nothing failed and nothing was blocked.
    """
    from connectors.conformance.cases import all_cases

    cases = _selected(all_cases(), case or [])
    if list_cases:
        from tui.command_line.connector.listing import list_all

        list_all(cases, as_json=as_json)
        return
    if target is None:
        raise BadUsage("name a connector to check; --list says what is checked")
    found = _resolved(target)
    markets = [_market(found, name) for name in market or []]
    if junit is not None and not junit.absolute().parent.is_dir():
        raise Failure(f"--junit: there is no folder {junit.parent}")
    from tui.command_line.connector.checking import run

    start_secure(verbose)
    if not verbose:
        _silence()
    raise typer.Exit(run(found, cases, markets, as_json=as_json, junit=junit))


def _silence() -> None:
    """What a connector logs while it is being harmed is for `-v`: the verdict says what came of it."""
    import logging

    for handler in logging.getLogger().handlers:
        handler.setLevel(logging.CRITICAL)


def _selected(cases: "list[Case]", patterns: list[str]) -> "list[Case]":
    from connectors.conformance.job import select

    wanted = [part.strip() for text in patterns for part in text.split(",") if part.strip()]
    try:
        return select(cases, wanted)
    except KeyError as error:
        numbers = [case.number for case in cases]
        raise unknown("case", error.args[0], numbers, hint="--list shows them") from None


def _resolved(name: str) -> "Target":
    from connectors.conformance.target import resolve
    from connectors.conformance.unresolved import UnknownTarget

    try:
        return resolve(name)
    except UnknownTarget as error:
        hint = "'barfinex catalog' lists connectors; a folder or package.module:function can be named too"
        raise unknown(error.what, error.given, error.known, hint=hint) from None


def _market(target: "Target", name: str) -> "MarketType":
    from catalog.model import MarketType
    from tui.command_line import choice

    if target.entry is not None:
        return choice.market(target.entry, name)
    known = {market.value: market for market in MarketType}
    if name not in known:
        raise unknown("market", name, known)
    return known[name]
