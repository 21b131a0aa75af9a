"""What is left behind by a defect: a plain message on the screen, and a report in a file only its owner can read.

Neither holds a local variable or the text of a foreign error, which may quote a secret.
"""

import os
import platform
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from connectors.runtime.private_file import write_private
from tui.version import __version__

_OURS = ("catalog", "connectors", "tui")
_ROOT = Path(__file__).resolve().parent.parent


def describe(error: BaseException) -> list[str]:
    """The error's type and the frames of our own code, outermost first; foreign frames are counted only."""
    lines = [f"{type(error).__module__}.{type(error).__qualname__}"]
    if type(error).__module__.split(".")[0] in _OURS:
        lines[0] += f": {_redacted(str(error))}"
    skipped = 0
    for frame in traceback.extract_tb(error.__traceback__, limit=200):
        path = Path(frame.filename)
        ours = path.is_relative_to(_ROOT) and path.relative_to(_ROOT).parts[0] in _OURS
        if not ours:
            skipped += 1
            continue
        if skipped:
            lines.append(f"  ({skipped} frames of other packages)")
            skipped = 0
        lines.append(f"  {path.relative_to(_ROOT)}:{frame.lineno} in {frame.name}")
    if skipped:
        lines.append(f"  ({skipped} frames of other packages)")
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None and cause is not error:
        lines += ["caused by", *describe(cause)]
    return lines


def _redacted(text: str) -> str:
    """Our own errors hold no values; redaction stands behind that, where it is loaded."""
    module = sys.modules.get("connectors.runtime.redaction")
    redact: Callable[[str], str] | None = getattr(module, "redact", None)
    return redact(text) if redact is not None else text


def write_report(error: BaseException, folder: Path) -> Path | None:
    """Write the report (mode 0600); `None` where the disk would not take it."""
    lines = [
        f"barfinex {__version__}, Python {platform.python_version()}, {platform.system()}",
        time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        *describe(error),
    ]
    try:
        path = folder / f"crash-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{os.getpid()}.txt"
        write_private(path, ("\n".join(lines) + "\n").encode())
    except OSError:
        return None
    return path


def message(error: BaseException, report: Path | None) -> str:
    """What the person reads after the screen is gone."""
    where = (
        f"A report without any of your data is in {report}."
        if report is not None
        else "No report could be written."
    )
    return f"barfinex stopped: it met a defect ({type(error).__qualname__}). {where}"
