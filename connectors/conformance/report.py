"""Results for other programs: JSON objects, and the JUnit XML that continuous integration reads."""

from collections.abc import Iterable, Sequence
from typing import Any
from xml.etree import ElementTree as Xml

from catalog.model import LOCAL
from connectors.conformance.case import Case
from connectors.conformance.result import Result, Verdict, tally
from connectors.conformance.subject import Target


def case_to_json(case: Case) -> dict[str, Any]:
    """What a case is, whatever it is run on."""
    return {
        "case": case.number,
        "title": case.title,
        "topic": case.topic,
        "scope": case.scope.value,
        "proves": case.proves,
        "precondition": case.precondition,
        "skipped_when": case.skipped_when,
        "claims": sorted(claim.value for claim in case.claims),
        "after": list(case.after),
    }


def result_to_json(result: Result, target: Target) -> dict[str, Any]:
    case = result.case
    return {
        "event": "case",
        "connector": target.connector_type,
        "market": result.market_type.value if result.market_type is not None else None,
        "environment": LOCAL,
        "case": case.number,
        "title": case.title,
        "topic": case.topic,
        "verdict": result.verdict.value,
        "seconds": round(result.seconds, 3),
        "reason": result.reason or None,
        "where": result.where or None,
        "proves": case.proves,
    }


def summary_to_json(results: Sequence[Result], target: Target, seconds: float) -> dict[str, Any]:
    """The last object. `ok`: nothing failed and nothing was blocked."""
    return {
        "event": "summary",
        "target": target.name,
        "connector": target.connector_type,
        "environment": LOCAL,
        "ok": not any(result.failed for result in results),
        **{verdict.value: count for verdict, count in tally(results).items()},
        "seconds": round(seconds, 3),
    }


def junit(results: Iterable[Result], target: Target, seconds: float) -> bytes:
    """One test suite, a test case for each result; what is blocked is an error, for nothing is known of it."""
    results = list(results)
    counts = tally(results)
    suite = Xml.Element(
        "testsuite",
        name=f"barfinex {target.connector_type}",
        tests=str(len(results)),
        failures=str(counts[Verdict.FAILED]),
        errors=str(counts[Verdict.BLOCKED]),
        skipped=str(counts[Verdict.SKIPPED]),
        time=f"{seconds:.3f}",
    )
    for result in results:
        suite.append(_junit_case(result, target))
    root = Xml.Element("testsuites")
    root.append(suite)
    Xml.indent(root)
    return Xml.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"


def _junit_case(result: Result, target: Target) -> Xml.Element:
    market = f".{result.market_type.value}" if result.market_type is not None else ""
    made = Xml.Element(
        "testcase",
        classname=f"barfinex.{target.connector_type}{market}.{result.case.topic}",
        name=f"{result.case.number} {result.case.title}",
        time=f"{result.seconds:.3f}",
    )
    element = {Verdict.FAILED: "failure", Verdict.BLOCKED: "error", Verdict.SKIPPED: "skipped"}
    if (name := element.get(result.verdict)) is not None:
        told = Xml.SubElement(made, name, message=result.reason)
        if result.verdict is not Verdict.SKIPPED:
            told.set("type", result.verdict.value)
            told.text = explained(result)
    return made


def explained(result: Result) -> str:
    """Why a case did not pass, over some lines: the reason, the place, and what it proves."""
    lines = (
        f"{result.case.number} {result.case.title}: {result.verdict.value}",
        result.reason,
        f"at {result.where}" if result.where else "",
        f"It proves: {result.case.proves}",
    )
    return "\n".join(line for line in lines if line)
