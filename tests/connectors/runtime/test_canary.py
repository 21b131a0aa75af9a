"""Planted secrets must turn up nowhere: not on the screen, not in a log, not in a file."""

import json
import os
import secrets
import subprocess
import sys
from pathlib import Path

from connectors.runtime.disguises import disguises

ROOT = Path(__file__).resolve().parents[3]


def test_planted_secrets_turn_up_nowhere(tmp_path: Path) -> None:
    values = {
        "apiKey": "pl4nted-" + secrets.token_urlsafe(40),
        "apiSecret": "pl4nted+/&= " + secrets.token_urlsafe(40),
    }
    (tmp_path / "planted.json").write_text(json.dumps(values))
    keep = {name: os.environ[name] for name in ("PATH", "LANG", "SYSTEMROOT") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-m", "tests.connectors.runtime.canary"],
        cwd=ROOT,
        env=keep | {"HOME": str(tmp_path), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()[-2_000:].replace(values["apiSecret"], "!!!")
    assert done.stdout.rstrip().endswith(b"end")
    outputs = {"stdout": done.stdout, "stderr": done.stderr}
    outputs |= {
        str(file.relative_to(tmp_path)): file.read_bytes()
        for file in tmp_path.rglob("*")
        if file.is_file() and file.name != "planted.json"
    }
    assert {"logs/barfinex.log", "config/credentials.vault", "config/credentials.json"} <= outputs.keys()
    assert b"AuthenticationFailed" in done.stdout
    assert b"StoreTimeout" in done.stdout
    assert b"DBusErrorResponse" in done.stdout
    found = [
        f"{name}: a form of {key}"
        for name, content in outputs.items()
        for key, value in values.items()
        for form in disguises(value)
        if form.encode() in content
    ]
    assert found == []
