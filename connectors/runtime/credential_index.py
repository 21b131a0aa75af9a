"""What is stored where: names and dates, never values. A keyring cannot be listed, so this file is kept beside it.

Whoever changes it holds the vault's lock. A record says what is `pending` before a store is touched, so that whatever
ends the program half-way, no value is in a store that nobody knows of. What a later version adds to a record is kept.
"""

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeAlias, cast

from catalog.text import clean
from connectors.contracts.errors import SecretStoreError
from connectors.runtime.private_file import leftovers, read_regular, write_private

FILE_NAME = "credentials.json"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
"""Of a connector, an environment, a profile, a store or a field."""
LARGEST = 4_000_000
_ASIDE = "{0.stem}.unreadable-{1}{0.suffix}"
BUILT_IN = "barfinex"
"""Whom keys were given to, where the connector is the program's own; no package of that name is ever used."""


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
    package: str | None = None
    """The distribution whose connector they were given to, or `BUILT_IN`; see `package_identity`."""
    package_hash: str | None = None
    """Of its files as they were then."""
    pending: tuple[str, ...] = ()
    """The fields of a change that was begun and is not done: what the store holds of them is not known."""
    extra: Mapping[str, Any] = field(default_factory=dict[str, Any], compare=False, repr=False)
    """What another version of the program noted."""

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What tells records apart: the same profile may be in two stores."""
        return self.connector_type, self.environment, self.profile, self.store

    @property
    def of_package(self) -> bool:
        """Whether they were given to a package that is not the program's own."""
        return self.package not in (None, BUILT_IN)

    @property
    def name(self) -> str:
        """As a person calls it."""
        return f"{self.connector_type} {self.environment} {self.profile}"

    @property
    def touched(self) -> tuple[str, ...]:
        """Every field the store may hold something of."""
        return tuple(dict.fromkeys((*self.fields, *self.pending)))

    def as_dict(self) -> dict[str, Any]:
        """As it is written, and as it may be printed."""
        known = {name: getattr(self, name) for name in _FIELDS}
        if not self.pending:
            del known["pending"]
        return dict(self.extra) | known


Records: TypeAlias = dict[tuple[str, str, str, str], StoredCredentials]

_FIELDS = tuple(item.name for item in fields(StoredCredentials) if item.name != "extra")


class CredentialIndex:
    """The records of one file; of none (`path` is `None`) for what lives in memory."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.problem: str | None = None
        """A file that made no sense, in part or whole: what was wrong and where it was put."""
        self._records: Records = {}

    def read(self) -> Records:
        """The records that make sense; see `damaged` for the others. Raises `SecretStoreError`."""
        return self._load()[0]

    @property
    def damaged(self) -> bool:
        """Whether something in the file makes no sense."""
        return self._load()[2]

    @property
    def lost(self) -> bool:
        """Whether a file that made no sense is here, or set aside: what it listed may be in a store, and in use."""
        return self.damaged or bool(self.set_aside)

    @property
    def set_aside(self) -> tuple[Path, ...]:
        """The files that made no sense, under the names that `repair` gave them."""
        return () if self.path is None else tuple(self.path.parent.glob(_ASIDE.format(self.path, "*")))

    def repair(self) -> None:
        """Set a file that makes no sense aside under another name; what could be read of it stays. Needs the lock."""
        records, rest, damaged = self._load()
        if not damaged or self.path is None:
            return
        self._set_aside(self.path)
        if records:
            self._write(records, rest)

    def put(self, record: StoredCredentials) -> None:
        records, rest, _ = self._load()
        self._write(records | {record.key: record}, rest)

    def remove(self, key: tuple[str, str, str, str]) -> None:
        records, rest, _ = self._load()
        if records.pop(key, None) is not None:
            self._write(records, rest)

    def sweep(self) -> None:
        """Remove the halves of files that killed programs left. Needs the lock."""
        if self.path is not None:
            for leftover in leftovers(self.path):
                leftover.unlink(missing_ok=True)

    def _load(self) -> tuple[Records, dict[str, Any], bool]:
        """The records, what else is in the file, and whether something in it makes no sense."""
        if self.path is None:
            return dict(self._records), {}, False
        reason = None
        try:
            content = read_regular(self.path, LARGEST)
        except FileNotFoundError:
            return {}, {}, False
        except OSError as error:
            reason = error.strerror or type(error).__name__
            content = b""
        if reason is not None:
            raise SecretStoreError(f"the list of stored credentials, {self.path}, cannot be read: {reason}")
        try:
            rest = dict(cast("dict[str, Any]", json.loads(content.removeprefix(b"\xef\xbb\xbf"))))
            if rest.pop("version") != 1:
                raise ValueError("another version")
            items = list(cast("list[Any]", rest.pop("credentials")))
        except (ValueError, TypeError, KeyError, RecursionError):
            return {}, {}, True
        read = [_record(item) for item in items]
        return {record.key: record for record in read if record is not None}, rest, None in read

    def _write(self, records: Records, rest: Mapping[str, Any]) -> None:
        if self.path is None:
            self._records = records
            return
        plain = {**rest, "version": 1, "credentials": [record.as_dict() for record in records.values()]}
        reason = None
        try:
            write_private(self.path, json.dumps(plain, indent=2).encode() + b"\n")
        except OSError as error:
            reason = error.strerror or type(error).__name__
        if reason is not None:
            raise SecretStoreError(f"{self.path} cannot be written: {reason}")

    def _set_aside(self, path: Path) -> None:
        aside = path.with_name(_ASIDE.format(path, time.time_ns()))
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


def _record(item: Any) -> StoredCredentials | None:
    """A record of the file, cleaned; `None` where it makes no sense."""
    try:
        record = StoredCredentials(
            **{name: _name(item[name]) for name in ("connector_type", "environment", "profile", "store")},
            fields=tuple(_name(key) for key in item["fields"]),
            created=_whole(item["created"]),
            fingerprint=_text(item.get("fingerprint")),
            account=_text(item.get("account")),
            package=_text(item.get("package")),
            package_hash=_text(item.get("package_hash")),
            permissions=tuple(clean(text) for text in item.get("permissions", ())),
            pending=tuple(_name(key) for key in item.get("pending", ())),
            extra={name: value for name, value in item.items() if name not in _FIELDS},
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    return record


def _name(value: object) -> str:
    if not isinstance(value, str) or not NAME.fullmatch(value):
        raise ValueError("not a name")
    return value


def _whole(value: object) -> int:
    if type(value) is not int:
        raise ValueError("not a whole number")
    return value


def _text(value: object) -> str | None:
    return None if value is None else clean(value)
