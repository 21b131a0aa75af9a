"""Each wrong connector is caught by the case that is meant for its defect, which says what is wrong."""

import asyncio
import importlib

import pytest

from connectors.conformance.case import CaseFailed
from tests.connectors.conformance.subjects import binance_subject, live_cases, outcome
from tests.connectors.conformance.wrong.live_registry import WRONG, Wrong

AT_ONCE = 10
"""As the kit runs them: most wait for what never comes."""
MODULES = ("live_streams", "live_books", "live_calls", "live_orders")


def _of(module: str):
    name = f"tests.connectors.conformance.wrong.{module}"
    importlib.import_module(name)
    return [wrong for wrong in WRONG.values() if wrong.module == name]


@pytest.mark.parametrize("module", MODULES)
async def test_caught(module: str):
    wrongs, cases = _of(module), live_cases()
    assert wrongs
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
