"""Several programs on the same credentials, and programs that are killed while they change them."""

import asyncio
import json
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from connectors.contracts import Credentials
from connectors.contracts.errors import SecretStoreError, StoreTimeout
from connectors.runtime.process_lock import ProcessLock
from connectors.runtime.stores.encrypted_file import EncryptedFileStore
from connectors.runtime.stores.keyring_store import KeyringStore
from connectors.runtime.vault import CredentialVault
from tests.connectors.runtime.backends import MemoryBackend
from tests.connectors.runtime.vault_process import LONG, NAME, PASSWORD, SHORT, opened

ROOT = Path(__file__).resolve().parents[3]
VALUES = {"apiKey": "an api key", "apiSecret": "an api secret"}


def started(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.connectors.runtime.vault_process", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: subprocess.Popen[str]) -> str:
    out, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    return out.strip()


async def test_programs_at_once_lose_nothing_of_each_other(tmp_path: Path) -> None:
    profiles = [f"p{number}" for number in range(8)]
    for process in [started(str(tmp_path), "file", "0", profile) for profile in profiles]:
        ended(process)
    vault = await opened(tmp_path, "file")
    assert sorted(record.profile for record in await vault.list()) == profiles
    for profile in profiles:
        stored = await vault.load("binance", "testnet", profile)
        assert stored == Credentials({"apiKey": profile * 3, "apiSecret": profile * 9})


@pytest.mark.parametrize("action", [("long",), ("long", "short"), ("short", "long"), ("long", "delete")])
@pytest.mark.skipif(os.name != "posix", reason="there is no SIGKILL")
async def test_a_kill_at_any_step_leaves_nothing_unlisted(tmp_path: Path, action: tuple[str, ...]) -> None:
    counted = int(ended(started(str(tmp_path / "whole"), "keyring", "0", *action)))
    assert counted >= 6
    home = tmp_path / "begun"
    for actions in [action[:-1]] if action[:-1] else []:
        ended(started(str(home), "keyring", "0", *actions))
    home.mkdir(exist_ok=True)
    for at in range(1, counted + 1):
        folder = tmp_path / str(at)
        shutil.copytree(home, folder)
        killed = started(str(folder), "keyring", str(at), action[-1])
        killed.communicate(timeout=120)
        assert killed.returncode == -9
        vault = await opened(folder, "keyring")
        listed = {f"barfinex/{'/'.join(record.key[:3])}" for record in await vault.list()}
        kept = folder / "keyring.json"
        held = json.loads(kept.read_text()) if kept.exists() else {}
        assert {name.split("\n")[0] for name in held} <= listed, f"unlisted after a kill at step {at}"
        # What can be read is whole: the old values or the new ones, never some of each.
        try:
            read = await vault.load(*NAME)
        except SecretStoreError:
            assert await vault.leftovers()
        else:
            assert read in (None, Credentials(LONG), Credentials(SHORT))
        await vault.delete(*NAME)
        assert not kept.exists() or json.loads(kept.read_text()) == {}
        assert await vault.list() == ()
        await vault.save(*NAME, SHORT)
        assert not [name for name in os.listdir(folder / "config") if name.startswith(".")], (
            "half a file is left"
        )


async def test_what_is_left_is_found_and_deleted(tmp_path: Path) -> None:
    vault = await opened(tmp_path, "file")
    await vault.save(*NAME, VALUES)
    assert await vault.leftovers() == ()
    store = EncryptedFileStore.open_file(vault.encrypted_file, PASSWORD)
    store.set("barfinex/kraken/live/old", "apiKey", "value")
    store.set("another program", "user", "value")
    [orphan] = await vault.leftovers()
    assert (orphan.name, orphan.entries) == ("kraken live old", ("apiKey",))
    await vault.delete_leftover(orphan)
    store.delete("barfinex/binance/testnet/main", "apiSecret")
    [half] = await vault.leftovers()
    assert half.record is not None
    with pytest.raises(SecretStoreError, match="no longer all in"):
        await vault.load(*NAME)
    await vault.delete_leftover(half)
    assert await vault.leftovers() == ()
    assert await vault.list() == ()
    assert store.names("") == [("another program", "user")]


@pytest.mark.parametrize("content", ["", "{", '{"version": 2, "credentials": []}'])
async def test_what_a_damaged_list_may_have_named_is_doubtful_until_that_list_is_gone(
    tmp_path: Path, content: str
) -> None:
    vault = await opened(tmp_path, "file")
    await vault.save(*NAME, VALUES)
    (vault.encrypted_file.parent / "credentials.json").write_text(content)
    assert [leftover.doubtful for leftover in await vault.leftovers()] == [True]
    assert await vault.list() == ()
    assert [leftover.doubtful for leftover in await vault.leftovers()] == [True]
    [aside] = vault.set_aside_lists
    aside.unlink()
    assert [leftover.doubtful for leftover in await vault.leftovers()] == [False]


async def test_what_was_mended_meanwhile_is_left_alone(tmp_path: Path) -> None:
    vault = await opened(tmp_path, "file")
    EncryptedFileStore.open_file(vault.encrypted_file, PASSWORD).set(
        "barfinex/binance/testnet/main", "apiKey", "v"
    )
    [orphan] = await vault.leftovers()
    await vault.save(*NAME, VALUES)
    await vault.delete_leftover(orphan)
    assert await vault.load(*NAME) == Credentials(VALUES)


async def test_a_lock_that_is_held_is_waited_for_and_then_named(tmp_path: Path) -> None:
    vault = CredentialVault(KeyringStore(MemoryBackend()), folder=tmp_path, lock_wait=0.1)
    with (
        ProcessLock(tmp_path / "credentials.lock").held(1),
        pytest.raises(StoreTimeout, match="another barfinex is changing the stored credentials"),
    ):
        await vault.save(*NAME, VALUES)
    await vault.save(*NAME, VALUES)


async def test_waiting_for_the_lock_takes_none_of_the_stores_time(tmp_path: Path) -> None:
    vault = CredentialVault(KeyringStore(MemoryBackend()), folder=tmp_path, timeout=0.5, lock_wait=60)
    with ProcessLock(tmp_path / "credentials.lock").held(1):
        saving = asyncio.create_task(vault.save(*NAME, VALUES))
        done, _ = await asyncio.wait([saving], timeout=1)
        assert not done
    await saving
    assert await vault.load(*NAME) == Credentials(VALUES)


async def test_a_folder_that_cannot_be_written_can_still_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = CredentialVault(KeyringStore(MemoryBackend()), folder=tmp_path)
    await vault.save(*NAME, VALUES)

    def refused(self: ProcessLock, wait: float) -> None:
        raise PermissionError(30, "Read-only file system")

    monkeypatch.setattr(ProcessLock, "held", refused)
    assert await vault.load(*NAME) == Credentials(VALUES)
    with pytest.raises(SecretStoreError, match="cannot be locked: Read-only file system"):
        await vault.save(*NAME, VALUES)


@pytest.mark.skipif(os.name != "posix", reason="modes are of POSIX")
@pytest.mark.parametrize("mask", [0o000, 0o777])
async def test_files_and_folders_are_private_whatever_the_umask(tmp_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        vault = CredentialVault(folder=tmp_path / "home" / "config")
        await vault.use_encrypted_file(PASSWORD)
        await vault.save(*NAME, VALUES)
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "home").rglob("*")}
    assert modes == {
        "config": 0o700,
        "credentials.json": 0o600,
        "credentials.vault": 0o600,
        "credentials.lock": 0o600,
    }
    assert stat.S_IMODE((tmp_path / "home").stat().st_mode) == 0o700


