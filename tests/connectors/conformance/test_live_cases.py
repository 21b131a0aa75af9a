"""Binance passes every case of what it claims, in both markets."""

import json
from itertools import chain
from pathlib import Path

from tests.connectors.conformance.subjects import binance_subject, claimed, live_cases
from tests.tui.command_line.running import barfinex


def test_binance_passes_all_that_it_claims(tmp_path: Path) -> None:
    done = barfinex("connector", "check", "binance", "--json", home=tmp_path, timeout=180)
    *results, summary = map(json.loads, done.stdout.splitlines())
    assert {one["case"]: one["reason"] for one in results if one["verdict"] in ("failed", "blocked")} == {}
    assert (done.returncode, summary["ok"]) == (0, True)
    passed = {(one["case"], one["market"]) for one in results if one["verdict"] == "passed"}
    for market in ("spot", "futures"):
        cases = {number for number, case in live_cases().items() if claimed(binance_subject(), case)}
        assert {(number, market) for number in cases} <= passed


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
