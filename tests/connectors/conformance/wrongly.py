"""Targets for the kit's own tests: any cases, any connector."""

from dataclasses import replace

from connectors.conformance.case import Case, Casebook, CaseRun, Scope
from connectors.conformance.target import Target, resolve


def binance() -> Target:
    return resolve("binance")


def case(run: CaseRun, number: str = "Z01", **changes: object) -> Case:
    """A case of the test's own; it is run once."""
    book = Casebook("tests")
    book.case(number, f"Case {number}", "Proves what the test says.", scope=Scope.CONNECTOR)(run)
    return replace(book.cases[0], **changes)  # type: ignore[arg-type] - the test names fields of the case
