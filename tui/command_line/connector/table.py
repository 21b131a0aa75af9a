"""What a check found, as a table for a person."""

from collections.abc import Sequence
from itertools import groupby

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from connectors.conformance.result import Result, Verdict, tally
from connectors.conformance.subject import Target
from tui.command_line.output import print_lines

_NARROWEST = 60
_WITHOUT_TERMINAL = 120
"""Columns where nobody says how many there are: a pipe, a file."""
_SIGNS = {Verdict.PASSED: "✓", Verdict.FAILED: "✗", Verdict.SKIPPED: "·", Verdict.BLOCKED: "■"}
_RUN = (Verdict.PASSED, Verdict.FAILED)
_MANY = 4
"""So many in a row that were not run for one and the same reason share a line."""
_STYLES = {
    Verdict.PASSED: "green",
    Verdict.FAILED: "bold red",
    Verdict.SKIPPED: "dim",
    Verdict.BLOCKED: "yellow",
}


def print_table(results: Sequence[Result], target: Target, seconds: float) -> None:
    """A row for each case that was run, and a last line with the counts. Plain without a terminal or with NO_COLOR."""
    console = Console(highlight=False, markup=False, emoji=False)
    console.width = max(console.width, _NARROWEST) if console.is_terminal else _WITHOUT_TERMINAL
    with console.capture() as captured:
        console.print(_table(results))
        console.print(_summary(results, target, seconds), soft_wrap=True)
    print_lines(line.rstrip() for line in captured.get().splitlines())


def _table(results: Sequence[Result]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, expand=False)
    table.add_column("CASE", no_wrap=True)
    table.add_column("MARKET", no_wrap=True)
    table.add_column("TITLE", ratio=2, min_width=24)
    table.add_column("VERDICT", no_wrap=True)
    table.add_column("SECONDS", justify="right", no_wrap=True)
    table.add_column("REASON", ratio=3, min_width=16)
    for (_, verdict, reason), group in groupby(results, key=_likeness):
        alike = list(group)
        if len(alike) >= _MANY:
            first, last = alike[0].case.number, alike[-1].case.number
            table.add_row(
                f"{first}-{last}", "", Text(f"{len(alike)} times"), _sign(verdict), "", Text(reason)
            )
            continue
        for result in alike:
            table.add_row(
                result.case.number,
                result.market_type.value if result.market_type is not None else "",
                Text(result.case.title),
                _sign(result.verdict),
                f"{result.seconds:.1f}" if result.verdict in _RUN else "",
                Text(f"{result.reason} (at {result.where})" if result.where else result.reason),
            )
    return table


def _likeness(result: Result) -> tuple[str, Verdict, str]:
    """What was run is told one by one; what was not, and for one reason, together."""
    own = f"{result.case.number} {result.market_type}" if result.verdict in _RUN else ""
    return own, result.verdict, result.reason


def _sign(verdict: Verdict) -> Text:
    return Text(f"{_SIGNS[verdict]} {verdict.value}", style=_STYLES[verdict])


def _summary(results: Sequence[Result], target: Target, seconds: float) -> Text:
    counts = tally(results)
    told = ", ".join(f"{count} {verdict.value}" for verdict, count in counts.items() if count)
    failed = any(result.failed for result in results)
    verdict = "does not conform" if failed else "conforms"
    text = Text(f"{target.connector_type} {verdict}: ", style="bold red" if failed else "bold green")
    return text.append(f"{told or 'no case was run'}; {seconds:.1f} s", style="default")
