"""The emulator as a process of its own."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect

from connectors.contracts.errors import ConnectionFailed
from connectors.emulator.errors import PortInUse, UnknownVenue
from connectors.emulator.local import find_or_start
from connectors.emulator.presence import state_file
from connectors.emulator.server import run
from connectors.emulator.testing import running_emulator
from tests.connectors.emulator.support import receive, stream_client, until

COMMAND = (sys.executable, "-m", "connectors.emulator", "binance")


@asynccontextmanager
async def emulator_process(*options: str, stdin: int = subprocess.DEVNULL):
    process = await asyncio.create_subprocess_exec(
        *COMMAND, "--json", *options, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        facts: dict[str, Any] = json.loads(await asyncio.wait_for(process.stdout.readline(), 20))
        yield process, facts
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def answers(url: str) -> bool:
    async with httpx.AsyncClient(trust_env=False) as client:
        try:
            return (await client.get(f"{url}/api/v3/ping")).status_code == 200
        except httpx.TransportError:
            return False


@pytest.fixture
def state_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("platformdirs.user_state_dir", lambda *_args, **_options: str(tmp_path / "state"))
    return tmp_path


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_it_prints_one_line_serves_and_leaves_cleanly(number: signal.Signals):
    async with emulator_process("--seed", "7", "--rate", "1") as (process, facts):
        assert facts.keys() >= {"venue", "rest", "ws", "ws_api", "pid", "seed", "id"}
        assert (facts["venue"], facts["pid"], facts["seed"]) == ("binance", process.pid, 7)
        assert await answers(facts["rest"])
        process.send_signal(number)
        assert await asyncio.wait_for(process.wait(), 10) == 0
        assert process.stdout is not None
        assert process.stderr is not None
        assert (await process.stdout.read(), await process.stderr.read()) == (b"", b"")


async def test_a_client_that_does_not_close_holds_nothing_up_and_spoils_no_output():
    async with emulator_process() as (process, facts):
        client = await connect(facts["ws"] + "/ws/btcusdt@trade", proxy=None)
        await client.recv()
        client.transport.pause_reading()
        process.terminate()
        assert await asyncio.wait_for(process.wait(), 10) == 0
        assert process.stderr is not None
        assert await process.stderr.read() == b""
        client.transport.abort()
        await client.wait_closed()


def test_a_port_in_use_is_a_plain_error():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortInUse, match=str(port)):
            run("binance", port=port)
        ended = subprocess.run([*COMMAND, "--port", str(port)], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert str(port) in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_an_unknown_venue_is_a_plain_error():
    with pytest.raises(UnknownVenue, match="nosuch"):
        run("nosuch")


def test_starting_it_imports_no_pydantic_no_httpx_and_no_terminal():
    code = (
        "import sys, connectors.emulator.server, connectors.emulator.binance.dialect;"
        "print([name for name in ('pydantic', 'httpx', 'textual', 'rich', 'uvicorn') if name in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout == "[]\n"


async def test_faults_are_armed_by_command_line():
    options = ("--fault", "status:target=/api/v3/ping,status=418,count=1", "--lifetime", "3600")
    async with emulator_process(*options) as (_, facts), httpx.AsyncClient(trust_env=False) as client:
        statuses = [(await client.get(f"{facts['rest']}/api/v3/ping")).status_code for _ in range(2)]
    assert statuses == [418, 200]


async def test_it_ends_when_its_parent_lets_go():
    async with emulator_process("--watch-parent", stdin=subprocess.PIPE) as (process, _):
        assert process.stdin is not None
        process.stdin.close()
        assert await asyncio.wait_for(process.wait(), 10) == 0


async def test_one_is_started_found_again_and_ended_only_by_its_starter(state_home: Path):
    started = await find_or_start("binance")
    try:
        assert started.started
        assert started.endpoints.keys() >= {"rest", "ws", "ws_api"}
        if os.name == "posix":
            assert state_file("binance").stat().st_mode & 0o777 == 0o600
        found = await find_or_start("binance")
        assert (found.started, found.endpoints) == (False, started.endpoints)
        await found.stop()
        assert await answers(started.endpoints["rest"])
    finally:
        await started.stop()
    assert not await answers(started.endpoints["rest"])
    assert not state_file("binance").exists()
    await started.stop()


async def test_one_that_asks_to_be_found_is_found(state_home: Path):
    code = (
        "import platformdirs\n"
        f"platformdirs.user_state_dir = lambda *a, **k: {str(state_home / 'state')!r}\n"
        "from connectors.emulator.server import run\n"
        "run('binance', json_output=True, publish=True, watch_parent=True)\n"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdin is not None
    facts = json.loads(await asyncio.wait_for(process.stdout.readline(), 20))
    await until(state_file("binance").exists)
    found = await find_or_start("binance")
    assert (found.started, found.endpoints["rest"]) == (False, facts["rest"])
    process.stdin.close()
    assert await asyncio.wait_for(process.wait(), 10) == 0
    assert not state_file("binance").exists()


async def test_a_stale_state_file_is_not_believed(state_home: Path):
    async with running_emulator(rate=0) as other:
        path = state_file("binance")
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps({"id": "another", "rest": other.endpoints["rest"], "pid": 1}))
        local = await find_or_start("binance")
        try:
            assert local.started
            assert local.endpoints != other.endpoints
        finally:
            await local.stop()


@pytest.mark.parametrize(
    "content", ["", "[]", "{", '{"rest": 5}', '{"rest": "http://127.0.0.1:1", "id": "x"}']
)
async def test_a_broken_state_file_is_passed_over(state_home: Path, content: str):
    path = state_file("binance")
    path.parent.mkdir(parents=True)
    path.write_text(content)
    local = await find_or_start("binance")
    await local.stop()
    assert local.started


async def test_a_url_names_one(state_home: Path):
    async with running_emulator(rate=0) as emulator:
        local = await find_or_start("binance", url=emulator.endpoints["rest"])
        assert (local.started, local.endpoints) == (False, emulator.endpoints)
        assert not state_file("binance").exists()
    with pytest.raises(ConnectionFailed, match=str(emulator.port)):
        await find_or_start("binance", url=emulator.endpoints["rest"])
    with pytest.raises(UnknownVenue):
        await find_or_start("nosuch")


async def test_one_that_was_started_ends_with_a_parent_that_is_killed(tmp_path: Path):
    code = (
        "import asyncio, sys, platformdirs\n"
        f"platformdirs.user_state_dir = lambda *a, **k: {str(tmp_path)!r}\n"
        "from connectors.emulator.local import find_or_start\n"
        "async def main():\n"
        "    local = await find_or_start('binance')\n"
        "    print(local.endpoints['rest'], flush=True)\n"
        "    await asyncio.Event().wait()\n"
        "asyncio.run(main())\n"
    )
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=subprocess.PIPE)
    assert parent.stdout is not None
    url = (await asyncio.wait_for(parent.stdout.readline(), 20)).decode().strip()
    assert await answers(url)
    parent.kill()
    await parent.wait()

    async def gone() -> bool:
        return not await answers(url)

    await until(gone)


async def test_a_slow_reader_does_not_slow_the_others():
    async with running_emulator(rate=10) as emulator:
        path = "/stream?streams=btcusdt@depth@100ms/btcusdt@trade/btcusdt@bookTicker"
        async with stream_client(emulator, path) as slow, stream_client(emulator, path) as quick:
            slow.transport.pause_reading()
            for _ in range(30):
                assert "stream" in await receive(quick)
            slow.transport.resume_reading()
