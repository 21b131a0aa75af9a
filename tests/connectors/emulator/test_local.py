"""A local venue started from a folder that is full of somebody else's Python."""

import asyncio
import json
import logging
import os
import signal
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from connectors.contracts.errors import ConnectionFailed, RequestTimeout
from connectors.emulator import local, presence
from connectors.runtime import python_child
from connectors.runtime.local_venues import LocalVenues
from connectors.runtime.redaction import add_secret
from tests.connectors.emulator.support import until
from tests.tui.command_line.running import ROOT, environment

NAMES = (
    "random",
    "asyncio",
    "json",
    "runpy",
    "sitecustomize",
    "usercustomize",
    "connectors/__init__",
    "websockets",
)
COMMAND = Path(sys.executable).with_name("barfinex")


@pytest.fixture
def trap(tmp_path: Path) -> Path:
    """A working directory whose modules tell that they were run."""
    folder = tmp_path / "work"
    for name in NAMES:
        file = folder / f"{name}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(
            f"open({str(tmp_path / 'ran')!r}, 'a').write({name!r} + ' ')\nraise RuntimeError('ours')\n"
        )
    return folder


@pytest.fixture
def state_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr("platformdirs.user_state_dir", lambda *_, **__: str(tmp_path / "state"))
    return tmp_path


def ran(trap: Path) -> str:
    marker = trap.parent / "ran"
    return marker.read_text() if marker.exists() else ""


@pytest.mark.parametrize("start", ["console", "module"])
def test_the_working_directory_is_not_run(trap: Path, start: str) -> None:
    # As on a machine with barfinex installed and an empty piece in PYTHONPATH for its children to stumble over.
    variables = environment(trap.parent / "home")
    del variables["PYTHONPATH"]
    script = (
        "import os, sys; os.environ['PYTHONPATH'] = os.pathsep; sys.path.insert(0, os.getcwd());"
        "from tui.cli import main; sys.argv[0] = 'barfinex'; main()"
    )
    command = [COMMAND] if start == "console" else [sys.executable, "-P", "-c", script]
    if start == "module":
        # All that the command itself needs of these is there before the working directory is on the path.
        command[-1] = "import asyncio, json, random, runpy, websockets, connectors, tui.cli;" + script
    done = subprocess.run(
        [*command, "watch", "binance", "BTCUSDT", "--environment", "local", "--count", "1", "--json"],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=trap,
        env=variables,
        check=False,
    )
    assert ran(trap) == ""
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["connector"] == "binance"


PROBE = """
import asyncio
from connectors.conformance.import_probe import probe
from connectors.conformance.target import resolve
found = asyncio.run(probe(resolve("binance")))
assert found.error is None and "connectors.venues.binance" in found.modules, found
"""


def test_a_check_of_an_installed_connector_does_not_run_it(trap: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-c", PROBE],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=trap,
        env=environment(trap.parent / "home"),
        check=False,
    )
    assert ran(trap) == ""
    assert done.returncode == 0, done.stdout + done.stderr


async def test_python_s_own_variables_do_not_reach_a_child(
    monkeypatch: pytest.MonkeyPatch, trap: Path
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(trap))
    monkeypatch.setenv("PYTHONSTARTUP", str(trap / "random.py"))
    code = "import os, sys; print([name for name in os.environ if name.startswith('PYTHON')], sys.argv[1:])"
    process = await asyncio.create_subprocess_exec(
        *python_child.script_command(code, "one"),
        stdout=asyncio.subprocess.PIPE,
        env=python_child.child_environment(),
    )
    output, _ = await process.communicate()
    assert output.decode().split() == ["[]", "['one']"]
    assert ran(trap) == ""


async def test_an_editable_install_in_the_working_directory_is_found(
    monkeypatch: pytest.MonkeyPatch, trap: Path, tmp_path: Path
) -> None:
    """An author in the project's own folder: an installer's path file names it, behind everything else."""
    (trap / "barfinex_acme.py").write_text("print('found')")
    venv.create(tmp_path / "venv")
    base = {"base": str(tmp_path / "venv"), "platbase": str(tmp_path / "venv")}
    (Path(sysconfig.get_path("purelib", "venv", vars=base)) / "acme.pth").write_text(str(trap))
    python = Path(sysconfig.get_path("scripts", "venv", vars=base)) / Path(sys.executable).name
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.chdir(trap)
    monkeypatch.setattr(sys, "path", [str(trap), *sys.path])
    process = await asyncio.create_subprocess_exec(
        *python_child.script_command("import random, json, asyncio, barfinex_acme"),
        stdout=asyncio.subprocess.PIPE,
        env=python_child.child_environment(),
    )
    output, _ = await process.communicate()
    assert output.decode().split() == ["found"]
    # `site` itself imports a sitecustomize from wherever a path file of the installation points.
    assert set(ran(trap).split()) <= {"sitecustomize", "usercustomize"}


async def test_a_checkout_is_found_from_within_and_another_folder_is_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from catalog.import_path import import_path

    monkeypatch.setattr(sys, "path", ["", str(tmp_path), *sys.path])
    monkeypatch.chdir(tmp_path)
    assert str(tmp_path) not in import_path()
    assert "" not in import_path()
    monkeypatch.chdir(ROOT)
    assert str(ROOT) in import_path()
    assert str(tmp_path) in import_path()


