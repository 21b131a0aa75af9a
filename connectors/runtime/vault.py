"""The credential vault: values in a secret store, names in an index, every call under a deadline.

The store is the operating system's keyring unless another one is chosen with `use`; nothing is ever chosen silently.
"""

import asyncio
import re
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from connectors.contracts.credentials import Credentials, Secret
from connectors.contracts.errors import InvalidCredentials, SecretStoreError, StoreTimeout, StoreUnavailable
from connectors.runtime import credential_index
from connectors.runtime.credential_index import CredentialIndex, StoredCredentials
from connectors.runtime.daemon_call import call_in_daemon_thread
from connectors.runtime.redaction import add_secret
from connectors.runtime.store_transaction import delete_fields, read_field, save_fields
from connectors.runtime.stores import encrypted_file
from connectors.runtime.stores.base import SecretStore
from connectors.runtime.stores.encrypted_file import EncryptedFileStore
from connectors.runtime.stores.keyring_store import KeyringStore

T = TypeVar("T")

TIMEOUT = 5.0
"""Seconds a store may take for work in the background."""
UNLOCK_TIMEOUT = 120.0
"""Seconds a person may take over the prompt they asked for."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")


class CredentialVault:
    """Every method may raise a `SecretStoreError`: `StoreUnavailable`, `StoreLocked`, `StoreTimeout`, `WrongPassword`.

    After `StoreTimeout` the call under way is abandoned, and undone should the store wake up later.
    """

    def __init__(
        self, store: SecretStore | None = None, *, folder: Path | None = None, timeout: float = TIMEOUT
    ) -> None:
        """`folder` holds the index and the encrypted file; the user's configuration folder where absent."""
        self._store: SecretStore = store if store is not None else KeyringStore()
        self._folder_given = folder
        self._timeout = timeout
        self._busy = threading.Lock()
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
        """From now on keep credentials in `store`. What other stores hold stays there."""
        self._store = store

    async def use_encrypted_file(self, password: str | Secret, *, timeout: float = 30.0) -> None:
        """Open the encrypted file, or make it, and use it. The store is unchanged where that fails."""
        password = password if isinstance(password, Secret) else Secret(password)
        add_secret(password.reveal())
        path = self.encrypted_file
        self.use(await self._call(lambda _: EncryptedFileStore.open_file(path, password.reveal()), timeout))

    async def probe(self, *, timeout: float | None = None) -> str:
        """The description of the store in use, if it is ready; else the error that says what is wrong.

        It opens no prompt.
        """
        await self._call(lambda _: self._store.check(), timeout)
        return self._store.description

    async def unlock(self, *, timeout: float = UNLOCK_TIMEOUT) -> None:
        """Open the store; the platform may ask the person for its password."""
        await self._call(lambda _: self._store.unlock(), timeout)

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
        timeout: float | None = None,
    ) -> StoredCredentials:
        """Store all of the values, in the place of what the profile had, or change nothing."""
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
            account=account,
            permissions=permissions,
        )

        def work(give_up: threading.Event) -> None:
            before = index.read().get(record.key)
            stale = before.fields if before is not None else ()
            save_fields(
                store, service, values, stale=stale, give_up=give_up, finish=lambda: index.put(record)
            )

        await self._call(work, timeout)
        return record

    async def load(
        self, connector_type: str, environment: str, profile: str, *, timeout: float | None = None
    ) -> Credentials | None:
        """The stored values; `None` where the index knows no such profile (the store is then not asked)."""
        name = (connector_type, environment, profile)
        service = service_name(*name)

        def work(_: threading.Event) -> Credentials | None:
            record = self._find(name)
            if record is None:
                return None
            if record.store != self._store.kind:
                raise StoreUnavailable(
                    f"the credentials of {connector_type} {environment} {profile} are in another store "
                    f"({record.store}): open it first"
                )
            read = {key: read_field(self._store, service, key) for key in record.fields}
            found = {key: value for key, value in read.items() if value is not None}
            if not found:
                raise SecretStoreError(
                    f"the credentials of {connector_type} {environment} {profile} are no longer in "
                    f"{self._store.description}; save them again"
                )
            return Credentials(found)

        loaded = await self._call(work, timeout)
        if loaded is not None:
            self._conceal(loaded)
        return loaded

    async def delete(
        self, connector_type: str, environment: str, profile: str, *, timeout: float | None = None
    ) -> bool:
        """Delete every entry of a profile; `False` where there was none."""
        name = (connector_type, environment, profile)
        service = service_name(*name)

        def work(_: threading.Event) -> bool:
            record = self._find(name)
            if record is None:
                return False
            if record.store != self._store.kind:
                raise StoreUnavailable(
                    f"these credentials are in another store ({record.store}): open it first"
                )
            delete_fields(self._store, service, record.fields)
            self._index_of(self._store).remove(record.key)
            return True

        return await self._call(work, timeout)

    async def list(self) -> tuple[StoredCredentials, ...]:
        """What is stored, by name; values are never read. See also `index_problem`."""

        def work(_: threading.Event) -> tuple[StoredCredentials, ...]:
            records = self._file_index.read() | self._session_index.read()
            return tuple(record for _, record in sorted(records.items()))

        return await self._call(work, None)

    @property
    def index_problem(self) -> str | None:
        """Set when the index made no sense: what was wrong and where it was put."""
        return self._index.problem if self._index is not None else None

    # --- inside ------------------------------------------------------------------------------------------------------

    @property
    def _file_index(self) -> CredentialIndex:
        if self._index is None:
            self._index = CredentialIndex(self.folder / credential_index.FILE_NAME)
        return self._index

    def _index_of(self, store: SecretStore) -> CredentialIndex:
        return self._file_index if store.persistent else self._session_index

    def _find(self, name: tuple[str, str, str]) -> StoredCredentials | None:
        """The profile's record in the store in use or, failing that, in another."""
        records = self._file_index.read() | self._session_index.read()
        here = records.get((*name, self._store.kind))
        return here or next((record for key, record in records.items() if key[:3] == name), None)

    @staticmethod
    def _conceal(credentials: Credentials) -> None:
        for secret in credentials.values():
            add_secret(secret.reveal())

    async def _call(self, work: Callable[[threading.Event], T], timeout: float | None) -> T:
        """Run `work` in a daemon thread, one at a time; the event tells it that nobody waits any more."""
        seconds = self._timeout if timeout is None else timeout
        give_up = threading.Event()

        def run() -> T:
            if not self._busy.acquire(timeout=seconds):
                raise TimeoutError
            try:
                if give_up.is_set():
                    raise TimeoutError
                return work(give_up)
            finally:
                self._busy.release()

        fault: SecretStoreError
        try:
            return await call_in_daemon_thread(run, seconds, name="secret-store", give_up=give_up)
        except TimeoutError:
            fault = StoreTimeout(
                f"the secret store did not answer within {seconds:g} s; is an unlock prompt open on the desktop?"
            )
        except SecretStoreError as error:
            fault = error
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 - a store's own failure; its text may quote what it was given
            fault = StoreUnavailable(f"the secret store failed ({type(error).__name__})")
        # Raised outside the handlers, so that no frame of the store, with its locals, hangs on the error.
        raise fault.with_traceback(None)


def service_name(connector_type: str, environment: str, profile: str) -> str:
    """The keyring's service. Raises `InvalidCredentials` for a name that cannot stand in it."""
    for what, name in (("connector", connector_type), ("environment", environment), ("profile", profile)):
        if not _NAME.fullmatch(name):
            raise InvalidCredentials(
                f"a {what} is named with letters, digits, '.', '_' and '-', 40 at most; '{name}' is not"
            )
    return f"barfinex/{connector_type}/{environment}/{profile}"
