"""The table of the kit's cases says what the kit does."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def make_cases(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    monkeypatch.delitem(sys.modules, "make_cases", raising=False)
    import make_cases

    return make_cases


def test_the_table_is_that_of_the_kit(make_cases) -> None:
    written = (ROOT / "docs" / "conformance-cases.md").read_text(encoding="utf-8")
    assert written == make_cases.document(), "run: python docs/make_cases.py"


def test_every_case_is_a_row_with_what_it_proves(make_cases) -> None:
    lines = make_cases.document().splitlines()
    for case in make_cases.cases():
        (row,) = [line for line in lines if line.startswith((f"| {case['case']} ", f"| {case['case']}¹"))]
        assert case["title"] in row
        assert case["proves"] in row


def test_no_text_of_a_case_breaks_its_row(make_cases) -> None:
    rows = [line for line in make_cases.document().splitlines() if line.startswith("| ")]
    assert {line.count("|") for line in rows} == {5}
