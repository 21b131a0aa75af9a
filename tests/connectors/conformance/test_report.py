"""Results as JSON objects and as JUnit XML."""

import json
from xml.etree import ElementTree as Xml

from catalog.model import MarketType
from connectors.conformance.attempt import Attempt
from connectors.conformance.job import Job
from connectors.conformance.report import case_to_json, junit, result_to_json, summary_to_json
from connectors.conformance.result import Result, Verdict
from connectors.conformance.subject import Claim, Subject
from tests.connectors.conformance.wrongly import binance, case


async def nothing(subject: Subject) -> None: ...


def result(
    verdict: Verdict, number: str = "Z01", reason: str = "", market: MarketType | None = None
) -> Result:
    return Result(
        case=case(nothing, number), market_type=market, verdict=verdict, seconds=1.23456, reason=reason
    )


RESULTS = (
    result(Verdict.PASSED, "Z01", market=MarketType.SPOT),
    result(Verdict.FAILED, "Z02", 'expected <1> & saw "2"'),
    result(Verdict.SKIPPED, "Z03", "not claimed"),
    result(Verdict.BLOCKED, "Z04", "Z02 failed: expected"),
)


def test_a_result_is_one_plain_object() -> None:
    told = json.loads(json.dumps(result_to_json(RESULTS[1], binance())))
    assert told == {
        "event": "case",
        "connector": "binance",
        "market": None,
        "environment": "local",
        "case": "Z02",
        "title": "Case Z02",
        "topic": "tests",
        "verdict": "failed",
        "seconds": 1.235,
        "reason": 'expected <1> & saw "2"',
        "where": None,
        "proves": "Proves what the test says.",
    }
    assert result_to_json(RESULTS[0], binance())["market"] == "spot"


def test_the_summary_counts_and_judges() -> None:
    summary = summary_to_json(RESULTS, binance(), 2.0)
    counts = {verdict.value: 1 for verdict in Verdict}
    assert summary == {
        "event": "summary",
        "target": "binance",
        "connector": "binance",
        "environment": "local",
        "ok": False,
        "seconds": 2.0,
        **counts,
    }
    assert summary_to_json((RESULTS[0], RESULTS[2]), binance(), 1)["ok"] is True
    assert summary_to_json(RESULTS[3:], binance(), 1)["ok"] is False


def test_a_case_tells_its_precondition_and_when_it_is_skipped() -> None:
    told = case_to_json(case(nothing, claims=frozenset({Claim.BOOKS}), after=("K01",)))
    assert told["precondition"] == "claims orderbook_streaming; after K01"
    assert told["skipped_when"] == "the manifest does not claim orderbook_streaming"
    assert case_to_json(case(nothing))["precondition"] == "none"


def test_junit_has_a_suite_with_every_result() -> None:
    root = Xml.fromstring(junit(RESULTS, binance(), 3.5))
    assert root.tag == "testsuites"
    (suite,) = root
    counted = {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped", "time")}
    assert counted == {"tests": "4", "failures": "1", "errors": "1", "skipped": "1", "time": "3.500"}
    passed, failed, skipped, blocked = suite
    assert passed.attrib == {
        "classname": "barfinex.binance.spot.tests",
        "name": "Z01 Case Z01",
        "time": "1.235",
    }
    assert list(passed) == []
    assert failed[0].tag == "failure"
    assert failed[0].get("message") == 'expected <1> & saw "2"'
    assert "It proves: Proves what the test says." in (failed[0].text or "")
    assert (skipped[0].tag, skipped[0].get("message")) == ("skipped", "not claimed")
    assert blocked[0].tag == "error"


async def test_nothing_that_a_connector_says_breaks_the_reports() -> None:
    async def says(subject: Subject) -> None:
        raise ValueError("\x1b[31mapiKey=SECRETSECRET\x00\u202e\ud800 ]]> <failure>")

    made = case(says)
    told = await Attempt(Job(made, None), binance().folder).run(None)  # type: ignore[arg-type] - it is not looked at
    xml = junit([told], binance(), 0.0)
    message = Xml.fromstring(xml)[0][0][0].get("message") or ""
    assert message == "ValueError: [31mapiKey=*** ]]> <failure>"
    assert json.loads(json.dumps(result_to_json(told, binance())))["reason"] == message
