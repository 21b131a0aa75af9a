"""A real terminal for the real app: tmux on a socket of its own."""

import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType

POLL = 0.1


class Terminal:
    """One tmux server with one window that runs one command; leaving the context ends the server and the command."""

    def __init__(
        self, command: str, *, folder: Path, env: Mapping[str, str], columns: int = 120, lines: int = 40
    ) -> None:
        # Not in `folder`: the path of a socket may have 104 characters, and a test's folder can be longer.
        self._sockets = tempfile.TemporaryDirectory(prefix="tmux-")
        self._socket = Path(self._sockets.name) / "server"
        self._start = [
            *("-f", os.devnull, "new-session", "-d", "-x", str(columns), "-y", str(lines), "-c", str(folder)),
            command,
        ]
        self._env = {**env, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}

    def __enter__(self) -> "Terminal":
        self._tmux(*self._start)
        self._tmux("set-option", "-g", "remain-on-exit", "on")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._tmux("kill-server")
        self._sockets.cleanup()

    def _tmux(self, *arguments: str) -> str:
        done = subprocess.run(
            ["tmux", "-S", str(self._socket), *arguments],
            capture_output=True,
            text=True,
            timeout=30,
            env=self._env,
            check=True,
        )
        return done.stdout

    def screen(self) -> str:
        """What a person sees now."""
        return self._tmux("capture-pane", "-p")

    def press(self, *keys: str) -> None:
        """Keys by tmux's names: `q`, `Enter`, `C-q`."""
        self._tmux("send-keys", *keys)

    def running(self) -> bool:
        return self._tmux("display-message", "-p", "#{pane_dead}").strip() == "0"

    def pid(self) -> int:
        """The process that the window runs."""
        return int(self._tmux("display-message", "-p", "#{pane_pid}"))

    def wait_for(self, seen: Callable[[str], bool], *, timeout: float, what: str) -> str:
        """The first screen for which `seen` holds. Raises `AssertionError` with the last one otherwise."""
        deadline = time.monotonic() + timeout
        while True:
            screen = self.screen()
            if seen(screen):
                return screen
            if time.monotonic() > deadline:
                raise AssertionError(f"{what}: not seen within {timeout:.0f} s; the screen is\n{screen}")
            time.sleep(POLL)
