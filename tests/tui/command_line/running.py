"""The real command in a process of its own, in a home folder of its own."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
COMMAND = (sys.executable, "-m", "tui")
TIMEOUT = 60


def environment(home: Path, **extra: str) -> dict[str, str]:
    """Nothing of the person who runs the tests: no settings, no session bus, no emulator of theirs."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "SYSTEMROOT") if name in os.environ}
    folders = {
        "HOME": home,
        "XDG_CONFIG_HOME": home / ".config",
        "XDG_STATE_HOME": home / ".local" / "state",
        "XDG_DATA_HOME": home / ".local" / "share",
        "XDG_CACHE_HOME": home / ".cache",
        "XDG_RUNTIME_DIR": home / "run",
    }
    for folder in folders.values():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return {
        **kept,
        **{name: str(folder) for name, folder in folders.items()},
        "PYTHONPATH": str(ROOT),
        **extra,
    }


def barfinex(
    *arguments: str, home: Path, stdin: str | None = None, timeout: float = TIMEOUT, **extra: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        input="" if stdin is None else stdin,
        capture_output=True,
        text=True,
        timeout=timeout,
        cwd=home,
        env=environment(home, **extra),
        check=False,
    )
