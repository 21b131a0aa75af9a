"""Every wrong connector is caught, by the case that is about what is wrong with it."""

import sys
from pathlib import Path

import pytest

from catalog.model import MarketType
from connectors.conformance.cases import all_cases
from connectors.conformance.containment import ContainedLoop
from connectors.conformance.job import select
from connectors.conformance.result import Verdict
from connectors.conformance.runner import Runner
from tests.connectors.conformance.wrong.base import Wrong
from tests.connectors.conformance.wrong.registry import WRONG


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_it_is_caught_by_its_own_case(wrong: Wrong, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Restored afterwards, whatever the wrong connector does to them.
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "executable", sys.executable)
    target = wrong.build(tmp_path)
    # Most are made in this process and nowhere else: no other could import them.
    of_imports = wrong.case.startswith("I")
    cases = [one for one in select(all_cases(), [wrong.case]) if of_imports or not one.number.startswith("I")]
    runner = Runner(target, cases, [MarketType.SPOT])
    with ContainedLoop() as loop:
        results = {result.case.number: result for result in loop.run(runner.run())}
    caught = results.pop(wrong.case)
    assert caught.verdict is Verdict.FAILED, caught
    assert wrong.told in caught.reason
    assert {result.verdict for result in results.values()} <= {Verdict.PASSED}, results


def test_no_two_have_the_same_name() -> None:
    names = [wrong.name for wrong in WRONG]
    assert len(names) == len(set(names))


def test_every_case_that_can_be_checked_without_a_venue_catches_something() -> None:
    static = {
        case.number
        for case in all_cases()
        if case.number[0] in "MIBATRY" and not case.number.startswith("M2")
    }
    assert static - {wrong.case for wrong in WRONG} == set()
