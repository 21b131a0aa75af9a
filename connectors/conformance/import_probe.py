"""A connector's import, watched in a process of its own."""

import asyncio
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

from catalog.text import clean
from connectors.conformance.case import CaseFailed
from connectors.conformance.subject import Target
from connectors.runtime.python_child import child_environment, script_command
from connectors.runtime.redaction import redact

_SECONDS = 20.0
_TAIL = 300
"""Characters of what a process said last that are shown where it ended."""

_SCRIPT = """
import json, sys, time
asked = json.loads(sys.argv[1])
import connectors.contracts
from importlib import import_module
from connectors.conformance.deeds import deeds
from connectors.conformance.target import resolve
if asked["root"]:
    sys.path.insert(0, asked["root"])
before = set(sys.modules)
error = None
started = time.perf_counter()
with deeds() as done:
    try:
        if asked["load"]:
            module, _, function = asked["entry_point"].replace(" ", "").partition(":")
            found = import_module(module)
            for part in function.split("."):
                found = getattr(found, part)
            if not callable(found):
                error = f"{asked['entry_point']} is a {type(found).__name__}, not a function"
        else:
            resolve(asked["name"])
    except BaseException as raised:
        error = f"{type(raised).__name__}: {raised}"
seconds = time.perf_counter() - started
modules = set(sys.modules) - before if asked["load"] else set(sys.modules)
told = {"error": error, "seconds": seconds, "deeds": done, "modules": sorted(modules)}
with open(asked["answer"], "w") as file:
    json.dump(told, file)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What came of it. `modules` are those that came in; where it was only found, all that there are."""

    error: str | None
    seconds: float
    deeds: tuple[str, ...]
    modules: frozenset[str]
    printed: str


async def probe(target: Target, *, load: bool = True) -> Imported:
    """Import the entry point, or without `load` only find it. Raises `CaseFailed` where that does not end."""
    with tempfile.TemporaryDirectory(prefix="barfinex-") as folder:
        answer = Path(folder) / "answer.json"
        asked = {
            "root": str(target.import_root.resolve()) if target.import_root else "",
            "entry_point": target.entry_point,
            "name": target.name,
            "load": load,
            "answer": str(answer),
        }
        process = await asyncio.create_subprocess_exec(
            *script_command(_SCRIPT, json.dumps(asked)),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=child_environment(),
        )
        try:
            async with asyncio.timeout(_SECONDS):
                printed, _ = await process.communicate()
        except TimeoutError:
            raise CaseFailed(f"importing {target.entry_point} takes longer than {_SECONDS:g} s") from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        try:
            told = json.loads(answer.read_text())
        except (OSError, ValueError):
            said = clean(redact(printed.decode(errors="replace")[-_TAIL:]), _TAIL)
            raise CaseFailed(
                f"importing {target.entry_point} ends the process with {process.returncode}"
                + (f": {said}" if said else "")
            ) from None
    return Imported(
        error=told["error"],
        seconds=told["seconds"],
        deeds=tuple(told["deeds"]),
        modules=frozenset(told["modules"]),
        printed=clean(printed.decode(errors="replace"), 300),
    )
