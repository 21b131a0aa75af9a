"""What programs that were killed left behind: changes cut off half-way, and values that the index does not name."""

from collections.abc import Mapping
from dataclasses import dataclass

from connectors.runtime.credential_index import CredentialIndex, StoredCredentials
from connectors.runtime.store_transaction import delete_fields
from connectors.runtime.stores.base import SecretStore

PREFIX = "barfinex/"
"""Of every service of ours."""


@dataclass(frozen=True, slots=True)
class Leftover:
    """One profile's remains in one store: names, never values."""

    store: str
    service: str
    entries: tuple[str, ...]
    """User names in the store; field names where the store cannot be searched."""
    what: str
    record: StoredCredentials | None = None
    """The index's record of it, where it has one."""
    doubtful: bool = False
    """It may be in use: a list that named it may have been damaged."""

    @property
    def name(self) -> str:
        """As a person calls it."""
        return self.service.removeprefix(PREFIX).replace("/", " ")


def find_leftovers(store: SecretStore, index: CredentialIndex) -> tuple[Leftover, ...]:
    """Needs the lock. Raises `SecretStoreError`."""
    mine = {_service(record): record for record in index.read().values() if record.store == store.kind}
    found: list[Leftover] = []
    for service, record in mine.items():
        if record.pending:
            what = "a change was cut off half-way"
            found.append(Leftover(store.kind, service, record.touched, what, record))
        elif any(store.get(service, key) is None for key in record.fields):
            what = "it is listed, and not all of it is there"
            found.append(Leftover(store.kind, service, record.fields, what, record))
    orphans: dict[str, list[str]] = {}
    for service, user in store.names(PREFIX) or ():
        if service not in mine:
            orphans.setdefault(service, []).append(user)
    lost = bool(orphans) and index.lost
    what = "it is there, and not listed" + (": a damaged list may have named it" if lost else "")
    return (
        *found,
        *(
            Leftover(store.kind, service, tuple(sorted(users)), what, doubtful=lost)
            for service, users in sorted(orphans.items())
        ),
    )


def delete_leftover(stores: Mapping[str, SecretStore], index: CredentialIndex, leftover: Leftover) -> None:
    """Needs the lock. What was changed since it was found is left alone."""
    store = stores[leftover.store]
    if leftover not in find_leftovers(store, index):
        return
    if leftover.record is None:
        for user in leftover.entries:
            store.delete(leftover.service, user)
        return
    delete_fields(store, leftover.service, leftover.entries)
    index.remove(leftover.record.key)


def _service(record: StoredCredentials) -> str:
    """The keyring's service of a record."""
    return f"{PREFIX}{record.connector_type}/{record.environment}/{record.profile}"
