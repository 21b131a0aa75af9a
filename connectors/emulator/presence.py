"""The small file by which an emulator on this machine is found: its URLs, pid and id, in the user's state folder."""

import contextlib
import json
import os
from pathlib import Path
from typing import Any, cast


def state_file(venue: str) -> Path:
    import platformdirs  # noqa: PLC0415 - only when there is a file to look for

    return Path(platformdirs.user_state_dir("barfinex", appauthor=False)) / f"emulator-{venue}.json"


def read(venue: str) -> dict[str, Any]:
    try:
        facts: Any = json.loads(state_file(venue).read_text())
    except (OSError, ValueError):
        return {}
    return mapping(facts) or {}


def publish(venue: str, facts: dict[str, Any]) -> None:
    """Let others find this emulator. A folder that cannot be written only means that they do not."""
    path = state_file(venue)
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(f".{os.getpid()}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(facts, file)
        fresh.replace(path)


def withdraw(venue: str, pid: int) -> None:
    """The emulator with this pid is no longer to be found."""
    if read(venue).get("pid") == pid:
        with contextlib.suppress(OSError):
            state_file(venue).unlink()


def mapping(value: Any) -> dict[str, Any] | None:
    """A JSON object, and nothing else."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None
