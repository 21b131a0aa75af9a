"""What the kit checks, case by case."""

import textwrap
from collections.abc import Iterator, Sequence
from itertools import groupby

from connectors.conformance.case import Case
from connectors.conformance.report import case_to_json
from tui.command_line.output import json_line, print_lines

_WIDTH = 100
_INDENT = " " * 5


def list_all(cases: Sequence[Case], *, as_json: bool) -> None:
    """Every case: number, title, what it proves, its precondition and when it is skipped."""
    if as_json:
        print_lines(json_line(case_to_json(case)) for case in cases)
    else:
        print_lines(_lines(cases))


def _lines(cases: Sequence[Case]) -> Iterator[str]:
    for topic, members in groupby(cases, key=lambda case: case.topic):
        yield topic.capitalize()
        for case in members:
            once = ", once for the connector" if case.scope.value == "connector" else ""
            yield f"{case.number}  {case.title}{once}"
            yield from _wrapped(f"Proves: {case.proves}")
            yield from _wrapped(f"Precondition: {case.precondition}.")
            yield from _wrapped(f"Skipped when: {case.skipped_when}.")


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=_INDENT, subsequent_indent=_INDENT)
