"""Starting Python in a process of its own, so that it runs our code and nothing that lies about."""

import asyncio
import json
import os
import sys
from collections.abc import Sequence

from catalog.import_path import import_path
from catalog.text import clean
from connectors.contracts.errors import ConnectionFailed
from connectors.runtime.redaction import redact

_PATH = "sys.path[:0] = [place for place in json.loads(sys.argv.pop(1)) if place not in sys.path]"
# What an installer has put on the path, an editable install's folder included, the child finds by itself: that may well
# be the working directory, and then it comes last.
_MODULE = f"""
import json, runpy, sys
{_PATH}
runpy.run_module(sys.argv.pop(1), run_name="__main__", alter_sys=True)
"""
_SCRIPT = f"""
import json, sys
{_PATH}
exec(compile(sys.argv.pop(1), "<script>", "exec"))
"""
_TAIL_BYTES = 4096
_LINE = 160
"""Characters shown of each of its last two lines: the last line of a traceback is the error, that above it where."""


def module_command(module: str, *arguments: str) -> tuple[str, ...]:
    """The command that runs `module` as a program."""
    return _command(_MODULE, module, arguments)


def script_command(script: str, *arguments: str) -> tuple[str, ...]:
    """The command that runs the text of a script."""
    return _command(_SCRIPT, script, arguments)


def child_environment() -> dict[str, str]:
    """Ours without Python's own variables: they would tell the child, and its children, what to run."""
    return {name: value for name, value in os.environ.items() if not name.upper().startswith("PYTHON")}


def _command(boot: str, what: str, arguments: Sequence[str]) -> tuple[str, ...]:
    if not sys.executable:
        raise ConnectionFailed("where Python itself lies is not known here, so nothing can be started")
    # -P: nothing beside the script or in the working directory; -E: no PYTHONPATH and its like. Both hold before the
    # first import, sitecustomize's included. -I would also leave out the user's own site-packages.
    path = json.dumps(import_path())
    return sys.executable, "-P", "-E", "-c", boot, path, what, *arguments


class LastWords:
    """Reads what a child says to the end, so that it never waits, and keeps the last of it."""

    def __init__(self, stream: asyncio.StreamReader | None) -> None:
        self._tail = b""
        self._reading = asyncio.create_task(self._read(stream), name="child's words") if stream else None

    async def _read(self, stream: asyncio.StreamReader) -> None:
        while piece := await stream.read(65_536):
            self._tail = (self._tail + piece)[-_TAIL_BYTES:]

    async def heard(self, seconds: float = 1.0) -> None:
        """Wait for the end of what it says; a child of its own may hold it open, so not for long."""
        if self._reading is not None:
            await asyncio.wait([self._reading], timeout=seconds)

    def stop(self) -> None:
        if self._reading is not None:
            self._reading.cancel()

    def __str__(self) -> str:
        """The last two lines in one, without control characters and secrets; empty where it said nothing."""
        text = redact(self._tail.decode(errors="replace"))
        lines = [line for line in (clean(line, _LINE) for line in text.splitlines()) if line]
        return "; ".join(lines[-2:])
