"""The demo told to leave by a signal: nothing of it stays behind, its exchange and the exchange's file included."""

import json
import os
import shutil
import signal
import time
from pathlib import Path

import pytest

from tests.end_to_end.tmux import Terminal
from tests.tui.command_line.running import COMMAND, environment

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")


def running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGQUIT", "SIGKILL"])
def test_nothing_stays_behind(tmp_path: Path, name: str) -> None:
    env = environment(tmp_path)
    state = Path(env["XDG_STATE_HOME"]) / "barfinex" / "emulator-binance.json"
    errors = tmp_path / "err.log"
    command = f"exec {' '.join([*COMMAND, 'demo'])} 2>{errors}"
    with Terminal(command, folder=tmp_path, env=env) as terminal:
        terminal.wait_for(lambda seen: "SYNCED" in seen, timeout=60, what="a market")
        exchange = json.loads(state.read_text())
        os.kill(terminal.pid(), getattr(signal, name))
        terminal.wait_for(lambda _: not terminal.running(), timeout=20, what=f"the end after {name}")
        deadline = time.monotonic() + 20
        while (state.exists() or running(exchange["pid"])) and time.monotonic() < deadline:
            time.sleep(0.1)
    assert not state.exists()
    assert not running(exchange["pid"])
    assert errors.read_text() == ""
