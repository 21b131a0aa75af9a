"""A file of secrets under a password: Argon2id (RFC 9106) for the key, AES-256-GCM for the content.

The first line is a JSON header, authenticated with the content; the rest is the ciphertext.
"""

import json
import os
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, cast

from connectors.contracts.errors import SecretStoreError, StoreUnavailable, WrongPassword
from connectors.runtime.private_file import leftovers, read_regular, write_private
from connectors.runtime.stores.password_strength import weakness

FILE_NAME = "credentials.vault"

_FORMAT = "barfinex-vault-1"
_COST = {"t": 3, "m": 65_536, "p": 4}
"""Passes, KiB and lanes: RFC 9106's second recommended setting."""
_BOUNDS = {"t": (1, 10), "m": (8_192, 262_144), "p": (1, 8)}
"""What a header may ask for: less is weak, more is an attack on our memory and time."""
_MOST_WORK = 4 * _COST["t"] * _COST["m"]
"""Passes times KiB: about a second."""
_SALT, _NONCE = 16, 12
"""Bytes."""
_LARGEST_FILE = 16_000_000
_LONGEST_HEADER = 1_000


class EncryptedFileStore:
    """Open one with `open_file`. The key, not the password, is kept while the program runs."""

    __slots__ = ("_cipher", "_header", "_lock", "_path")

    kind = "encrypted-file"
    persistent = True

    def __init__(self, path: Path, cipher: Any, header: dict[str, Any]) -> None:
        self._path = path
        self._cipher = cipher
        self._header = header
        self._lock = threading.Lock()

    @classmethod
    def open_file(
        cls, path: Path, password: str, alone: Callable[[], AbstractContextManager[None]] = nullcontext
    ) -> "EncryptedFileStore":
        """Open the file, or make it while `alone`. Blocks for about 0.3 s.

        Raises `WrongPassword`, or `SecretStoreError` where the file is damaged or a new password is too weak.
        """
        if not path.exists():
            if fault := weakness(password):
                raise SecretStoreError(f"the password {fault}")
            header: dict[str, Any] = {
                "format": _FORMAT,
                "kdf": "argon2id",
                **_COST,
                "salt": os.urandom(_SALT).hex(),
            }
            store = cls(path, _cipher(password, header), header)
            with alone():
                if not path.exists():
                    store._write({})
                    return store
            # Another program made it in the meantime.
        header = _read_header(_read(path))[0]
        store = cls(path, _cipher(password, header), header)
        store.check()
        return store

    @property
    def description(self) -> str:
        return f"the encrypted file {self._path}"

    def check(self) -> None:
        self._entries()

    def unlock(self) -> None:
        self.check()

    def get(self, service: str, user: str) -> str | None:
        with self._lock:
            return self._entries().get(_name(service, user))

    def set(self, service: str, user: str, value: str) -> None:
        with self._lock:
            entries = self._entries()
            entries[_name(service, user)] = value
            self._write(entries)

    def delete(self, service: str, user: str) -> None:
        with self._lock:
            entries = self._entries()
            if entries.pop(_name(service, user), None) is not None:
                self._write(entries)

    def names(self, prefix: str) -> list[tuple[str, str]]:
        pairs = [name.split("\n", 1) for name in self._entries()]
        return [(service, user) for service, user in pairs if service.startswith(prefix)]

    def _entries(self) -> dict[str, str]:
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415

        header, head, body = _read_header(_read(self._path))
        if header["salt"] != self._header["salt"]:
            raise WrongPassword("the encrypted file was replaced since it was opened; open it again")
        plain: bytes | None
        try:
            plain = self._cipher.decrypt(bytes.fromhex(header["nonce"]), body, head)
        except (InvalidTag, ValueError):
            plain = None
        if plain is None:
            raise WrongPassword("wrong password, or the encrypted file was altered")
        return cast("dict[str, str]", json.loads(plain))

    def _write(self, entries: dict[str, str]) -> None:
        nonce = os.urandom(12)
        head = _head(self._header | {"nonce": nonce.hex()})
        content = head + self._cipher.encrypt(nonce, json.dumps(entries).encode(), head)
        reason = None
        try:
            for leftover in leftovers(self._path):
                leftover.unlink(missing_ok=True)
            write_private(self._path, content)
        except OSError as error:
            reason = error.strerror or type(error).__name__
        if reason is not None:
            raise StoreUnavailable(f"the encrypted file cannot be written: {reason}")


def _name(service: str, user: str) -> str:
    return f"{service}\n{user}"


def _head(header: dict[str, Any]) -> bytes:
    return json.dumps(header, sort_keys=True).encode() + b"\n"


def _cipher(password: str, header: dict[str, Any]) -> Any:
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id  # noqa: PLC0415

    try:
        kdf = Argon2id(
            salt=bytes.fromhex(header["salt"]),
            length=32,
            iterations=header["t"],
            lanes=header["p"],
            memory_cost=header["m"],
        )
    except UnsupportedAlgorithm:
        raise StoreUnavailable("this build of 'cryptography' has no Argon2id") from None
    return AESGCM(kdf.derive(password.encode("utf-8", "surrogatepass")))


def _read(path: Path) -> bytes:
    try:
        return read_regular(path, _LARGEST_FILE)
    except OSError as error:
        raise StoreUnavailable(f"the encrypted file cannot be read: {error.strerror}") from None


def _read_header(content: bytes) -> tuple[dict[str, Any], bytes, bytes]:
    """The header, its exact bytes and the ciphertext. Raises `SecretStoreError` before anything it asks for is done."""
    head, newline, _ = content[:_LONGEST_HEADER].partition(b"\n")
    header: dict[str, Any] = {}
    try:
        header = dict(json.loads(head)) if newline else {}
        sound = (
            header["format"] == _FORMAT
            and header["kdf"] == "argon2id"
            and all(
                type(header[name]) is int and low <= header[name] <= high
                for name, (low, high) in _BOUNDS.items()
            )
            and header["t"] * header["m"] <= _MOST_WORK
            and len(bytes.fromhex(header["salt"])) == _SALT
            and len(bytes.fromhex(header["nonce"])) == _NONCE
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        sound = False
    if not sound:
        raise SecretStoreError("the encrypted file is damaged or not one of ours: its header makes no sense")
    head += newline
    return header, head, content[len(head) :]
