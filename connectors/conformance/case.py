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
    run: CaseRun = field(repr=False)
    scope: Scope = Scope.MARKET
    claims: frozenset[Claim] = frozenset()
    """Skipped unless all of these are claimed."""
    after: tuple[str, ...] = ()
    """Blocked unless these passed: their failure is the reason, and shown as such."""
    timeout: float = CASE_TIMEOUT


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
    ) -> Callable[[CaseRun], CaseRun]:
        def register(run: CaseRun) -> CaseRun:
            self.cases.append(
                Case(
                    number=number,
                    title=title,
                    proves=proves,
                    run=run,
                    scope=scope,
                    claims=frozenset(claims),
                    after=tuple(after),
                    timeout=timeout,
                )
            )
            return run

        return register


def require(condition: object, expected: str) -> None:
    """Raises `CaseFailed` with `expected` where the condition does not hold."""
    if not condition:
        raise CaseFailed(expected)
