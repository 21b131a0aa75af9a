"""The catalog stands alone: it brings in neither a terminal library nor what is built on it."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_catalog_imports_no_terminal_and_no_connector() -> None:
    code = (
        "import sys; from catalog.catalog import Catalog; Catalog.load();"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    loaded = set(run.stdout.split())
    assert "catalog" in loaded
    assert not loaded & {"textual", "rich", "connectors", "tui", "httpx", "websockets", "keyring"}
