"""The program's log file: one line a record, key=value, private to its owner, without secrets."""

import json
import logging
import os
import time
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

from connectors.runtime.private_file import make_private_folder
from connectors.runtime.redaction import install

_MAX_BYTES = 5_000_000
_KEPT = 3


class KeyValueFormatter(logging.Formatter):
    """`time=... level=info logger=... message="..."`; text is quoted and escaped, so a record is one line."""

    converter = time.gmtime
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def format(self, record: logging.LogRecord) -> str:
        line = (
            f"time={self.formatTime(record)} level={record.levelname.lower()} logger={record.name} "
            f"message={json.dumps(record.getMessage())}"
        )
        if record.exc_info and not record.exc_text:
            record.exc_text = self.formatException(record.exc_info)
        if record.exc_text:
            line += f" exception={json.dumps(record.exc_text)}"
        return line


class PrivateRotatingFileHandler(RotatingFileHandler):
    """Every file it makes has mode 0600, whatever the umask."""

    def _open(self) -> Any:
        def opener(path: str, flags: int) -> int:
            descriptor = os.open(path, flags, 0o600)
            if os.name == "posix":
                os.fchmod(descriptor, 0o600)  # the umask may take even that away
            return descriptor

        return open(self.baseFilename, self.mode, encoding=self.encoding, errors=self.errors, opener=opener)


def log_to(file: Path, level: int = logging.INFO) -> logging.Handler:
    """Write the root logger's records to `file`, redacted; 5 MB, three older ones kept. Raises `OSError`."""
    install()
    make_private_folder(file.parent)
    handler = PrivateRotatingFileHandler(
        file, maxBytes=_MAX_BYTES, backupCount=_KEPT, encoding="utf-8", errors="backslashreplace"
    )
    handler.setLevel(level)
    handler.setFormatter(KeyValueFormatter())
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(min(root.level or level, level))
    return handler
