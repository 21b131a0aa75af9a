"""The small file by which an emulator on this machine is found: its URLs, pid and id, in the user's state folder."""

import contextlib
import json
from pathlib import Path
from typing import Any, cast

from connectors.runtime.private_file import read_regular, write_private

LARGEST = 64 * 1024


def state_file(venue: str) -> Path:
    import platformdirs  # noqa: PLC0415 - only when there is a file to look for

    return Path(platformdirs.user_state_dir("barfinex", appauthor=False)) / f"emulator-{venue}.json"


def read(venue: str) -> dict[str, Any]:
    try:
        facts: Any = json.loads(read_regular(state_file(venue), LARGEST))
    except (OSError, ValueError, RecursionError):
        return {}
    return mapping(facts) or {}


def publish(venue: str, facts: dict[str, Any]) -> None:
    """Let others find this emulator. A folder that cannot be written only means that they do not."""
    with contextlib.suppress(OSError):
        write_private(state_file(venue), json.dumps(facts).encode())


def withdraw(venue: str, pid: int) -> None:
    """The emulator with this pid is no longer to be found."""
    if read(venue).get("pid") == pid:
        with contextlib.suppress(OSError):
            state_file(venue).unlink()


def mapping(value: Any) -> dict[str, Any] | None:
    """A JSON object, and nothing else."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None
