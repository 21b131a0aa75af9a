import asyncio
import json
import os
import stat
import time
import traceback
from pathlib import Path

import pytest
from keyring.backend import KeyringBackend

from connectors.contracts import Credentials
from connectors.contracts.errors import (
    InvalidCredentials,
    SecretStoreError,
    StoreLocked,
    StoreTimeout,
    StoreUnavailable,
    WrongPassword,
)
from connectors.runtime.stores.encrypted_file import EncryptedFileStore
from connectors.runtime.stores.keyring_store import KeyringStore
from connectors.runtime.stores.session_memory import SessionMemoryStore
from connectors.runtime.vault import CredentialVault
from tests.connectors.runtime.backends import (
    FailsAtBackend,
    HangingBackend,
    LockedBackend,
    MemoryBackend,
    RaisingBackend,
    WindowsLimitBackend,
)

NAME = ("binance", "testnet", "main")
RSA_4096 = "-----BEGIN PRIVATE KEY-----\n" + ("M" * 64 + "\n") * 50 + "-----END PRIVATE KEY-----"
VALUES = {"apiKey": "A" * 64, "apiSecret": RSA_4096}


def vault_on(backend: KeyringBackend, folder: Path, *, timeout: float = 5.0) -> CredentialVault:
    return CredentialVault(KeyringStore(backend), folder=folder, timeout=timeout)


async def test_what_is_saved_comes_back_and_delete_leaves_nothing(tmp_path: Path) -> None:
    backend = WindowsLimitBackend()
    vault = vault_on(backend, tmp_path)
    await vault.save(*NAME, VALUES, fingerprint="0123abcd", account="7", permissions=("read",))
    assert all(service == "barfinex/binance/testnet/main" for service, _ in backend.entries)
    assert len(backend.entries) == 5
    assert await vault_on(backend, tmp_path).load(*NAME) == Credentials(VALUES)
    assert await vault.delete(*NAME)
    assert backend.entries == {}
    assert await vault.load(*NAME) is None
    assert not await vault.delete(*NAME)


@pytest.mark.parametrize(
    "value", ["x", "é" * 999, "x" * 1000, "x" * 1001, "🔑" * 1700, "a|b#c\n", "bx1|1|9|00000000|"]
)
async def test_values_of_every_length_and_alphabet_survive_the_windows_limit(
    tmp_path: Path, value: str
) -> None:
    vault = vault_on(WindowsLimitBackend(), tmp_path)
    await vault.save(*NAME, {"apiSecret": value})
    loaded = await vault.load(*NAME)
    assert loaded is not None
    assert loaded.value("apiSecret") == value


async def test_a_shorter_value_leaves_no_part_of_the_longer_one(tmp_path: Path) -> None:
    backend = MemoryBackend()
    vault = vault_on(backend, tmp_path)
    await vault.save(*NAME, VALUES)
    await vault.save(*NAME, {"apiSecret": "short"})
    assert [user for _, user in backend.entries] == ["apiSecret"]


@pytest.mark.parametrize("at", range(1, 6))
async def test_a_save_that_fails_half_way_changes_nothing(tmp_path: Path, at: int) -> None:
    backend = FailsAtBackend(10_000)
    vault = vault_on(backend, tmp_path)
    await vault.save(*NAME, {"apiKey": "old-key", "apiSecret": "old-secret"})
    before, listed = dict(backend.entries), await vault.list()
    backend.left = at
    with pytest.raises(StoreUnavailable):
        await vault.save(*NAME, VALUES)
    assert backend.entries == before
    assert await vault.list() == listed


async def test_a_save_whose_index_cannot_be_written_changes_nothing(tmp_path: Path) -> None:
    backend = MemoryBackend()
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SecretStoreError):
        await vault_on(backend, tmp_path / "file").save(*NAME, VALUES)
    assert backend.entries == {}


