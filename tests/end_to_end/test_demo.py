"""`barfinex demo` in a real terminal, its exchange a process that can die."""

import json
import os
import re
import shutil
import signal
from pathlib import Path

import pytest

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


def test_prices_move_stop_with_the_exchange_and_move_again(tmp_path: Path) -> None:
    env = environment(tmp_path)
    state = Path(env["XDG_STATE_HOME"]) / "barfinex" / "emulator-binance.json"
    with Terminal(" ".join([*COMMAND, "demo"]), folder=tmp_path, env=env) as terminal:
        first = trades(terminal.wait_for(shows_live_market, timeout=START, what="a live market"))
        terminal.wait_for(
            lambda seen: shows_live_market(seen) and trades(seen) != first, timeout=10, what="new trades"
        )

        exchange = json.loads(state.read_text())
        os.kill(exchange["pid"], signal.SIGKILL)
        seen = terminal.wait_for(lambda seen: "RECONNECTING" in seen, timeout=10, what="RECONNECTING")
        assert "SYNCED ✓" not in seen
        terminal.wait_for(
            lambda seen: re.search(r"RECONNECTING\D+\d", seen) is not None, timeout=10, what="the countdown"
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
