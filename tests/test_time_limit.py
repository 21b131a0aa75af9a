"""A test that hangs does not hang the run: it fails, the others go on, and every stack is told."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
HANGING = {
    "awaits": "async def test_that_awaits():\n    await asyncio.Event().wait()\n",
    "spins": "async def test_that_spins():\n    while True:\n        pass\n",
    "holds": "def test_that_holds():\n    re.match('(a*)*b', 'a' * 60)\n",
}
OTHERS = "def test_before():\n    pass\n", "def test_after():\n    pass\n"


def run(folder: Path, kind: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    first, last = OTHERS
    (folder / "test_it.py").write_text("\n\n".join(["import asyncio\nimport re", first, HANGING[kind], last]))
    (folder / "conftest.py").write_text("from tests.conftest import *\n")
    (folder / "pytest.ini").write_text(f"[pytest]\nasyncio_mode = auto\npythonpath = {ROOT}\n")
    command = [sys.executable, "-m", "pytest", "-p", "no:randomly", "--timeout=1", *arguments, str(folder)]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}
    return subprocess.run(
        command, capture_output=True, text=True, timeout=100, check=False, env=kept, cwd=folder
    )


@pytest.mark.parametrize("kind", HANGING)
def test_a_worker_says_where_it_hangs_and_the_others_go_on(tmp_path: Path, kind: str) -> None:
    done = run(tmp_path, kind, "-n1")
    told = done.stdout + done.stderr
    assert done.returncode == 1
    assert re.search(r"1 failed, 2 passed", told), told
    assert f"FAILED test_it.py::test_that_{kind}" in told
    assert f"in test_that_{kind}" in done.stderr


def test_one_process_says_where_it_hangs(tmp_path: Path) -> None:
    done = run(tmp_path, "awaits", "-n0")
    assert done.returncode != 0
    assert "test_it.py::test_that_awaits hangs after 1 s" in done.stderr
    assert "await asyncio.Event().wait()" in done.stderr


def test_every_test_here_has_a_limit(request: pytest.FixtureRequest) -> None:
    assert 0 < float(request.config.getini("timeout")) <= 600
