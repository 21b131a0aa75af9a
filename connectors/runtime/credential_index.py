"""What is stored where: names and dates, never values. A keyring cannot be listed, so this file is kept beside it."""

import json
import time
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, TypeAlias, cast

from connectors.contracts.errors import SecretStoreError
from connectors.runtime.private_file import write_private

FILE_NAME = "credentials.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCredentials:
    """One profile of one connector and environment."""

    connector_type: str
    environment: str
    profile: str
    fields: tuple[str, ...]
    """The keys of the fields that are stored."""
    store: str
    """`keyring`, `encrypted-file` or `session`."""
    created: int
    """Milliseconds since the epoch, UTC."""
    fingerprint: str | None = None
    """First 8 hex digits of the SHA-256 of the API key."""
    account: str | None = None
    permissions: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What tells records apart: the same profile may be in two stores."""
        return self.connector_type, self.environment, self.profile, self.store


Records: TypeAlias = dict[tuple[str, str, str, str], StoredCredentials]

_FIELDS = {field.name for field in fields(StoredCredentials)}
_TEXTS = ("connector_type", "environment", "profile", "store")


class CredentialIndex:
    """The records of one file; of none (`path` is `None`) for what lives in memory."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.problem: str | None = None
        """A file that made no sense: what was wrong and where it was put."""
        self._records: Records = {}

    def read(self) -> Records:
        """All records. A file that makes no sense is set aside under another name. Raises `SecretStoreError`."""
        if self.path is None:
            return dict(self._records)
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise SecretStoreError(f"{self.path} cannot be read: {error.strerror}") from None
        try:
            return {record.key: record for record in _decode(content)}
        except (ValueError, TypeError, KeyError, RecursionError):
            self._set_aside(self.path)
            return {}

    def put(self, record: StoredCredentials) -> None:
        self._write(self.read() | {record.key: record})

    def remove(self, key: tuple[str, str, str, str]) -> None:
        records = self.read()
        if records.pop(key, None) is not None:
            self._write(records)

    def _write(self, records: Records) -> None:
        if self.path is None:
            self._records = records
            return
        plain = {"version": 1, "credentials": [asdict(record) for record in records.values()]}
        reason = None
        try:
            write_private(self.path, json.dumps(plain, indent=2).encode() + b"\n")
        except OSError as error:
            reason = error.strerror or type(error).__name__
        if reason is not None:
            raise SecretStoreError(f"{self.path} cannot be written: {reason}")

    def _set_aside(self, path: Path) -> None:
        aside = path.with_name(f"{path.stem}.unreadable-{time.time_ns()}{path.suffix}")
        try:
            path.replace(aside)
        except OSError as error:
            raise SecretStoreError(
                f"{path} makes no sense and cannot be set aside: {error.strerror}"
            ) from None
        self.problem = (
            f"the list of stored credentials, {path}, made no sense; it was set aside as {aside.name}. "
            "The values are still in their store: save the credentials again to list them"
        )


def _decode(content: bytes) -> list[StoredCredentials]:
    plain = json.loads(content)
    if plain["version"] != 1:
        raise ValueError("another version")
    return [_record(cast("dict[str, Any]", item)) for item in plain["credentials"]]


def _record(item: dict[str, Any]) -> StoredCredentials:
    if not set(item) <= _FIELDS or not all(isinstance(item[key], str) for key in _TEXTS):
        raise ValueError("not a record")
    if not isinstance(item["created"], int):
        raise TypeError("created")
    lists = {key: tuple(map(str, item.get(key, ()))) for key in ("fields", "permissions")}
    read: dict[str, Any] = item | lists
    return StoredCredentials(**read)
