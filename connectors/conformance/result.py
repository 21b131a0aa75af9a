"""What a check found: one result for each case and market."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from catalog.model import MarketType
from connectors.conformance.case import Case


class Verdict(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    """What it is about is not claimed."""
    BLOCKED = "blocked"
    """A case that it depends on did not pass, so nothing is known; it counts as a failure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """`reason` is one line, cleaned and without secrets; empty where the case passed."""

    case: Case
    market_type: MarketType | None
    """`None` for a case that is run once for the whole connector."""
    verdict: Verdict
    seconds: float = 0.0
    reason: str = ""
    where: str = ""
    """File, line and function of the connector's code that raised, where one did."""

    @property
    def failed(self) -> bool:
        return self.verdict in (Verdict.FAILED, Verdict.BLOCKED)


def tally(results: Iterable[Result]) -> Mapping[Verdict, int]:
    """How many there are of each verdict, the absent ones included."""
    counts = dict.fromkeys(Verdict, 0)
    for result in results:
        counts[result.verdict] += 1
    return counts
