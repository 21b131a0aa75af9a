"""Can a connector's methods be called as the contract's Protocols say?"""

import inspect
from collections.abc import Callable, Iterator
from typing import Any

from connectors.contracts.services import ExchangeConnectorBundle
from connectors.runtime.completeness import SERVICES

_PASSED = object()


def signature_faults(bundle: ExchangeConnectorBundle) -> Iterator[str]:
    """One line for each method that cannot be called with the arguments that the contract names."""
    for part, protocol in SERVICES.items():
        service = getattr(bundle, part)
        for name, member in vars(protocol).items():
            if name.startswith("_") or not inspect.isfunction(member):
                continue
            if fault := _fault(getattr(service, name), member):
                yield f"{part}.{name}{inspect.signature(member)}: {fault}".replace("(self, ", "(")


def _fault(method: Callable[..., Any], wanted: Callable[..., Any]) -> str | None:
    try:
        given = inspect.signature(method)
    except (TypeError, ValueError):
        return "it has no signature"
    parameters = list(inspect.signature(wanted).parameters.values())[1:]
    positional = [one for one in parameters if one.kind is not one.KEYWORD_ONLY]
    required = [one for one in parameters if one.default is one.empty]
    calls: tuple[tuple[str, list[object], list[inspect.Parameter]], ...] = (
        ("by position", [_PASSED for _ in positional], [one for one in parameters if one not in positional]),
        ("by name", [], parameters),
        ("with what is required alone", [], required),
    )
    for how, arguments, named in calls:
        try:
            given.bind(*arguments, **{one.name: _PASSED for one in named})
        except TypeError as error:
            return f"it cannot be called {how}: {error}"
    return None
