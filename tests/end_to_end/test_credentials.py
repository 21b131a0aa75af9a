"""`barfinex credentials` with a value that must not be found anywhere afterwards."""

import base64
import contextlib
import json
import os
import pty
import select
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tui.command_line.running import COMMAND, TIMEOUT, barfinex, environment

API_KEY = "k3yForTestsOnlyNotSecret"
CANARY = "C4naryS3cretThatMustNotLeak7f3a9b2d"
STDIN = f"apiKey={API_KEY}\napiSecret={CANARY}\n"
FORMS = [
    CANARY.encode(),
    CANARY[5:25].encode(),
    base64.b64encode(CANARY.encode())[:30],
    CANARY.encode().hex().encode(),
    CANARY.encode("utf-16-le"),
]
TARGET = ("binance", "--environment", "testnet", "--profile", "main")


def leaks(data: bytes) -> list[bytes]:
    return [form for form in FORMS if form.lower() in data.lower()]


def check_no_leak(home: Path, *spoken: str) -> None:
    """No form of the secret in anything the command said or wrote below its home."""
    assert not [text for text in spoken if leaks(text.encode())]
    assert not [file for file in home.rglob("*") if file.is_file() and leaks(file.read_bytes())]


def on_terminal(home: Path, arguments: tuple[str, ...], answers: list[str]) -> tuple[int, str]:
    """Run on a terminal, type one answer a prompt; the exit code and all that the terminal showed."""
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(home)
        os.execve(COMMAND[0], [*COMMAND, *arguments], environment(home, TERM="xterm"))
    shown = ""
    waiting = list(answers)
    deadline = time.monotonic() + TIMEOUT
    while time.monotonic() < deadline:
        if select.select([terminal], [], [], 0.2)[0]:
            try:
                data = os.read(terminal, 65_536)
            except OSError:  # Linux's way of saying that the other side has closed
                break
            if not data:
                break
            shown += data.decode(errors="replace")
            if shown.rstrip(" ").endswith(":") and waiting:
                os.write(terminal, waiting.pop(0).encode() + b"\n")
                shown += "\n"
    _, status = os.waitpid(process, 0)
    os.close(terminal)
    assert not waiting, shown
    return os.waitstatus_to_exitcode(status), shown


def test_where_there_is_no_keyring_nothing_is_stored_and_the_line_says_so(tmp_path: Path) -> None:
    done = barfinex("credentials", "set", *TARGET, home=tmp_path, stdin=STDIN)
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("barfinex: ")
    check_no_leak(tmp_path, done.stderr)
    listed = barfinex("credentials", "list", home=tmp_path)
    assert (listed.returncode, listed.stdout) == (0, "")


def test_a_value_is_refused_without_being_quoted(tmp_path: Path) -> None:
    for stdin in (CANARY, f"apiSecret={CANARY}", json.dumps({"apiSecret": [CANARY]}), f"{CANARY}=1"):
        done = barfinex("credentials", "set", *TARGET, home=tmp_path, stdin=stdin)
        assert done.returncode == 2
        assert len(done.stderr.splitlines()) == 1
        check_no_leak(tmp_path, done.stderr, done.stdout)


def test_the_log_at_its_loudest_holds_no_value(tmp_path: Path) -> None:
    done = barfinex("credentials", "set", *TARGET, "-vv", home=tmp_path, stdin=STDIN)
    check_no_leak(tmp_path, done.stderr, done.stdout)


def test_on_a_terminal_secrets_are_asked_for_unseen_and_kept_in_the_encrypted_file(tmp_path: Path) -> None:
    password = "correct horse battery"
    where = (*TARGET, "--encrypted-file")
    code, shown = on_terminal(tmp_path, ("credentials", "set", *where), [API_KEY, CANARY, password, password])
    assert code == 0, shown
    assert "stored apiKey, apiSecret for binance testnet main" in shown
    check_no_leak(tmp_path, shown)
    assert password not in shown

    listed = barfinex("credentials", "list", "--json", home=tmp_path)
    [record] = [json.loads(line) for line in listed.stdout.splitlines()]
    assert record["fields"] == ["apiKey", "apiSecret"]
    assert record["store"] == "encrypted-file"
    check_no_leak(tmp_path, listed.stdout)

    code, shown = on_terminal(tmp_path, ("credentials", "delete", *where), ["wrong"])
    assert code == 1, shown
    code, shown = on_terminal(tmp_path, ("credentials", "delete", *where), [password])
    assert code == 0, shown
    assert barfinex("credentials", "list", home=tmp_path).stdout == ""


def test_without_a_terminal_the_encrypted_file_cannot_be_opened(tmp_path: Path) -> None:
    done = subprocess.run(
        [*COMMAND, "credentials", "set", *TARGET, "--encrypted-file"],
        input=STDIN,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        cwd=tmp_path,
        env=environment(tmp_path),
        start_new_session=True,
        check=False,
    )
    assert done.returncode == 2
    assert "needs a terminal" in done.stderr


@pytest.mark.keyring
@pytest.mark.skipif(
    "BARFINEX_TEST_KEYRING" not in os.environ, reason="run it under .ci/with-keyring, not on your keyring"
)
def test_in_a_real_keyring_values_are_stored_listed_by_name_and_deleted(tmp_path: Path) -> None:
    bus = {"DBUS_SESSION_BUS_ADDRESS": os.environ["DBUS_SESSION_BUS_ADDRESS"]}
    process = subprocess.Popen(
        [*COMMAND, "credentials", "set", *TARGET, "-vv"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env=environment(tmp_path, **bus),
    )
    assert process.stdin is not None
    process.stdin.write(STDIN)
    process.stdin.flush()
    command_lines = list(all_command_lines())
    out, errors = process.communicate(timeout=TIMEOUT)
    assert process.returncode == 0, errors
    assert not [line for line in command_lines if leaks(line)]
    check_no_leak(tmp_path, out, errors)

    listed = barfinex("credentials", "list", home=tmp_path, **bus)
    assert "binance  testnet  main  apiKey, apiSecret  (keyring)" in listed.stdout
    check_no_leak(tmp_path, listed.stdout, listed.stderr)

    deleted = barfinex("credentials", "delete", *TARGET, home=tmp_path, **bus)
    assert deleted.returncode == 0, deleted.stderr
    assert barfinex("credentials", "list", home=tmp_path, **bus).stdout == ""
    again = barfinex("credentials", "delete", *TARGET, home=tmp_path, **bus)
    assert again.returncode == 2
    assert "binance testnet main" in again.stderr


def all_command_lines() -> Iterator[bytes]:
    """As `ps` shows them."""
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # the process ended in between
            yield file.read_bytes()
