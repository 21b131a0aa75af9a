"""Binance passes every case of what it claims, in both markets."""

import importlib
from itertools import chain

import pytest

from catalog.model import MarketType
from tests.connectors.conformance.subjects import BOOKS, binance_subject, claimed, live_cases, outcomes


@pytest.mark.parametrize("market", [MarketType.SPOT, MarketType.FUTURES])
@pytest.mark.parametrize("book", BOOKS[:-1])
async def test_binance_passes(book: str, market: MarketType):
    subject = binance_subject(market)
    module = importlib.import_module(f"connectors.conformance.cases.{book}")
    cases = [case for case in module.BOOK.cases if claimed(subject, case)]
    assert cases
    found = await outcomes(cases, subject)
    assert {number: error for number, error in found.items() if error is not None} == {}


def test_cases_say_what_they_prove():
    cases = live_cases()
    for case in cases.values():
        assert case.title
        assert case.proves.endswith(".")
        assert case.title == case.title.strip(".")
        assert set(case.after) <= set(cases)
    topics = {number[0] for number in cases}
    assert topics == set("LSKHCOM")


def test_all_but_orders_are_claimed_by_binance():
    subject = binance_subject()
    skipped = [number for number, case in live_cases().items() if not claimed(subject, case)]
    assert skipped == [f"O{number:02d}" for number in range(1, 11)]


def test_no_two_cases_have_the_same_words():
    said = list(chain.from_iterable((case.title, case.proves) for case in live_cases().values()))
    doubled = {text for text in said if said.count(text) > 1}
    assert all("it works, or it raises" in text for text in doubled)
