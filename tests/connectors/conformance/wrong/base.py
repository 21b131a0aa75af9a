"""A right connector to vary, and the form in which a wrong one is told."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType
from typing import Any

from catalog.catalog import Catalog
from catalog.model import CatalogEntry
from catalog.registrations import CONNECTOR_GROUP as GROUP
from catalog.registrations import Registration
from connectors.conformance.target import Target, resolve
from connectors.contracts.services import ConnectorContext, ExchangeAdapterSet, ExchangeConnectorBundle
from connectors.venues import binance


@dataclass(frozen=True, slots=True)
class Wrong:
    """`case` must fail, for a reason that holds `told`. `build` makes the target; it may write into the folder."""

    name: str
    case: str
    told: str
    build: Callable[[Path], Target]

    def __str__(self) -> str:
        return self.name


def right() -> Target:
    return resolve("binance")


def varied(
    name: str,
    *,
    create: Callable[[ConnectorContext], Any] = binance.create_connector,
    replay: Callable[[Any], Any] | None = binance.create_replay,
    recordings: tuple[Path, ...] | None = None,
) -> Target:
    """Binance's connector with other functions in its module."""
    module = ModuleType("wrong_" + name.replace(" ", "_"))
    vars(module).update(create_connector=create, create_replay=replay)
    sys.modules[module.__name__] = module
    target = pointed(right(), f"{module.__name__}:create_connector")
    return target if recordings is None else replace(target, recordings=recordings)


def pointed(target: Target, reference: str) -> Target:
    """The target with another entry point."""
    entry = target.entry
    assert entry is not None
    entry_point = EntryPoint(entry.connector_type, reference, GROUP)
    registration = Registration(entry.connector_type, "wrong", "1", entry_point)
    return replace(target, catalog=Catalog([entry], (), [registration]), entry_point=reference)


def described(**changes: Any) -> Target:
    """Binance with other facts in its manifest. A dictionary changes some of a field's own."""
    target = right()
    assert target.entry is not None
    merged = {name: _merged(getattr(target.entry, name), change) for name, change in changes.items()}
    entry: CatalogEntry = target.entry.model_copy(update=merged)
    return replace(target, entry=entry)


def bundled(name: str, change: Callable[[ExchangeConnectorBundle], ExchangeConnectorBundle]) -> Target:
    """Binance with something changed in the finished bundle."""
    return varied(name, create=lambda context: change(binance.create_connector(context)))


def adapted(name: str, **adapters: Callable[[ExchangeAdapterSet], Callable[..., Any]]) -> Target:
    """Binance with some of its adapters replaced; each is given the right ones."""

    def change(bundle: ExchangeConnectorBundle) -> ExchangeConnectorBundle:
        made = {field: wrong(bundle.adapters) for field, wrong in adapters.items()}
        return replace(bundle, adapters=replace(bundle.adapters, **made))

    return bundled(name, change)


def _merged(value: Any, change: Any) -> Any:
    if not isinstance(change, Mapping):
        return change
    return value.model_copy(update=dict(change)) if hasattr(value, "model_copy") else {**value, **change}
