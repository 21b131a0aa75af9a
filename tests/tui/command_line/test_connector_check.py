"""`barfinex connector check`: what is told where, and the exit codes."""

import json
import os
import pty
import signal
import subprocess
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest

from tests.connectors.conformance.projects import project
from tests.tui.command_line.running import COMMAND, TIMEOUT, barfinex, environment


def test_a_right_connector(tmp_path: Path) -> None:
    done = barfinex("connector", "check", "binance", "--case", "m*,B02", "--market", "spot", home=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout
    rows = [line.split() for line in done.stdout.splitlines()]
    assert ["B02", "spot", "Making", "it", "does", "nothing", "✓", "passed"] in [row[:8] for row in rows]
    assert not any("futures" in row for row in rows)
    assert done.stdout.splitlines()[-1].startswith("binance conforms: ")


def test_a_wrong_one(tmp_path: Path) -> None:
    project(tmp_path / "acme")
    report = tmp_path / "report.xml"
    done = barfinex(
        "connector", "check", "./acme", "--case", "M02,B02", "--junit", str(report), home=tmp_path
    )
    assert done.returncode == 1
    assert "✗ failed" in done.stdout
    assert "description: expected" in done.stdout
    assert "■ blocked" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("acme does not conform: 2 passed, 2 failed, 1 blocked")
    suite = Xml.parse(report).getroot()[0]
    assert (suite.get("failures"), suite.get("errors"), suite.get("tests")) == ("2", "1", "5")


def test_one_object_a_line_and_a_summary_last(tmp_path: Path) -> None:
    done = barfinex("connector", "check", "binance", "--case", "M*", "--json", home=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    *cases, summary = map(json.loads, done.stdout.splitlines())
    assert {"M01", "M02", "M03", "M04", "M05"} <= {case["case"] for case in cases}
    assert {case["event"] for case in cases} == {"case"}
    assert summary["event"] == "summary"
    assert summary["ok"] is True
    assert summary["passed"] == len(cases)


def test_the_list_of_cases_needs_no_target(tmp_path: Path) -> None:
    done = barfinex("connector", "check", "--list", home=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "R06  A damaged stream never makes a wrong book" in done.stdout
    assert "Precondition: claims orderbook_streaming; after R04." in done.stdout
    listed = barfinex("connector", "check", "--list", "--json", "--case", "R06", home=tmp_path)
    numbers = [json.loads(line)["case"] for line in listed.stdout.splitlines()]
    assert numbers == ["M01", "I01", "B01", "R01", "R02", "R04", "R06"]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ("connector", "command"),
        ("connector check", "--list"),
        ("connector check binanse", "did you mean 'binance'"),
        ("connector check ./binance", "folder"),
        ("connector check kraken", "coming soon"),
        ("connector check nothing.there:create", "nothing"),
        ("connector check binance --market margin", "margin"),
        ("connector check binance --case Q01", "'Q01'"),
    ],
)
def test_bad_usage_is_one_plain_line(arguments: str, named: str, tmp_path: Path) -> None:
    done = barfinex(*arguments.split(), home=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("barfinex: ")
    assert named in line


def test_a_folder_for_junit_that_is_not_there_is_a_failure_in_one_line(tmp_path: Path) -> None:
    done = barfinex("connector", "check", "binance", "--junit", "no/such/folder/file.xml", home=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "barfinex: --junit: there is no folder no/such/folder\n"


def test_what_was_not_run_for_one_reason_shares_a_line(tmp_path: Path) -> None:
    done = barfinex("connector", "check", "json:loads", home=tmp_path)
    assert done.returncode == 1
    rows = [line for line in done.stdout.splitlines() if "blocked" in line]
    assert len(rows) == 2, "one row, and the counts"
    assert "times" in rows[0]
    assert "M01 failed: its package 'json' has no" in rows[0]


def test_a_connector_that_blocks_everything_ends_the_check(tmp_path: Path) -> None:
    """It swallows every interruption: what is known is told all the same, and the process ends."""
    folder = project(tmp_path / "acme")
    (folder / "src/barfinex_acme/connector.py").write_text(
        "import time\n\ndef create_connector(context):\n    while True:\n"
        "        try:\n            time.sleep(0.01)\n        except BaseException:\n            pass\n"
    )
    done = barfinex("connector", "check", "./acme", "--case", "B*", "--json", home=tmp_path)
    assert done.returncode == 1
    *cases, summary = map(json.loads, done.stdout.splitlines())
    verdicts = {case["case"]: case["verdict"] for case in cases}
    assert (verdicts["M01"], verdicts["B01"], verdicts["B02"]) == ("passed", "failed", "blocked")
    assert "could not be interrupted" in next(case["reason"] for case in cases if case["case"] == "B01")
    assert summary["ok"] is False


def test_what_a_connector_prints_is_no_data(tmp_path: Path) -> None:
    folder = project(tmp_path / "acme")
    with (folder / "src/barfinex_acme/connector.py").open("a") as file:
        file.write("\n\nprint('hello')\n")
    done = barfinex("connector", "check", "./acme", "--case", "B01", "--json", home=tmp_path)
    assert [json.loads(line)["event"] for line in done.stdout.splitlines()][-1] == "summary"
    assert "hello" in done.stderr


def test_what_a_connector_leaves_running_does_not_keep_the_check(tmp_path: Path) -> None:
    folder = project(tmp_path / "acme")
    (folder / "src/barfinex_acme/connector.py").write_text(
        "import asyncio, threading\n\n"
        "async def stays():\n    while True:\n        try:\n            await asyncio.sleep(60)\n"
        "        except asyncio.CancelledError:\n            pass\n\n"
        "def create_connector(context):\n    threading.Thread(target=threading.Event().wait).start()\n"
        "    asyncio.ensure_future(stays())\n"
    )
    done = barfinex("connector", "check", "./acme", "--case", "B01", home=tmp_path)
    assert done.returncode == 1
    assert "returned nothing" in done.stdout


def test_ctrl_c_ends_it(tmp_path: Path) -> None:
    folder = project(tmp_path / "acme")
    (folder / "src/barfinex_acme/connector.py").write_text(
        "import sys, time\n\ndef create_connector(context):\n    print('begun', file=sys.stderr, flush=True)\n"
        "    time.sleep(60)\n"
    )
    process = subprocess.Popen(
        [*COMMAND, "connector", "check", "./acme", "--case", "B*"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env=environment(tmp_path),
    )
    assert process.stderr is not None
    assert process.stderr.readline() == "begun\n"
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=TIMEOUT)
    assert (process.returncode, out) == (130, "")


def test_progress_is_shown_on_a_terminal_and_colours_unless_they_are_unwanted(tmp_path: Path) -> None:
    shown = _on_a_terminal(tmp_path)
    assert "\x1b[32m" in shown
    assert "I01" in shown.split("CASE")[0]
    assert "\x1b[32m" not in _on_a_terminal(tmp_path, NO_COLOR="1")


def _on_a_terminal(home: Path, **extra: str) -> str:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, "connector", "check", "binance", "--case", "I01"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=home,
        env=environment(home, TERM="xterm-256color", COLUMNS="100", **extra),
    )
    os.close(theirs)
    shown = bytearray()
    try:
        while chunk := os.read(ours, 4096):
            shown += chunk
    except OSError:
        pass  # Linux tells the end of a terminal by an error
    finally:
        os.close(ours)
    assert process.wait(TIMEOUT) == 0
    return shown.decode()
