"""What the process does at its start so that secrets stay inside it."""

import os
import sys
from collections.abc import MutableMapping
from pathlib import Path

ALLOW_DEBUGGING = "BARFINEX_ALLOW_DEBUGGING"
"""Set to 1, this environment variable leaves core dumps and debuggers as the system has them."""

_PR_SET_DUMPABLE = 4  # linux/prctl.h


def harden(environ: MutableMapping[str, str] = os.environ) -> tuple[str, ...]:
    """Protect this process; returns one plain line for each thing a person should know of.

    New files are private to their owner; no core dump is written; on Linux other processes of the same user cannot
    read this one's memory or environment (which also keeps debuggers and py-spy out, see `ALLOW_DEBUGGING`);
    variables that would write TLS session keys to a file or leave TLS without authorities are dropped.
    """
    os.umask(0o077)
    notes = _clean_tls(environ)
    if environ.get(ALLOW_DEBUGGING) == "1":
        notes.append(
            f"{ALLOW_DEBUGGING}=1: core dumps and debuggers are allowed, secrets can be read from memory"
        )
        return tuple(notes)
    if not _forbid_core_dumps():
        notes.append("core dumps could not be switched off")
    if sys.platform.startswith("linux") and not _forbid_memory_reads():
        notes.append("the memory of this process could not be closed to other processes of the same user")
    return tuple(notes)


def _clean_tls(environ: MutableMapping[str, str]) -> list[str]:
    notes: list[str] = []
    if environ.pop("SSLKEYLOGFILE", None) is not None:
        notes.append("SSLKEYLOGFILE was ignored: it would write the keys of every connection to a file")
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        value = environ.get(name)
        if value is not None and not Path(value).exists():
            del environ[name]
            notes.append(
                f"{name} was ignored: what it names does not exist, and no certificate would be trusted"
            )
    return notes


def _forbid_core_dumps() -> bool:
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:
        return True
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (OSError, ValueError):
        return False
    return True


def _forbid_memory_reads() -> bool:
    import ctypes  # noqa: PLC0415 - needed here only, and it costs start-up

    try:
        return ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) == 0
    except (OSError, AttributeError):
        return False
