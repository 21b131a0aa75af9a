"""Is what a connector made a complete bundle? Asked once, before anything of it is used."""

import inspect
from dataclasses import fields
from typing import Any

from connectors.contracts.services import (
    ExchangeAccountApi,
    ExchangeAdapterSet,
    ExchangeClientService,
    ExchangeConnectorBundle,
    ExchangeMarketApi,
    ExchangeOrderApi,
    ExchangeWsManager,
)

SERVICES: dict[str, type] = {
    "client": ExchangeClientService,
    "ws": ExchangeWsManager,
    "account_api": ExchangeAccountApi,
    "market_api": ExchangeMarketApi,
    "order_api": ExchangeOrderApi,
}
"""The bundle's services, each with the Protocol it must satisfy."""


def missing_parts(made: object) -> list[str]:
    """One phrase for each part that is absent or of the wrong kind; empty: the bundle is complete."""
    if not isinstance(made, ExchangeConnectorBundle):
        return [f"it returned {_article(made)}, not an ExchangeConnectorBundle"]
    found: list[str] = []
    for part, protocol in SERVICES.items():
        service = getattr(made, part)
        for name, member in vars(protocol).items():
            if name.startswith("_"):
                continue
            if fault := _member_fault(service, name, member):
                found.append(f"{part}.{name} {fault}")
    adapters: Any = made.adapters
    if not isinstance(adapters, ExchangeAdapterSet):
        return [*found, f"adapters is {_article(adapters)}, not an ExchangeAdapterSet"]
    found += [
        f"adapters.{field.name} is missing"
        for field in fields(ExchangeAdapterSet)
        if not callable(getattr(adapters, field.name))
    ]
    return found


def _member_fault(service: object, name: str, member: object) -> str | None:
    if isinstance(member, property):
        # Looked up without running it: it may need what only ensure_ready brings.
        present = hasattr(type(service), name) or name in getattr(service, "__dict__", {})
        return None if present else "is missing"
    method = getattr(service, name, None)
    if method is None:
        return "is missing"
    if not callable(method):
        return "is not a method"
    wanted, given = inspect.iscoroutinefunction(member), _is_coroutine_function(method)
    if wanted and not given:
        return "must be a coroutine (async def)"
    if given and not wanted:
        return "must not be a coroutine"
    return None


def _is_coroutine_function(method: Any) -> bool:
    plain = inspect.unwrap(method)
    return inspect.iscoroutinefunction(plain) or inspect.iscoroutinefunction(getattr(plain, "__call__", None))  # noqa: B004


def _article(thing: object) -> str:
    kind = type(thing).__name__
    return "nothing" if thing is None else f"{'an' if kind[:1].lower() in 'aeiou' else 'a'} {kind}"
