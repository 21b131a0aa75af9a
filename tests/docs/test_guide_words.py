"""What the guide's text names is there, and nothing that it lists is missing."""

import builtins
import importlib
import re
from pathlib import Path

from catalog.model import ExchangeSegment
from connectors.conformance.cases import all_cases

DOCS = Path(__file__).resolve().parents[2] / "docs"
GUIDE = (DOCS / "building-connectors.md").read_text(encoding="utf-8")
TEXT = re.sub(r"^```.*?^```$", "", GUIDE, flags=re.DOTALL | re.MULTILINE)
CODE = re.findall(r"`([^`\n]+)`", TEXT)
PUBLIC = (
    "connectors.contracts",
    "connectors.contracts.errors",
    "connectors.toolkit",
    "connectors.emulator.toolkit",
)
OTHERS = {
    *("SessionSettings", "Emulator"),  # what does it, not to be imported by authors
    *("Typing", "Typed", "Development", "Status"),  # a package's classifiers
    "Decimal",
    *dir(builtins),
}


def test_every_class_it_names_is_public() -> None:
    named = {found for code in CODE for found in re.findall(r"\b[A-Z][a-z]+[A-Za-z]*\b", code)}
    public = {name for module in PUBLIC for name in vars(importlib.import_module(module))}
    assert named & public
    assert named - public - OTHERS == set()


def test_it_lists_every_segment() -> None:
    assert {segment.value for segment in ExchangeSegment} <= set(CODE)


def test_it_says_where_to_look_for_every_letter_of_a_case() -> None:
    rows = re.findall(r"^\| ([A-Z](?:, [A-Z])*) \|", TEXT, flags=re.MULTILINE)
    assert {letter for row in rows for letter in row.split(", ")} == {case.number[0] for case in all_cases()}


def test_the_cases_it_names_exist() -> None:
    named = set(re.findall(r"\b[A-Z]\d\d\b", GUIDE))
    assert named
    assert named <= {case.number for case in all_cases()}


def test_its_links_lead_somewhere() -> None:
    links = [link for link in re.findall(r"\]\(([^)]+)\)", TEXT) if "://" not in link]
    assert links
    assert [link for link in links if not (DOCS / link).exists()] == []
