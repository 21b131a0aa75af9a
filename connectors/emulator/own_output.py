"""Standard output of an emulator's process: one announcement, whatever a venue's module prints."""

import os
import sys
from typing import TextIO


def keep_output() -> TextIO:
    """Standard output for us alone; what is printed from here on goes to standard error."""
    sys.stdout.flush()
    ours = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    sys.stdout = sys.stderr
    return ours
