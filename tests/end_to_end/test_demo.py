"""`barfinex demo` in a real terminal, its exchange a process that can die."""

import json
import os
import re
import shutil
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from connectors.emulator.local import RESTARTS
from tests.end_to_end.emulator import EmulatorProcess
from tests.end_to_end.tmux import Terminal
from tests.tui.command_line.running import COMMAND, environment

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")

TRADE = re.compile(r"\d\d:\d\d:\d\d\.\d{3} [▲▼] +[\d,]+\.\d\d")
START = 30
"""Seconds on a machine that runs other tests beside this one; the benchmark measures how long it really takes."""


def trades(screen: str) -> list[str]:
    return TRADE.findall(screen)


def shows_live_market(screen: str) -> bool:
    return "BTCUSDT" in screen and "CONNECTED" in screen and "SYNCED ✓" in screen and len(trades(screen)) > 1


def kill_the_next(state: Path, before: int | None) -> dict[str, Any]:
    """Kill the exchange that is not the one before, and say what it was."""
    deadline = time.monotonic() + 20
    while True:
        exchange: dict[str, Any] = json.loads(state.read_text()) if state.exists() else {}
        if exchange.get("pid", before) != before:
            os.kill(exchange["pid"], signal.SIGKILL)
            return exchange
        assert time.monotonic() < deadline, "no new exchange"
        time.sleep(0.05)


def test_prices_move_stop_with_the_exchange_and_move_again(tmp_path: Path) -> None:
    env = environment(tmp_path)
    state = Path(env["XDG_STATE_HOME"]) / "barfinex" / "emulator-binance.json"
    with Terminal(" ".join([*COMMAND, "demo"]), folder=tmp_path, env=env) as terminal:
        first = trades(terminal.wait_for(shows_live_market, timeout=START, what="a live market"))
        terminal.wait_for(
            lambda seen: shows_live_market(seen) and trades(seen) != first, timeout=10, what="new trades"
        )

        # One that dies is started again where it was; one that goes on dying is not.
        exchange: dict[str, Any] = {}
        for again in range(RESTARTS + 1):
            exchange = kill_the_next(state, exchange["pid"] if again else None)
            seen = terminal.wait_for(lambda seen: "RECONNECTING" in seen, timeout=20, what="RECONNECTING")
            assert "SYNCED ✓" not in seen
            if again < RESTARTS:
                terminal.wait_for(shows_live_market, timeout=45, what="the market of a new exchange")
        terminal.wait_for(
            lambda seen: re.search(r"RECONNECTING\D+\d", seen) is not None, timeout=20, what="the countdown"
        )

        port = int(exchange["rest"].rpartition(":")[2])
        with EmulatorProcess(tmp_path, port=port):
            again = trades(terminal.wait_for(shows_live_market, timeout=45, what="the market again"))
            terminal.wait_for(
                lambda seen: shows_live_market(seen) and trades(seen) != again,
                timeout=10,
                what="new trades again",
            )
            terminal.press("C-q")
            terminal.wait_for(lambda _: not terminal.running(), timeout=10, what="the end after Ctrl+Q")
