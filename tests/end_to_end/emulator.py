"""The emulator as a person runs it: `barfinex emulate binance --json`, in a process of its own."""

import json
import signal
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.tui.command_line.running import COMMAND, environment

SEED = "7"


class EmulatorProcess:
    """Serves on loopback until the context is left; `kill` and `start` again keep the port."""

    def __init__(self, home: Path, *options: str, port: int = 0) -> None:
        self._home = home
        self._options = options
        self._port = port
        self._process: subprocess.Popen[str] | None = None
        self.urls: dict[str, Any] = {}

    def start(self) -> None:
        process = subprocess.Popen(
            [
                *COMMAND,
                "emulate",
                "binance",
                "--json",
                "--seed",
                SEED,
                "--port",
                str(self._port),
                *self._options,
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            cwd=self._home,
            env=environment(self._home),
        )
        self._process = process
        assert process.stdout is not None
        self.urls = json.loads(process.stdout.readline())
        self._port = int(self.urls["rest"].rpartition(":")[2])

    @property
    def rest(self) -> str:
        return str(self.urls["rest"])

    def kill(self) -> None:
        """End it without a word to its clients."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """End it as Ctrl-C does, and give its exit code."""
        return self._end(signal.SIGINT)

    def _end(self, how: signal.Signals) -> int:
        process, self._process = self._process, None
        assert process is not None
        process.send_signal(how)
        code = process.wait(10)
        if process.stdout is not None:
            process.stdout.close()
        return code

    def __enter__(self) -> "EmulatorProcess":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self.kill()
