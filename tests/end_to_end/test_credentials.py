"""`barfinex credentials` with a value that must not be found anywhere afterwards."""

import asyncio
import base64
import contextlib
import json
import os
import pty
import select
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.runtime.vault import CredentialVault
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
    assert "--password-file FILE or --password-fd N" in done.stderr


PASSWORD = "correct horse battery"


def headless(
    home: Path, *arguments: str, stdin: str = "", password: str | None = PASSWORD, mode: int = 0o600
) -> subprocess.CompletedProcess[str]:
    """Without a terminal; the password comes in a file."""
    home.mkdir(exist_ok=True)
    file = home / "password"
    if password is not None:
        file.write_text(f"\ufeff{password}\r\n")
        file.chmod(mode)
    return subprocess.run(
        [*COMMAND, *arguments, *(() if password is None else ("--password-file", str(file)))],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        cwd=home,
        env=environment(home),
        start_new_session=True,
        check=False,
    )


def test_without_a_terminal_a_file_or_a_descriptor_opens_the_encrypted_file(tmp_path: Path) -> None:
    done = headless(tmp_path, "credentials", "set", *TARGET, stdin=STDIN, mode=0o644)
    assert done.returncode == 0, done.stderr
    assert "other users can read the password file" in done.stderr
    nobody = headless(tmp_path, "watch", "binance", "BTCUSDT", "--environment", "local", "--profile", "x")
    assert nobody.returncode == 2
    assert "no credentials are stored for binance local x; stored are: testnet main" in nobody.stderr
    locked = headless(tmp_path, "credentials", "test", "binance", password=None)
    assert locked.returncode == 2
    assert "--password-file FILE or --password-fd N" in locked.stderr
    wrong = headless(tmp_path, "credentials", "delete", "binance", password="not the right one")
    assert wrong.returncode == 1
    assert "wrong password" in wrong.stderr
    check_no_leak(tmp_path, done.stderr, nobody.stderr, locked.stderr, wrong.stderr)
    both = headless(tmp_path, "credentials", "delete", "binance", "--password-fd", "0")
    assert both.returncode == 2
    reading, writing = os.pipe()
    os.write(writing, PASSWORD.encode())
    os.close(writing)
    deleted = subprocess.run(
        [*COMMAND, "credentials", "delete", "binance", "--password-fd", str(reading)],
        pass_fds=(reading,),
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        env=environment(tmp_path),
        check=False,
    )
    os.close(reading)
    assert (deleted.returncode, deleted.stderr.splitlines()[-1]) == (
        0,
        "barfinex: deleted binance testnet main",
    )


def test_whose_keys_they_are_is_never_guessed(tmp_path: Path) -> None:
    done = headless(tmp_path, "credentials", "set", "binance", stdin=STDIN)
    assert done.returncode == 2
    assert "name whose keys these are with --environment: live, testnet, local" in done.stderr
    for where in ("live", "testnet"):
        target = ("binance", "--environment", where)
        assert headless(tmp_path, "credentials", "set", *target, stdin=STDIN).returncode == 0
    unclear = headless(tmp_path, "credentials", "delete", "binance")
    assert unclear.returncode == 2
    assert "are stored for live, testnet: name one with --environment" in unclear.stderr
    assert headless(tmp_path, "credentials", "delete", "binance", "--environment", "testnet").returncode == 0
    alone = headless(tmp_path, "credentials", "test", "binance")
    assert "are stored for live: name one with --environment" in alone.stderr


def test_on_a_terminal_the_environment_is_asked_for(tmp_path: Path) -> None:
    answers = ["testnet", API_KEY, CANARY, PASSWORD, PASSWORD]
    code, shown = on_terminal(tmp_path, ("credentials", "set", "binance", "--encrypted-file"), answers)
    assert code == 0, shown
    assert "Environment (live, testnet, local):" in shown
    assert "stored apiKey, apiSecret for binance testnet main" in shown


@pytest.mark.skipif(os.name != "posix", reason="a shell closes it")
def test_a_closed_standard_input_is_one_plain_line(tmp_path: Path) -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", '"$@" <&-', "sh", *COMMAND, "credentials", "set", *TARGET],
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        env=environment(tmp_path),
        check=False,
    )
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1, done.stderr


