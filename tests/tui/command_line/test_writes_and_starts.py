"""Whatever is wrong with standard output, and whenever Ctrl-C is pressed: one plain line, no traceback."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.tui.command_line.running import COMMAND, barfinex, environment

HEADER = '{"recording": 1, "connector_type": "binance", "market_type": "spot", "started_ns": 1}\n'
OPEN = '{"ts_ns": 1, "kind": "open", "conn": "%d", "url": "wss://v"}\n'
WRITING = (
    "--version",
    "--help",
    "watch --help",
    "catalog",
    "catalog --json",
    "catalog --help",
    "connector check --list",
    "connector check --list --json",
    "replay a.jsonl --speed 0",
    "replay a.jsonl --speed 0 --json",
    "--show-completion bash",
)
posix = pytest.mark.skipif(os.name != "posix", reason="a shell's redirections are needed")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    events = "".join(OPEN % number for number in range(2_000))
    (tmp_path / "a.jsonl").write_text(HEADER + events)
    return tmp_path


def in_shell(home: Path, command: str, **extra: str) -> subprocess.CompletedProcess[str]:
    """`barfinex` in it is the command."""
    script = f'barfinex() {{ "{COMMAND[0]}" -m tui "$@"; }}\n{command}'
    return subprocess.run(
        ["bash", "-c", script],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=home,
        env=environment(home, **extra),
    )


@posix
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
@pytest.mark.parametrize("command", WRITING)
def test_a_full_disk_is_told_in_one_line(home: Path, command: str) -> None:
    done = in_shell(home, f"barfinex {command} >/dev/full", SHELL="/bin/bash")
    assert done.stderr == "barfinex: cannot write to standard output: No space left on device\n"
    assert done.returncode == 1


@posix
@pytest.mark.parametrize("command", WRITING)
def test_a_closed_output_is_told_in_one_line(home: Path, command: str) -> None:
    done = in_shell(home, f"barfinex {command} >&-", SHELL="/bin/bash")
    assert done.stderr == "barfinex: cannot write to standard output: Bad file descriptor\n"
    assert done.returncode == 1


@posix
@pytest.mark.parametrize("command", WRITING)
def test_a_reader_that_is_gone_is_no_failure(home: Path, command: str) -> None:
    done = in_shell(home, f"set -o pipefail; barfinex {command} | true", SHELL="/bin/bash")
    assert (done.returncode, done.stderr) == (0, "")


@posix
@pytest.mark.parametrize("closed", ["<&-", "2>&-", "<&- 2>&-"])
def test_the_other_streams_may_be_closed(home: Path, closed: str) -> None:
    done = in_shell(home, f"barfinex catalog --search binance --json {closed}")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout.splitlines()[0])["connector_type"]


@posix
def test_nothing_that_is_opened_takes_the_place_of_a_closed_stream(home: Path) -> None:
    """The file of a recording would be the next one that the process opens."""
    done = in_shell(home, "barfinex record binance BTCUSDT -o b.jsonl --url http://127.0.0.1:9 >&- 2>&-")
    assert done.returncode == 1
    assert not (home / "b.jsonl").exists()


@pytest.mark.parametrize("page", ["cp437", "cp866", "latin-1", "ascii", "gbk", "cp1252"])
@pytest.mark.parametrize(
    "command", ["catalog", "connector check --list", "connector check binance --case M01", "--help"]
)
def test_a_code_page_without_a_character_escapes_it(home: Path, page: str, command: str) -> None:
    done = subprocess.run(
        [*COMMAND, *command.split()],
        capture_output=True,
        timeout=60,
        check=False,
        cwd=home,
        env=environment(home, PYTHONIOENCODING=page),
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode(page)


@pytest.mark.parametrize("page", ["cp437", "latin-1", "ascii", "gbk", "utf-8"])
def test_json_is_json_on_every_code_page(home: Path, page: str) -> None:
    name = "龙虾USDT \U0001f99e ü"
    event = {"ts_ns": 1, "kind": "close", "conn": "1", "data": name}
    (home / "b.jsonl").write_text(HEADER + json.dumps(event) + "\n")
    for arguments in (("replay", "b.jsonl", "--speed", "0", "--json"), ("catalog", "--json")):
        done = subprocess.run(
            [*COMMAND, *arguments],
            capture_output=True,
            timeout=60,
            check=True,
            cwd=home,
            env=environment(home, PYTHONIOENCODING=page),
        )
        if page != "utf-8":
            assert done.stdout.isascii()
        told = [json.loads(line) for line in done.stdout.decode().splitlines()]
        assert arguments[0] == "catalog" or told[0]["reason"] == name


@posix
@pytest.mark.parametrize("command", ["catalog", "watch binance BTCUSDT", "connector check binance"])
def test_ctrl_c_at_any_moment_leaves_without_a_traceback(home: Path, command: str) -> None:
    """From the first line of ours on; before it, the interpreter starts and is out of our hands."""
    program = (
        "import os, signal, sys, threading, time\n"
        f"sys.argv = ['barfinex', *{command.split()!r}]\n"
        "from tui import cli\n"
        "def press():\n"
        "    while signal.getsignal(signal.SIGINT) is signal.default_int_handler:\n"
        "        time.sleep(0)\n"
        "    time.sleep(float(os.environ['AFTER']))\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "threading.Thread(target=press, daemon=True).start()\n"
        "cli.main()\n"
    )
    for hundredths in (1, 3, 6, 10, 16, 25, 40, 60):
        done = subprocess.run(
            [COMMAND[0], "-c", program],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            cwd=home,
            env=environment(home, AFTER=str(hundredths / 100)),
        )
        assert "Traceback" not in done.stderr
        assert "never awaited" not in done.stderr
        assert done.returncode in (130, *((0,) if command != "connector check binance" else ())), done.stderr


@posix
def test_a_second_ctrl_c_leaves_at_once_and_says_nothing(home: Path) -> None:
    process = subprocess.Popen(
        [*COMMAND, "watch", "binance", "BTCUSDT", "--json"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=home,
        env=environment(home, PYTHONDEVMODE="1"),
    )
    assert process.stdout is not None
    assert process.stdout.readline()
    process.send_signal(signal.SIGINT)
    time.sleep(0.01)  # apart, or they are one
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=15)
    assert process.returncode in (0, 130)
    assert "never awaited" not in errors
    assert "Traceback" not in errors


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("watch", "binance", "BTCUSDT", "--url", "http://[::1"), "--url 'http://[::1'"),
        (("watch", "binance", "BTCUSDT", "--url", "http://127.0.0.1:999999"), "--url"),
        (("watch", "binance", "BTCUSDT", "--url", "http://127.0.0.1:x"), "--url"),
        (("watch", "binance", "BTCUSDT", "--url", ""), "--url"),
        (("watch", "binance", "BTCUSDT", "--url", "ftp://127.0.0.1:1"), "--url 'ftp://127.0.0.1:1'"),
        (("watch", "binance", "BTCUSDT", "--url", "https://127.0.0.1:1"), "--url 'https://127.0.0.1:1'"),
        (
            ("watch", "binance", "BTCUSDT", "--url", "http://me:pass@127.0.0.1:1"),
            "--url 'http://127.0.0.1:1'",
        ),
        (("watch", "binance", "BTCUSDT", "--url", "pass@127.0.0.1:1"), "--url '127.0.0.1:1'"),
        (
            ("watch", "binance", "BTCUSDT", "--url", "http://127.0.0.1:1/?key=pass"),
            "--url 'http://127.0.0.1:1/'",
        ),
        (("record", "binance", "BTCUSDT", "-o", "b.jsonl", "--url", "http://[::1"), "--url"),
        (("record", "binance", "BTCUSDT", "-o", "b.jsonl", "--duration", "nan"), "--duration"),
        (("record", "binance", "BTCUSDT", "-o", "b.jsonl", "--duration", "inf"), "--duration"),
        (("replay", "a.jsonl", "--speed", "nan"), "--speed"),
        (("replay", "a.jsonl", "--max-idle", "nan"), "--max-idle"),
        (("replay", "a.jsonl", "--max-idle", "-1"), "--max-idle"),
        (("watch", "binance", "BTCUSDT", "--count", "9" * 5000), "--count"),
    ],
)
def test_a_value_that_is_none_is_bad_usage(home: Path, arguments: tuple[str, ...], said: str) -> None:
    done = barfinex(*arguments, home=home)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1, done.stderr
    assert said in done.stderr
    assert "pass" not in done.stderr


@pytest.mark.parametrize("name", ["x" * 300 + ".jsonl", "a.jsonl/b.jsonl"])
def test_a_path_that_cannot_be_is_a_failure_in_one_line(home: Path, name: str) -> None:
    for arguments in (
        ("record", "binance", "BTCUSDT", "-o", name, "--environment", "local"),
        ("replay", name),
        ("connector", "new", "acme", "--output", name),
        ("connector", "check", "binance", "--case", "M01", "--junit", name + "/x.xml"),
    ):
        done = barfinex(*arguments, home=home)
        assert (done.returncode, done.stdout) == (1, ""), done.stderr
        assert done.stderr.count("\n") == 1, done.stderr
