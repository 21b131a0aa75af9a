"""Binance as a subject of the kit, right or with one defect."""

import asyncio
import importlib
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

from catalog.catalog import Catalog
from catalog.model import MarketType
from connectors.conformance.case import Case
from connectors.conformance.subject import Subject, Target
from connectors.contracts.services import ConnectorContext, ConnectorFactory, ExchangeConnectorBundle
from connectors.emulator.dialect import venue_module
from connectors.runtime.factory import ExchangeConnectorFactory
from connectors.venues import binance

Make = Callable[[ConnectorContext], ExchangeConnectorBundle]

BOOKS = (
    "local",
    "streaming",
    "recovery",
    "market_data",
    "closing",
    "features",
    "books",
    "rest",
    "credentials",
    "orders",
)


class MadeBy(ExchangeConnectorFactory):
    """Makes its bundles with a function that no package offers."""

    def __init__(self, catalog: Catalog, make: Make) -> None:
        super().__init__(catalog)
        self._make = make

    def load(self, connector_type: str) -> ConnectorFactory:
        return self._make


@cache
def _catalog() -> Catalog:
    return Catalog.load()


def binance_subject(
    market_type: MarketType = MarketType.SPOT, make: Make = binance.create_connector, **features: bool
) -> Subject:
    """`features` are claimed, or not, against what the manifest says."""
    catalog = _catalog()
    entry = catalog.get("binance")
    assert entry is not None
    entry = entry.model_copy(update={"features": entry.features.model_copy(update=features)})
    target = Target(
        name="binance",
        connector_type="binance",
        catalog=catalog,
        entry=entry,
        manifest_fault=None,
        entry_point="connectors.venues.binance:create_connector",
        folder=Path(binance.__file__).parent,
        emulator="connectors.emulator.binance",
        recordings=(),
    )
    return Subject(
        target=target,
        entry=entry,
        market_type=market_type,
        factory=MadeBy(catalog, make),
        venue=venue_module("binance"),
    )


@cache
def live_cases() -> dict[str, Case]:
    """Every case that needs a running connector, by number."""
    modules = [importlib.import_module(f"connectors.conformance.cases.{name}") for name in BOOKS]
    cases = [case for module in modules for case in module.BOOK.cases]
    assert len({case.number for case in cases}) == len(cases)
    return {case.number: case for case in cases}


async def outcome(case: Case, subject: Subject) -> Exception | None:
    """What the case raises; `None` where it passes."""
    try:
        async with asyncio.timeout(case.timeout):
            await case.run(subject)
    except Exception as error:  # noqa: BLE001 - it is what the test looks at
        return error
    return None


async def outcomes(cases: Iterable[Case], subject: Subject) -> dict[str, Exception | None]:
    """Side by side, as the kit runs them."""
    cases = list(cases)
    found = await asyncio.gather(*(outcome(case, subject) for case in cases))
    return dict(zip((case.number for case in cases), found, strict=True))


def claimed(subject: Subject, case: Case) -> bool:
    return case.claims <= subject.claims
