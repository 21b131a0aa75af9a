"""The credential vault: values in a secret store, names in an index, every call under a deadline.

The store is the operating system's keyring unless another one is chosen with `use`; nothing is ever chosen silently.
What is stored is read from where it is, if that was opened. Changes are made under a lock between processes, and in an
order that leaves no value behind that the index does not name, whenever the program is killed.
"""

import threading
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

from catalog.text import clean
from connectors.contracts.credentials import Credentials, Secret
from connectors.contracts.errors import InvalidCredentials, SecretStoreError, StoreLocked, StoreUnavailable
from connectors.runtime import credential_index
from connectors.runtime.credential_fields import is_public_key
from connectors.runtime.credential_index import NAME, CredentialIndex, StoredCredentials
from connectors.runtime.package_identity import PackageIdentity
from connectors.runtime.redaction import add_secret
from connectors.runtime.store_calls import StoreCalls
from connectors.runtime.store_transaction import delete_fields, read_field, save_fields
from connectors.runtime.stores import encrypted_file
from connectors.runtime.stores.base import SecretStore
from connectors.runtime.stores.encrypted_file import EncryptedFileStore
from connectors.runtime.stores.keyring_store import KeyringStore
from connectors.runtime.stores.session_memory import SessionMemoryStore
from connectors.runtime.vault_leftovers import PREFIX, Leftover, delete_leftover, find_leftovers

TIMEOUT = 5.0
"""Seconds a store may take for work in the background."""
UNLOCK_TIMEOUT = 120.0
"""Seconds a person may take over the prompt they asked for."""
LOCK_WAIT = 30.0
"""Seconds to wait for another program that changes credentials: a dozen of them in a row, on a busy machine."""


