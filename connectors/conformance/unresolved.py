"""What is wrong with the name of a connector that is to be checked."""

from collections.abc import Iterable

from catalog.text import clean
from connectors.contracts.errors import UsageError


class BadTarget(UsageError):
    """It names something in which there is no connector to check."""


class UnknownTarget(BadTarget):
    """There is no such thing; `known` is what there is instead."""

    def __init__(self, what: str, given: str, known: Iterable[str]) -> None:
        self.what = what
        self.given = given
        self.known = tuple(known)
        super().__init__(f"unknown {what} '{clean(given)}'; there are {', '.join(self.known) or 'none'}")
