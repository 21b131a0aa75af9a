"""The cases to be run on one target: which, for which market, and after which others."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from catalog.model import MarketType
from connectors.conformance.case import Case, Scope
from connectors.conformance.target import Target

GATES = ("M01", "I01", "B01")
"""The manifest is read, the code imports, a bundle is made: without them no other case can say anything."""
_BEFORE_CODE = ("M", "I")
"""The topics that need no bundle, so that they speak even where there is none."""


@dataclass(frozen=True, slots=True)
class Job:
    """One case on one market, or on the connector as a whole."""

    case: Case
    market_type: MarketType | None

    @property
    def name(self) -> str:
        """`spot::K01`, or `M01` for the connector as a whole."""
        return (
            self.case.number if self.market_type is None else f"{self.market_type.value}::{self.case.number}"
        )


def plan(target: Target, cases: Sequence[Case], markets: Iterable[MarketType] = ()) -> list[Job]:
    """Every case once, or once for each market: `markets`, or where none is named all of the target's."""
    supported = target.entry.supported_markets if target.entry is not None else ()
    wanted = tuple(markets) or supported
    jobs: list[Job] = []
    for case in cases:
        if case.scope is Scope.CONNECTOR or not wanted:
            jobs.append(Job(case, None))
        else:
            jobs += [Job(case, market) for market in wanted]
    return jobs


def select(cases: Sequence[Case], patterns: Sequence[str]) -> list[Case]:
    """The cases whose numbers match one of the patterns (`K*`), and those that they depend on; all without a pattern.

    Raises `KeyError` for a pattern that matches none.
    """
    if not patterns:
        return list(cases)
    by_number = {case.number: case for case in cases}
    waiting: list[str] = []
    for pattern in patterns:
        found = [number for number in by_number if fnmatchcase(number, pattern.upper())]
        if not found:
            raise KeyError(pattern)
        waiting += found
    wanted: set[str] = set()
    while waiting:
        number = waiting.pop()
        if number in by_number and number not in wanted:
            wanted.add(number)
            waiting += needed(by_number[number])
    return [case for case in cases if case.number in wanted]


def needed(case: Case) -> tuple[str, ...]:
    """The numbers of the cases that have to pass first: the gates, and those that it names itself."""
    if case.number in GATES:
        gates = GATES[: GATES.index(case.number)]
    elif case.number.startswith(_BEFORE_CODE):
        gates = GATES[:1]
    else:
        gates = GATES
    return tuple(dict.fromkeys((*gates, *case.after)))


def depends(job: Job, jobs: Iterable[Job]) -> list[Job]:
    """The jobs that have to pass first: those of the same market, or of all where either has none."""
    numbers = needed(job.case)
    return [
        other
        for other in jobs
        if other.case.number in numbers
        and (None in (other.market_type, job.market_type) or other.market_type == job.market_type)
    ]