class CredentialVault:
    """Every method may raise a `SecretStoreError`: `StoreUnavailable`, `StoreLocked`, `StoreTimeout`, `WrongPassword`.

    After `StoreTimeout` the call under way is abandoned, and undone should the store wake up later.
    """

    def __init__(
        self,
        store: SecretStore | None = None,
        *,
        folder: Path | None = None,
        timeout: float = TIMEOUT,
        lock_wait: float = LOCK_WAIT,
    ) -> None:
        """`folder` holds the index and the encrypted file; the user's configuration folder where absent."""
        self._store: SecretStore = store if store is not None else KeyringStore()
        self._opened: dict[str, SecretStore] = {self._store.kind: self._store}
        self._folder_given = folder
        self._calls = StoreCalls(lambda: self.folder, timeout=timeout, lock_wait=lock_wait)
        self._index: CredentialIndex | None = None
        self._session_index = CredentialIndex(None)

    # --- the store -------------------------------------------------------------------------------------------------

    @property
    def store(self) -> SecretStore:
        return self._store

    @property
    def description(self) -> str:
        """The store in use, fit for "stored in ..."."""
        return self._store.description

    @property
    def folder(self) -> Path:
        if self._folder_given is None:
            from platformdirs import user_config_path  # noqa: PLC0415 - on first need

            self._folder_given = user_config_path("barfinex", appauthor=False)
        return self._folder_given

    @property
    def encrypted_file(self) -> Path:
        """Where the encrypted file is, or would be."""
        return self.folder / encrypted_file.FILE_NAME

    def use(self, store: SecretStore) -> None:
        """From now on keep credentials in `store`. What other stores hold stays there, and is read from there."""
        self._store = store
        self._opened[store.kind] = store

    def use_opened(self, kind: str) -> None:
        """From now on keep credentials in a store that was opened earlier."""
        self._store = self._opened[kind]

    def is_open(self, kind: str) -> bool:
        """Whether that store can be read from: it is in use, or was opened earlier."""
        return kind in self._opened

    async def use_encrypted_file(self, password: str | Secret, *, timeout: float = 30.0) -> None:
        """Open the encrypted file, or make it, and use it. The store is unchanged where that fails."""
        self.use(await self._open_file(password, timeout, make=True))

    async def open_encrypted_file(self, password: str | Secret, *, timeout: float = 30.0) -> None:
        """Open the encrypted file, so that what is in it can be read. New credentials go where they went before.

        Raises `StoreUnavailable` where there is none, `WrongPassword`.
        """
        opened = await self._open_file(password, timeout, make=False)
        self._opened[opened.kind] = opened

    async def _open_file(self, password: str | Secret, timeout: float, *, make: bool) -> SecretStore:
        password = password if isinstance(password, Secret) else Secret(password)
        add_secret(password.reveal())
        path = self.encrypted_file

        def work(_: threading.Event) -> SecretStore:
            if not make and not path.exists():
                raise StoreUnavailable(f"there is no encrypted file {path}")
            return EncryptedFileStore.open_file(path, password.reveal(), self._calls.alone)

        return await self._calls.run(work, timeout)

    async def probe(self, *, timeout: float | None = None) -> str:
        """The description of the store in use, if it is ready; else the error that says what is wrong.

        It opens no prompt.
        """
        await self._calls.run(lambda _: self._store.check(), timeout)
        return self._store.description

    async def unlock(self, *, timeout: float = UNLOCK_TIMEOUT) -> None:
        """Open the store; the platform may ask the person for its password."""
        await self._calls.run(lambda _: self._store.unlock(), timeout)

    # --- credentials -------------------------------------------------------------------------------------------------

    async def save(
        self,
        connector_type: str,
        environment: str,
        profile: str,
        values: Mapping[str, str | Secret],
        *,
        fingerprint: str | None = None,
        account: str | None = None,
        permissions: tuple[str, ...] = (),
        package: PackageIdentity | None = None,
        timeout: float | None = None,
    ) -> StoredCredentials:
        """Store all of the values, in the place of what the profile had, or change nothing.

        From now on they are for `package` alone.
        """
        values = Credentials(values)
        service = service_name(connector_type, environment, profile)
        self._conceal(values)
        store, index = self._store, self._index_of(self._store)
        record = StoredCredentials(
            connector_type=connector_type,
            environment=environment,
            profile=profile,
            fields=tuple(values),
            store=store.kind,
            created=time.time_ns() // 1_000_000,
            fingerprint=fingerprint,
            account=None if account is None else clean(account),
            permissions=tuple(map(clean, permissions)),
            package=package.name if package is not None else None,
            package_hash=package.digest if package is not None else None,
        )

        def work(give_up: threading.Event) -> None:
            self._tidy(store)
            before = index.read().get(record.key)
            stale = before.touched if before is not None else ()
            known = before or replace(record, fields=(), fingerprint=None, account=None, permissions=())
            index.put(replace(known, pending=tuple(dict.fromkeys((*stale, *values)))))
            save_fields(
                store,
                service,
                values,
                stale=stale,
                give_up=give_up,
                finish=lambda: index.put(record),
                undone=lambda: index.put(before) if before is not None else index.remove(record.key),
            )

        if values:
            # A store that is missing or asks the person for a password does so before the others have to wait.
            await self._calls.run(lambda _: store.get(service, next(iter(values))), timeout)
        await self._calls.run(work, timeout, alone=self._alone(store.kind))
        return record

    async def load(
        self,
        connector_type: str,
        environment: str,
        profile: str,
        *,
        store: str | None = None,
        package: PackageIdentity | None = None,
        timeout: float | None = None,
    ) -> Credentials | None:
        """The stored values; `None` where the index knows no such profile (the store is then not asked).

        Raises `StoreLocked` where they are in the encrypted file and it was not opened, and `PackageNotAllowed`
        where they were given to another than `package`.
        """
        name = (connector_type, environment, profile)
        service = service_name(*name)

        def work(_: threading.Event) -> Credentials | None:
            record = self._find(name, store)
            if record is not None and package is not None:
                package.check(record)
            return None if record is None else self._read(record, service)

        found = await self.find(*name, store=store)
        if found is None:
            return None
        if package is not None:
            package.check(found)
        loaded = await self._calls.run(work, timeout, alone=self._alone(found.store, needed=False))
        if loaded is not None:
            self._conceal(loaded)
        return loaded

    def _read(self, record: StoredCredentials, service: str) -> Credentials:
        store = self._opened_store(record)
        if record.pending:
            raise SecretStoreError(
                f"a change of the credentials of {record.name} was cut off half-way; save them again"
            )
        read = {key: read_field(store, service, key) for key in record.fields}
        found = {key: value for key, value in read.items() if value is not None}
        if not found or len(found) < len(read):
            raise SecretStoreError(
                f"the credentials of {record.name} are no longer {'all ' if found else ''}in "
                f"{store.description}; save them again"
            )
        return Credentials(found)

    async def delete(
        self,
        connector_type: str,
        environment: str,
        profile: str,
        *,
        store: str | None = None,
        timeout: float | None = None,
    ) -> bool:
        """Delete every entry of a profile; `False` where there was none. Of several stores' the newest."""
        name = (connector_type, environment, profile)
        service = service_name(*name)

        def work(_: threading.Event) -> bool:
            record = self._find(name, store)
            if record is None:
                return False
            place = self._opened_store(record)
            self._tidy(place)
            index = self._index_of(place)
            index.put(replace(record, pending=record.touched))
            delete_fields(place, service, record.touched)
            index.remove(record.key)
            return True

        found = await self.find(*name, store=store)
        if found is None:
            return False
        return await self._calls.run(work, timeout, alone=self._alone(found.store))

    async def give(
        self,
        package: PackageIdentity,
        connector_type: str,
        environment: str | None = None,
        profile: str | None = None,
    ) -> tuple[StoredCredentials, ...]:
        """From now on the connector's credentials, or those that are named, are for `package`; which those are."""

        def work(_: threading.Event) -> tuple[StoredCredentials, ...]:
            given: list[StoredCredentials] = []
            for index in (self._file_index, self._session_index):
                for record in index.read().values():
                    wanted = (connector_type, environment or record.environment, profile or record.profile)
                    if record.key[:3] == wanted:
                        given.append(replace(record, package=package.name, package_hash=package.digest))
                        index.put(given[-1])
            return tuple(given)

        return await self._calls.run(work, alone=self._calls.alone())

    async def list(self) -> tuple[StoredCredentials, ...]:
        """What is stored, by name; values are never read. See also `index_problem`."""

        def work(_: threading.Event) -> tuple[StoredCredentials, ...]:
            if self._file_index.damaged:
                with self._calls.alone():
                    self._file_index.repair()
            records = self._file_index.read() | self._session_index.read()
            return tuple(record for _, record in sorted(records.items()))

        return await self._calls.run(work)

    async def find(
        self, connector_type: str, environment: str, profile: str, *, store: str | None = None
    ) -> StoredCredentials | None:
        """What the index says of a profile: of several stores' the one that `load` would read, the newest."""
        return await self._calls.run(lambda _: self._find((connector_type, environment, profile), store))

    @property
    def index_problem(self) -> str | None:
        """Set when the index made no sense: what was wrong and where it was put."""
        return self._index.problem if self._index is not None else None

    @property
    def set_aside_lists(self) -> tuple[Path, ...]:
        """The lists that made no sense, where they were put."""
        return self._file_index.set_aside

    async def leftovers(self, kind: str | None = None, *, timeout: float = 30.0) -> tuple[Leftover, ...]:
        """What killed programs left in the store in use, or in another that is open.

        Halves, and values that the index does not name; where a store cannot be searched, only what the index knows of.
        """
        store = self._opened[kind or self._store.kind]
        return await self._calls.run(
            lambda _: find_leftovers(store, self._file_index),
            timeout,
            alone=self._alone(store.kind, needed=False),
        )

    async def delete_leftover(self, leftover: Leftover, *, timeout: float = 30.0) -> None:
        """Delete it, unless it was mended meanwhile."""
        await self._calls.run(
            lambda _: delete_leftover(self._opened, self._file_index, leftover),
            timeout,
            alone=self._calls.alone(),
        )

    # --- inside ------------------------------------------------------------------------------------------------------

    @property
    def _file_index(self) -> CredentialIndex:
        if self._index is None:
            self._index = CredentialIndex(self.folder / credential_index.FILE_NAME)
        return self._index

    def _index_of(self, store: SecretStore) -> CredentialIndex:
        return self._file_index if store.persistent else self._session_index

    def _find(self, name: tuple[str, str, str], store: str | None) -> StoredCredentials | None:
        """The profile's record; of several stores' the newest, for an older key is not what was meant."""
        records = self._file_index.read() | self._session_index.read()
        mine = [
            record for record in records.values() if record.key[:3] == name and store in (None, record.store)
        ]
        return max(mine, key=lambda record: record.created, default=None)

    def _alone(self, kind: str, *, needed: bool = True) -> AbstractContextManager[None] | None:
        """The lock, for a store that other processes see as well."""
        return None if kind == SessionMemoryStore.kind else self._calls.alone(needed=needed)

    def _opened_store(self, record: StoredCredentials) -> SecretStore:
        store = self._opened.get(record.store)
        if store is not None:
            return store
        if record.store == EncryptedFileStore.kind:
            raise StoreLocked(f"the credentials of {record.name} are in the encrypted file, which is locked")
        raise StoreUnavailable(
            f"the credentials of {record.name} are in another store ({record.store}): open it first"
        )

    def _tidy(self, store: SecretStore) -> None:
        if store.persistent:
            self._file_index.repair()
            self._file_index.sweep()

    @staticmethod
    def _conceal(credentials: Credentials) -> None:
        for key, secret in credentials.items():
            if not is_public_key(key):
                add_secret(secret.reveal())


def service_name(connector_type: str, environment: str, profile: str) -> str:
    """The keyring's service. Raises `InvalidCredentials` for a name that cannot stand in it."""
    for what, name in (("connector", connector_type), ("environment", environment), ("profile", profile)):
        if not NAME.fullmatch(name):
            raise InvalidCredentials(
                f"a {what} is named with letters, digits, '.', '_' and '-', 40 at most; '{name}' is not"
            )
    return f"{PREFIX}{connector_type}/{environment}/{profile}"
