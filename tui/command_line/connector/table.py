"""What a check found, as a table for a person."""

from collections.abc import Sequence

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
_STYLES = {
    Verdict.PASSED: "green",
    Verdict.FAILED: "bold red",
    Verdict.SKIPPED: "dim",
    Verdict.BLOCKED: "yellow",
}


def print_table(results: Sequence[Result], target: Target, seconds: float) -> None:
    """One row for each result, and a last line with the counts. Plain where it is no terminal or NO_COLOR is set."""
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
    for result in results:
        table.add_row(
            result.case.number,
            result.market_type.value if result.market_type is not None else "",
            Text(result.case.title),
            Text(f"{_SIGNS[result.verdict]} {result.verdict.value}", style=_STYLES[result.verdict]),
            f"{result.seconds:.1f}" if result.verdict in (Verdict.PASSED, Verdict.FAILED) else "",
            Text(f"{result.reason} (at {result.where})" if result.where else result.reason),
        )
    return table


def _summary(results: Sequence[Result], target: Target, seconds: float) -> Text:
    counts = tally(results)
    told = ", ".join(f"{count} {verdict.value}" for verdict, count in counts.items() if count)
    failed = any(result.failed for result in results)
    verdict = "does not conform" if failed else "conforms"
    text = Text(f"{target.connector_type} {verdict}: ", style="bold red" if failed else "bold green")
    return text.append(f"{told or 'no case was run'}; {seconds:.1f} s", style="default")
