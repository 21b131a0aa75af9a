"""The reference of the contracts says what the docstrings say, and all that is public has one."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def make_reference(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    monkeypatch.delitem(sys.modules, "make_reference", raising=False)
    import make_reference

    return make_reference


def test_the_reference_is_that_of_the_code(make_reference) -> None:
    written = (ROOT / "docs" / "contracts.md").read_text(encoding="utf-8")
    assert written == make_reference.reference(), "run: python docs/make_reference.py"


def test_every_public_name_says_what_it_is(make_reference) -> None:
    assert make_reference.undocumented() == []


def test_fields_methods_and_their_docstrings_are_there(make_reference) -> None:
    text = make_reference.reference()
    for line in (
        "### `ExchangeWsManager` (`Protocol`)",
        "- `await subscribe_to_trade(options: TradeOptions, handler: TradeHandler) -> Unsubscribe`",
        "- `quantity: Decimal`: Negative for a short position.",
        "### `UnsupportedTimeFrame` (`UsageError`)",
        "### `StreamManager`",
    ):
        assert line in text
