"""One thing that the kit proves: its number, what it proves, when it applies, and how it is run."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from connectors.conformance.subject import Claim, Subject

CASE_TIMEOUT = 30.0
"""Seconds a case may take unless it says otherwise."""


class Scope(StrEnum):
    CONNECTOR = "connector"
    """Run once."""
    MARKET = "market"
    """Run for each of the connector's markets."""


class CaseFailed(Exception):
    """What was to be proved is not so; the text says what was expected and what was seen."""


class NotClaimed(Exception):
    """The connector refuses what the case is about, with the typed error of an unclaimed capability."""


CaseRun: TypeAlias = Callable[[Subject], Awaitable[None]]
"""Returns where it is proved. Raises `CaseFailed` or `NotClaimed`; any other error counts as failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """`number` is a letter for the topic and two digits; it never changes its meaning."""

    number: str
    title: str
    proves: str
    """One sentence that an author reads when it fails."""
    topic: str
    run: CaseRun = field(repr=False)
    scope: Scope = Scope.MARKET
    claims: frozenset[Claim] = frozenset()
    """Skipped unless all of these are claimed."""
    after: tuple[str, ...] = ()
    """Blocked unless these passed: their failure is the reason, and shown as such."""
    timeout: float = CASE_TIMEOUT
    alone: bool = False
    """It measures time, imports or what is left behind: nothing else runs meanwhile."""

    @property
    def precondition(self) -> str:
        """What has to be so for the case to be run, in words."""
        claims = ", ".join(sorted(claim.value for claim in self.claims))
        parts = (f"claims {claims}" if claims else "", f"after {', '.join(self.after)}" if self.after else "")
        return "; ".join(part for part in parts if part) or "none"

    @property
    def skipped_when(self) -> str:
        """When it is not run without that being a fault, in words."""
        claims = " or ".join(sorted(claim.value for claim in self.claims))
        return f"the manifest does not claim {claims}" if claims else "never, or where it says so itself"


class Casebook:
    """The cases of one topic, in order. `case` is a decorator for their functions."""

    def __init__(self, topic: str) -> None:
        self.topic = topic
        self.cases: list[Case] = []

    def case(
        self,
        number: str,
        title: str,
        proves: str,
        *,
        scope: Scope = Scope.MARKET,
        claims: Iterable[Claim] = (),
        after: Iterable[str] = (),
        timeout: float = CASE_TIMEOUT,
        alone: bool = False,
    ) -> Callable[[CaseRun], CaseRun]:
        def register(run: CaseRun) -> CaseRun:
            self.cases.append(
                Case(
                    number=number,
                    title=title,
                    proves=proves,
                    topic=self.topic,
                    run=run,
                    scope=scope,
                    claims=frozenset(claims),
                    after=tuple(after),
                    timeout=timeout,
                    alone=alone,
                )
            )
            return run

        return register


def require(condition: object, expected: str) -> None:
    """Raises `CaseFailed` with `expected` where the condition does not hold."""
    if not condition:
        raise CaseFailed(expected)
