"""Each wrong connector is caught by the case that is meant for its defect, which says what is wrong."""

import asyncio
import importlib

from connectors.conformance.case import CaseFailed
from tests.connectors.conformance.subjects import binance_subject, live_cases, outcome
from tests.connectors.conformance.wrong.live_registry import WRONG, Wrong

AT_ONCE = 12
"""As the kit runs them: most wait for what never comes."""
MODULES = ("live_streams", "live_books", "live_calls", "live_orders")


async def test_each_is_caught_by_its_own_case() -> None:
    for module in MODULES:
        importlib.import_module(f"tests.connectors.conformance.wrong.{module}")
    wrongs, cases = list(WRONG.values()), live_cases()
    assert {wrong.module.rpartition(".")[2] for wrong in wrongs} == set(MODULES)
    # Those that take long begin first.
    wrongs.sort(key=lambda wrong: -cases[wrong.caught_by].timeout)
    at_once = asyncio.Semaphore(AT_ONCE)

    async def tried(wrong: Wrong) -> Exception | None:
        async with at_once:
            subject = binance_subject(make=wrong.make, **wrong.features)
            return await outcome(cases[wrong.caught_by], subject)

    found = await asyncio.gather(*map(tried, wrongs))
    missed = {
        wrong.name: repr(error)
        for wrong, error in zip(wrongs, found, strict=True)
        if not (isinstance(error, CaseFailed) and wrong.says in str(error))
    }
    assert missed == {}


def test_every_live_case_has_one_to_catch() -> None:
    for module in MODULES:
        importlib.import_module(f"tests.connectors.conformance.wrong.{module}")
    assert set(live_cases()) <= {wrong.caught_by for wrong in WRONG.values()}
