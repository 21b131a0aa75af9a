"""The real thing: gnome-keyring on a D-Bus session of its own. See `.ci/with-keyring`."""

import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from connectors.contracts import Credentials
from connectors.runtime.vault import CredentialVault

ROOT = Path(__file__).resolve().parents[3]
NAME = ("binance", "testnet", "main")
VALUES = {"apiKey": "key-é-🔑", "apiSecret": "-----BEGIN X-----\n" + "M" * 4000 + "\n-----END X-----"}

needs_session = pytest.mark.skipif(
    os.environ.get("BARFINEX_TEST_KEYRING") != "1",
    reason="no throw-away Secret Service: run under .ci/with-keyring (one's own keyring is never touched)",
)
needs_tools = pytest.mark.skipif(
    not (shutil.which("dbus-run-session") and shutil.which("gnome-keyring-daemon")),
    reason="dbus-run-session or gnome-keyring-daemon is not installed",
)


@pytest.mark.keyring
@needs_session
async def test_round_trip(tmp_path: Path) -> None:
    vault = CredentialVault(folder=tmp_path)
    assert await vault.probe() == "the desktop's keyring (Secret Service)"
    await vault.save(*NAME, VALUES)
    assert await CredentialVault(folder=tmp_path).load(*NAME) == Credentials(VALUES)
    await vault.save(*NAME, {"apiKey": "another"})
    assert await vault.load(*NAME) == Credentials({"apiKey": "another"})
    assert await vault.delete(*NAME)
    assert await vault.load(*NAME) is None


@pytest.mark.keyring
@needs_session
async def test_no_entry_is_left_behind(tmp_path: Path) -> None:
    import secretstorage

    vault = CredentialVault(folder=tmp_path)
    await vault.save(*NAME, VALUES)

    def entries() -> int:
        connection = secretstorage.dbus_init()
        try:
            query = {"service": "barfinex/binance/testnet/main"}
            return len(list(secretstorage.get_default_collection(connection).search_items(query)))
        finally:
            connection.close()

    assert entries() == 6
    await vault.delete(*NAME)
    assert entries() == 0


SCRIPT = """
import asyncio, os, pathlib, signal, subprocess, sys, time
from connectors.contracts.errors import SecretStoreError
from connectors.runtime.vault import CredentialVault
from connectors.runtime.hardening import harden
harden()
vault = CredentialVault(folder=pathlib.Path(os.environ["HOME"]) / "config", timeout=float(os.environ.get("T", 5)))

async def show(name, call):
    try:
        print(name, "ok", await call)
    except SecretStoreError as error:
        print(name, type(error).__name__, error)
"""


def run(script: str, home: Path, *prefix: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """A fresh process with a home of its own and, unless `prefix` makes one, no D-Bus."""
    runtime = home / "run"
    runtime.mkdir(mode=0o700, parents=True)
    keep = {name: os.environ[name] for name in ("PATH", "LANG", "SYSTEMROOT") if name in os.environ}
    environment = (
        keep | {"HOME": str(home), "XDG_RUNTIME_DIR": str(runtime), "PYTHONPATH": str(ROOT)} | variables
    )
    return subprocess.run(
        [*prefix, sys.executable, "-c", SCRIPT + textwrap.dedent(script)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="these platforms' keyrings need no D-Bus")
def test_without_d_bus_it_says_so_and_offers_the_alternatives(tmp_path: Path) -> None:
    done = run(
        """
        asyncio.run(show("probe", vault.probe()))
        asyncio.run(show("save", vault.save("binance", "testnet", "main", {"apiKey": "planted-value"})))
        """,
        tmp_path,
        PYTHON_KEYRING_BACKEND="keyring.backends.null.Keyring",
    )
    for line, name in zip(done.stdout.splitlines(), ("probe", "save"), strict=True):
        assert line.startswith(f"{name} StoreUnavailable there is no D-Bus session, so no keyring")
        assert "an encrypted file or this session's memory" in line
    assert not [file for file in tmp_path.rglob("*") if file.is_file()]


@needs_tools
def test_a_locked_keyring_says_so_and_asks_nothing_by_itself(tmp_path: Path) -> None:
    done = run(
        """
        subprocess.run(
            ["gnome-keyring-daemon", "--unlock", "--components=secrets"], input=b"pw", stdout=subprocess.DEVNULL)
        asyncio.run(show("save", vault.save("binance", "testnet", "main", {"apiKey": "planted-value"}, timeout=20)))
        import secretstorage
        with_bus = secretstorage.dbus_init()
        secretstorage.get_default_collection(with_bus).lock()
        asyncio.run(show("probe", vault.probe()))
        asyncio.run(show("load", vault.load("binance", "testnet", "main", timeout=20)))
        """,
        tmp_path,
        "dbus-run-session",
        "--",
    )
    saved, probed, loaded = done.stdout.splitlines()
    assert saved.startswith("save ok StoredCredentials(")
    assert probed.startswith("probe StoreLocked the keyring is locked; unlock it")
    assert loaded.startswith("load StoreLocked the keyring is locked; unlock it")


@needs_tools
def test_a_keyring_that_hangs_holds_up_neither_the_call_nor_the_exit(tmp_path: Path) -> None:
    done = run(
        """
        started = subprocess.run(
            ["gnome-keyring-daemon", "--unlock", "--components=secrets"], input=b"pw", stdout=subprocess.DEVNULL)
        asyncio.run(show("save", vault.save("binance", "testnet", "main", {"apiKey": "planted-value"}, timeout=20)))
        import secretstorage
        from jeepney.bus_messages import message_bus
        from jeepney.io.blocking import Proxy
        bus = secretstorage.dbus_init()
        daemon = Proxy(message_bus, bus).GetConnectionUnixProcessID("org.freedesktop.secrets")[0]
        os.kill(daemon, signal.SIGSTOP)
        import atexit, threading
        began = time.monotonic()
        asyncio.run(show("load", vault.load("binance", "testnet", "main", timeout=1.0)))
        print("waited", time.monotonic() - began)
        stuck = [thread for thread in threading.enumerate() if thread.name == "secret-store"]
        print("stuck", len(stuck), "daemon", all(thread.daemon for thread in stuck))
        atexit.register(lambda: (print("exit", time.monotonic() - began), os.kill(daemon, signal.SIGKILL)))
        """,
        tmp_path,
        "dbus-run-session",
        "--",
    )
    saved, loaded, waited, stuck, left = done.stdout.splitlines()
    assert saved.startswith("save ok")
    assert loaded.startswith("load StoreTimeout the secret store did not answer within 1 s")
    assert float(waited.split()[1]) < 3
    assert stuck == "stuck 1 daemon True"
    assert float(left.split()[1]) < 4
