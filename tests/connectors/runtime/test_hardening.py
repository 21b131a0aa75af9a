import os
import subprocess
import sys
from pathlib import Path

import pytest

from connectors.runtime.hardening import ALLOW_DEBUGGING

ROOT = Path(__file__).resolve().parents[3]


def run(script: str, **variables: str) -> list[str]:
    """What a fresh process prints: what hardening does to a process cannot be undone."""
    environment = (
        {k: v for k, v in os.environ.items() if not k.startswith("SSL")}
        | {"PYTHONPATH": str(ROOT)}
        | variables
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout.splitlines()


def test_variables_that_undo_tls_are_dropped_with_a_note(tmp_path: Path) -> None:
    good = tmp_path / "ca.pem"
    good.write_text("")
    lines = run(
        "import os\nfrom connectors.runtime.hardening import harden\nprint(*harden(), sep='\\n')\n"
        "print(sorted(name for name in os.environ if name.startswith('SSL')))",
        SSLKEYLOGFILE=str(tmp_path / "keys"),
        SSL_CERT_FILE="/nonexistent/ca.pem",
        SSL_CERT_DIR=str(tmp_path),
    )
    assert lines[0].startswith("SSLKEYLOGFILE was ignored")
    assert lines[1].startswith("SSL_CERT_FILE was ignored")
    assert lines[2:] == ["['SSL_CERT_DIR']"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has neither umask nor core limits")
def test_files_are_private_and_no_core_is_dumped(tmp_path: Path) -> None:
    (line,) = run(
        "import os, resource\nfrom connectors.runtime.hardening import harden\nharden()\n"
        f"open({str(tmp_path / 'made')!r}, 'w').close()\n"
        "print(resource.getrlimit(resource.RLIMIT_CORE), oct(os.umask(0)))"
    )
    assert line == "(0, 0) 0o77"
    assert (tmp_path / "made").stat().st_mode & 0o777 == 0o600


DUMPABLE = (
    "import ctypes\nfrom connectors.runtime.hardening import harden\nnotes = harden()\n"
    "print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), len(notes))"
)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="prctl is Linux's")
def test_memory_is_closed_to_other_processes_unless_debugging_is_asked_for() -> None:
    assert run(DUMPABLE) == ["0 0"]
    assert run(DUMPABLE, **{ALLOW_DEBUGGING: "1"}) == ["1 1"]