def stand_in(monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    monkeypatch.setattr(local, "module_command", lambda *_: python_child.script_command(script))


async def test_its_last_words_are_told_where_it_ends_at_once(
    monkeypatch: pytest.MonkeyPatch, state_home: Path
) -> None:
    add_secret("a-secret-of-somebody")
    text = "Traceback:\\n  File x\\nValueError: \\x1b[31mno a-secret-of-somebody\\n"
    stand_in(
        monkeypatch, f"import sys; sys.stderr.write({text!r}.encode().decode('unicode_escape')); sys.exit(3)"
    )
    with pytest.raises(ConnectionFailed) as caught:
        await local.find_or_start("binance")
    assert str(caught.value) == (
        "the local binance emulator ended at once (exit code 3): File x; ValueError: [31mno ***"
    )


async def test_its_last_words_are_told_where_it_never_listens(
    monkeypatch: pytest.MonkeyPatch, state_home: Path
) -> None:
    stand_in(
        monkeypatch,
        "import sys; print('waiting for a lock', file=sys.stderr, flush=True); sys.stdin.read()",
    )
    with pytest.raises(RequestTimeout, match=r"did not start within 2 s: waiting for a lock$"):
        await local.find_or_start("binance", timeout=2)


async def test_what_is_no_address_is_told(monkeypatch: pytest.MonkeyPatch, state_home: Path) -> None:
    stand_in(monkeypatch, "print('hello', flush=True); import sys; sys.stdin.read()")
    with pytest.raises(ConnectionFailed, match="did not say where it listens: hello"):
        await local.find_or_start("binance")


async def test_one_that_dies_later_says_why(
    monkeypatch: pytest.MonkeyPatch, state_home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    facts = {
        name: f"http://127.0.0.1:1/{name}"
        for name in ("rest", "ws", "ws_api", "futures_rest", "futures_ws", "futures_sapi")
    }
    script = (
        f"import sys; print({json.dumps(facts)!r}, flush=True); sys.stdin.readline();"
        "sys.stderr.write('x' * 1_000_000 + '\\nout of memory\\n'); sys.exit(9)"
    )
    stand_in(monkeypatch, script)
    venue = await local.find_or_start("binance")
    process = venue._process
    assert process is not None
    assert venue.ended is None
    assert process.stdin is not None
    process.stdin.write(b"\n")
    await until(lambda: "emulator is gone" in caplog.text)
    assert venue.ended is not None
    assert venue.ended.endswith("out of memory")
    assert "exit code 9" in venue.ended
    assert "exit code 9" in caplog.text
    await venue.stop()


def test_the_trap_works(trap: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import random"],
        cwd=trap,
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTHON")},
        capture_output=True,
        check=False,
    )
    assert done.returncode
    assert "random" in ran(trap)


async def test_one_that_left_with_its_program_is_taken_over_by_who_still_needs_it(
    monkeypatch: pytest.MonkeyPatch, state_home: Path
) -> None:
    monkeypatch.setattr(local, "_PAUSE", 0.01)
    first, second, third = LocalVenues(), LocalVenues(), LocalVenues()
    try:
        endpoints = await first.endpoints("binance")
        for others in (second, third):
            assert await others.endpoints("binance") == endpoints
            assert await others.endpoints("binance") == endpoints
        pid = presence.read("binance")["pid"]
        await first.close()
        await until(lambda: presence.read("binance").get("pid", pid) != pid, 30)
        assert await first.endpoints("binance") == endpoints
    finally:
        for venues in (first, second, third):
            await venues.close()
    assert not presence.read("binance")


async def test_one_that_somebody_runs_by_hand_is_not_taken_over(state_home: Path) -> None:
    venue = await local.find_or_start("binance")
    try:
        presence.publish("binance", {**presence.read("binance"), "held": False})
        found = await local.find_or_start("binance")
        found.watch()
        assert found._watch is None
    finally:
        await venue.stop()


async def test_one_that_dies_is_started_again_where_it_was_a_few_times(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, state_home: Path
) -> None:
    monkeypatch.setattr(local, "_PAUSE", 0.01)
    caplog.set_level(logging.WARNING)
    venue = await local.find_or_start("binance")
    told: list[str] = []
    venue.tell = told.append
    try:
        before, pids = dict(venue.endpoints), set[int]()
        for _ in range(local.RESTARTS + 1):
            await until(lambda: presence.read("binance").get("pid", 0) not in {*pids, 0}, 30)
            assert venue.endpoints == before
            pids.add(presence.read("binance")["pid"])
            os.kill(presence.read("binance")["pid"], signal.SIGKILL)
        await until(lambda: "stays off" in caplog.text, 30)
        assert caplog.text.count("was started again") == local.RESTARTS
        assert [text for text in told if "began anew" in text] == told[:-1]
        assert len(told) == local.RESTARTS + 1
        assert "stays off" in told[-1]
    finally:
        await venue.stop()