async def test_parts_of_two_saves_never_pass_for_one_value(tmp_path: Path) -> None:
    backend = MemoryBackend()
    vault = vault_on(backend, tmp_path)
    await vault.save(*NAME, {"apiSecret": "a" * 1500})
    kept = backend.entries["barfinex/binance/testnet/main", "apiSecret#2"]
    await vault.save(*NAME, {"apiSecret": "b" * 1500})
    backend.entries["barfinex/binance/testnet/main", "apiSecret#2"] = kept
    with pytest.raises(SecretStoreError, match="'apiSecret' is damaged; save it again"):
        await vault.load(*NAME)
    assert await vault.delete(*NAME)
    assert backend.entries == {}


async def test_each_trouble_has_its_own_error(tmp_path: Path) -> None:
    with pytest.raises(StoreLocked, match="the keyring is locked; unlock it"):
        await vault_on(LockedBackend(), tmp_path).save(*NAME, VALUES)
    with pytest.raises(StoreUnavailable, match=r"the keyring failed \(DBusErrorResponse\)") as caught:
        await vault_on(RaisingBackend(), tmp_path).save(*NAME, VALUES)
    shown = "".join(traceback.TracebackException.from_exception(caught.value).format())
    assert "M" * 20 not in shown


async def test_a_store_error_carries_nothing_of_the_value(tmp_path: Path) -> None:
    class RaisesOnWrite(MemoryBackend):
        def set_password(self, service: str, username: str, password: str) -> None:
            raise OSError(f"cannot store {password}")

    with pytest.raises(StoreUnavailable) as caught:
        await vault_on(RaisesOnWrite(), tmp_path).save(*NAME, {"apiSecret": "-".join(["planted", "value"])})
    error: BaseException | None = caught.value
    assert error is not None
    assert error.__context__ is None
    frames = traceback.TracebackException.from_exception(error, capture_locals=True)
    ours = [
        frame
        for frame in frames.stack
        if "/connectors/" in frame.filename and "/tests/" not in frame.filename
    ]
    assert ours
    assert "planted-value" not in "".join(str(frame.locals) for frame in ours)


async def test_a_store_that_hangs_is_given_up_and_later_undone(tmp_path: Path) -> None:
    backend = HangingBackend(at=2)
    vault = vault_on(backend, tmp_path, timeout=0.2)
    started = time.monotonic()
    with pytest.raises(StoreTimeout, match=r"did not answer within 0\.2 s"):
        await vault.save(*NAME, VALUES)
    assert time.monotonic() - started < 3
    with pytest.raises(StoreTimeout):
        await vault.load(*NAME)
    backend.release.set()
    assert await asyncio.get_running_loop().run_in_executor(None, backend.finished.wait, 10)
    assert backend.entries == {}
    async with asyncio.timeout(10):
        while await vault.list():  # noqa: ASYNC110 - the abandoned thread undoes it and tells nobody
            await asyncio.sleep(0)


async def test_the_index_holds_names_and_is_private(tmp_path: Path) -> None:
    vault = vault_on(MemoryBackend(), tmp_path / "new")
    await vault.save(*NAME, VALUES, fingerprint="0123abcd")
    file = tmp_path / "new" / "credentials.json"
    text = file.read_text()
    assert "A" * 10 not in text
    assert "M" * 10 not in text
    assert json.loads(text)["credentials"][0]["fields"] == ["apiKey", "apiSecret"]
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert sorted(os.listdir(file.parent)) == ["credentials.json", "credentials.lock"]


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"version": 1, "credentials": [{"profile": 1}]}', b"\xff\x00"]
)
async def test_a_bad_index_is_named_and_set_aside(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "credentials.json").write_bytes(content)
    vault = vault_on(MemoryBackend(), tmp_path)
    assert await vault.list() == ()
    assert "made no sense" in (vault.index_problem or "")
    (aside,) = (name for name in os.listdir(tmp_path) if name != "credentials.lock")
    assert aside in (vault.index_problem or "")
    assert (tmp_path / aside).read_bytes() == content