async def test_an_index_that_is_no_file_is_one_plain_line(tmp_path: Path) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("there are no named pipes")
    os.mkfifo(tmp_path / "credentials.json")
    vault = CredentialVault(KeyringStore(MemoryBackend()), folder=tmp_path)
    with pytest.raises(SecretStoreError, match="cannot be read: it is not a regular file"):
        await vault.list()


async def test_what_the_index_says_is_cleaned_and_what_it_cannot_say_is_set_aside(tmp_path: Path) -> None:
    good = {
        "connector_type": "binance",
        "environment": "testnet",
        "profile": "main",
        "fields": ["apiKey"],
        "store": "keyring",
        "created": 1,
        "permissions": ["read\x1b[2J"],
        "account": "a\x1b]0;b",
        "written_by": {"a later": ["version"]},
    }
    plain = {
        "version": 1,
        "later": True,
        "credentials": [good, good | {"profile": "x\x1b[2J"}, "[" * 900, {"fields": 1}],
    }
    file = tmp_path / "credentials.json"
    file.write_bytes(b"\xef\xbb\xbf" + json.dumps(plain).encode())
    vault = CredentialVault(KeyringStore(MemoryBackend()), folder=tmp_path)
    [record] = await vault.list()
    assert "\x1b" not in f"{record.permissions}{record.account}"
    assert "made no sense" in (vault.index_problem or "")
    assert [name for name in os.listdir(tmp_path) if name.startswith("credentials.unreadable-")]
    await vault.save("binance", "testnet", "other", VALUES)
    kept = json.loads(file.read_text())
    assert kept["later"] is True
    assert kept["credentials"][0]["written_by"] == {"a later": ["version"]}