def test_what_is_left_over_is_found_and_deleted(tmp_path: Path) -> None:
    assert headless(tmp_path, "credentials", "set", *TARGET, stdin=STDIN).returncode == 0
    index = tmp_path / ".config" / "barfinex" / "credentials.json"
    index.write_text('{"version": 1, "credentials": []}')
    found = headless(tmp_path, "credentials", "doctor")
    assert found.returncode == 1
    assert found.stdout.startswith("binance testnet main  apiKey, apiSecret  (encrypted-file)")
    mended = headless(tmp_path, "credentials", "doctor", "--yes")
    assert mended.returncode == 0, mended.stderr
    clean = headless(tmp_path, "credentials", "doctor")
    assert (clean.returncode, clean.stdout) == (0, "")
    check_no_leak(tmp_path, found.stdout, found.stderr, mended.stderr)


def test_the_doctor_does_not_delete_unasked_what_a_damaged_list_may_have_named(tmp_path: Path) -> None:
    assert headless(tmp_path, "credentials", "set", *TARGET, stdin=STDIN).returncode == 0
    folder = tmp_path / ".config" / "barfinex"
    (folder / "credentials.json").write_text('{"version": 1, "credentials": [')
    asked = headless(tmp_path, "credentials", "doctor", "--yes")
    assert asked.returncode == 1
    [aside] = folder.glob("credentials.unreadable-*.json")
    assert aside.name in asked.stderr
    assert "deleted binance" not in asked.stderr
    assert headless(tmp_path, "credentials", "set", *TARGET, stdin=STDIN).returncode == 0
    clean = headless(tmp_path, "credentials", "doctor", "--yes")
    assert (clean.returncode, clean.stdout) == (0, "")


def test_a_descriptor_that_no_program_can_have_is_one_plain_line(tmp_path: Path) -> None:
    done = headless(tmp_path, "credentials", "set", *TARGET, "--password-fd", "9" * 20, stdin=STDIN)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1), done.stderr


@pytest.mark.skipif(os.name != "posix", reason="pipes with a name")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_signal_ends_the_wait_for_a_password(tmp_path: Path, number: signal.Signals) -> None:
    assert headless(tmp_path, "credentials", "set", *TARGET, stdin=STDIN).returncode == 0
    reading, writing = os.pipe()
    process = subprocess.Popen(
        [*COMMAND, "credentials", "delete", *TARGET, "--password-fd", str(reading)],
        stderr=subprocess.PIPE,
        text=True,
        pass_fds=[reading],
        env=environment(tmp_path),
    )
    # It reads what is there, and then waits for the end of the line.
    os.write(writing, b"begun")
    while select.select([reading], [], [], 0.01)[0]:
        assert process.poll() is None
    process.send_signal(number)
    _, errors = process.communicate(timeout=TIMEOUT)
    os.close(reading)
    os.close(writing)
    assert process.returncode == 130, errors
    assert "Traceback" not in errors


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


@pytest.mark.keyring
@pytest.mark.skipif(
    "BARFINEX_TEST_KEYRING" not in os.environ, reason="run it under .ci/with-keyring, not on your keyring"
)
def test_a_dozen_commands_at_once_store_a_dozen_profiles_in_a_real_keyring(tmp_path: Path) -> None:
    variables = environment(tmp_path, DBUS_SESSION_BUS_ADDRESS=os.environ["DBUS_SESSION_BUS_ADDRESS"])
    profiles = sorted(f"p{number}" for number in range(12))
    running = [
        subprocess.Popen(
            [*COMMAND, "credentials", "set", "binance", "--environment", "testnet", "--profile", profile],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=variables,
        )
        for profile in profiles
    ]
    for profile, process in zip(profiles, running, strict=True):
        assert process.stdin is not None
        process.stdin.write(f"apiKey=key-of-{profile}\napiSecret=secret-of-{profile}\n")
        process.stdin.close()
    for process in running:
        assert process.stderr is not None
        errors = process.stderr.read()
        assert process.wait(TIMEOUT * 2) == 0, errors
    vault = CredentialVault(folder=tmp_path / ".config" / "barfinex")

    async def all_of_them() -> dict[str, str]:
        stored = [(record.profile, await vault.load(*record.key[:3])) for record in await vault.list()]
        return {profile: loaded.value("apiSecret") for profile, loaded in stored if loaded is not None}

    assert asyncio.run(all_of_them()) == {profile: f"secret-of-{profile}" for profile in profiles}


def all_command_lines() -> Iterator[bytes]:
    """As `ps` shows them."""
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # the process ended in between
            yield file.read_bytes()