async def test_a_session_is_kept_nowhere(tmp_path: Path) -> None:
    vault = CredentialVault(SessionMemoryStore(), folder=tmp_path)
    await vault.save(*NAME, VALUES)
    assert await vault.load(*NAME) == Credentials(VALUES)
    assert [item.store for item in await vault.list()] == ["session"]
    assert os.listdir(tmp_path) == []


async def test_another_store_is_used_only_when_chosen(tmp_path: Path) -> None:
    vault = vault_on(MemoryBackend(), tmp_path)
    await vault.save(*NAME, {"apiKey": "in-the-keyring"})
    elsewhere = CredentialVault(SessionMemoryStore(), folder=tmp_path)
    with pytest.raises(StoreUnavailable, match=r"are in another store \(keyring\): open it first"):
        await elsewhere.load(*NAME)
    vault.use(SessionMemoryStore())
    assert await vault.load(*NAME) == Credentials({"apiKey": "in-the-keyring"})
    await vault.save(*NAME, {"apiKey": "in-memory"})
    loaded = await vault.load(*NAME)
    assert loaded is not None
    assert loaded.value("apiKey") == "in-memory"
    assert [item.store for item in await vault.list()] == ["keyring", "session"]


async def test_the_encrypted_file(tmp_path: Path) -> None:
    vault = CredentialVault(folder=tmp_path)
    with pytest.raises(SecretStoreError, match="at least 12 characters"):
        await vault.use_encrypted_file("short")
    assert vault.store.kind == "keyring"
    await vault.use_encrypted_file("correct horse")
    await vault.save(*NAME, VALUES)
    content = vault.encrypted_file.read_bytes()
    assert b"MMMM" not in content
    assert b"apiKey" not in content
    if os.name == "posix":
        assert stat.S_IMODE(vault.encrypted_file.stat().st_mode) == 0o600
    again = CredentialVault(folder=tmp_path)
    with pytest.raises(WrongPassword, match="wrong password, or the encrypted file was altered"):
        await again.use_encrypted_file("incorrect horse")
    await again.use_encrypted_file("correct horse")
    assert await again.load(*NAME) == Credentials(VALUES)


def test_an_altered_encrypted_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "credentials.vault"
    store = EncryptedFileStore.open_file(path, "correct horse")
    store.set("s", "u", "v")
    whole = path.read_bytes()
    head, _, _ = whole.partition(b"\n")
    for place in range(len(head) + 1, len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(WrongPassword):
            store.get("s", "u")
    for altered in (head.replace(b'"t": 3', b'"t": 4'), head.replace(b"}", b', "x": 1}')):
        path.write_bytes(altered + whole[len(head) :])
        with pytest.raises(WrongPassword):
            store.get("s", "u")
    path.write_bytes(whole)
    assert store.get("s", "u") == "v"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"m": 65536', b'"m": 99999999'),
        (b'"m": 65536', b'"m": 8'),
        (b'"t": 3', b'"t": 0'),
        (b'"t": 3', b'"t": true'),
        (b"argon2id", b"md5"),
        (b"{", b"["),
    ],
)
def test_a_header_that_asks_too_much_or_too_little_is_refused_unrun(
    tmp_path: Path, old: bytes, new: bytes
) -> None:
    path = tmp_path / "credentials.vault"
    EncryptedFileStore.open_file(path, "correct horse")
    path.write_bytes(path.read_bytes().replace(old, new, 1))
    with pytest.raises(SecretStoreError, match="its header makes no sense"):
        EncryptedFileStore.open_file(path, "correct horse")


@pytest.mark.parametrize("profile", ["", "a/b", "../x", "-x", "x" * 41, "a b", "a\x1b[2J"])
async def test_a_profile_name_that_cannot_be_is_refused(tmp_path: Path, profile: str) -> None:
    backend = MemoryBackend()
    with pytest.raises(InvalidCredentials, match="a profile is named with"):
        await vault_on(backend, tmp_path).save("binance", "testnet", profile, VALUES)
    assert backend.entries == {}
