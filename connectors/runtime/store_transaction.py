"""Several entries of a store changed as one: all of them, or none."""

import threading
from collections.abc import Callable, Iterable, Mapping

from connectors.contracts.credentials import Secret
from connectors.contracts.errors import SecretStoreError, StoreTimeout
from connectors.runtime.chunks import MOST_CHUNKS, count_of, entry_name, join, split
from connectors.runtime.stores.base import SecretStore


def read_field(store: SecretStore, service: str, key: str) -> Secret | None:
    """A field's value, joined from its entries; `None` where it is not there. Raises `SecretStoreError`."""
    entries = read_entries(store, service, key)
    if not entries:
        return None
    parts = [entry.reveal() for entry in entries.values()]
    return Secret(join(key, parts[: count_of(parts[0])]))


def read_entries(store: SecretStore, service: str, key: str) -> dict[str, Secret]:
    """A field's entries as they are, by user name, whether or not they make sense together.

    Those that a longer value left behind it, in a save that was cut off, are among them.
    """
    entries: dict[str, Secret] = {}
    expected = 1
    for place in range(1, MOST_CHUNKS + 1):
        entry = store.get(service, entry_name(key, place))
        if entry is None:
            if place >= expected:
                break
            continue
        if place == 1:
            expected = count_of(entry) or 1
        entries[entry_name(key, place)] = Secret(entry)
        del entry
    return entries


def delete_fields(store: SecretStore, service: str, keys: Iterable[str]) -> None:
    for key in keys:
        # The first entry goes last: it alone knows how many there are, should this be cut short.
        for name in reversed(read_entries(store, service, key)):
            store.delete(service, name)


def save_fields(
    store: SecretStore,
    service: str,
    values: Mapping[str, Secret],
    *,
    stale: Iterable[str],
    give_up: threading.Event,
    finish: Callable[[], None],
    undone: Callable[[], None],
) -> None:
    """Write `values`, delete the fields of `stale` that are not among them, then call `finish`.

    On any failure, and when nobody waits any more, what was there is put back and `undone` called.
    """
    before: dict[str, Secret] = {}
    for key in {*values, *stale}:
        before |= read_entries(store, service, key)
    after: dict[str, Secret] = {}
    for key, value in values.items():
        after |= {name: Secret(entry) for name, entry in split(key, value.reveal()).items()}
    touched: list[str] = []
    try:
        for name, entry in after.items():
            _go_on(give_up)
            touched.append(name)
            store.set(service, name, entry.reveal())
        # From the end: should this be cut short, what is left can be found from the beginning.
        for name in [name for name in reversed(before) if name not in after]:
            _go_on(give_up)
            touched.append(name)
            store.delete(service, name)
        _go_on(give_up)
        finish()
    except BaseException:
        _put_back(store, service, touched, before)
        undone()
        raise


def _go_on(give_up: threading.Event) -> None:
    if give_up.is_set():
        raise StoreTimeout("the secret store answered too late; nothing was changed")


def _put_back(store: SecretStore, service: str, touched: list[str], before: Mapping[str, Secret]) -> None:
    failed = False
    for name in reversed(touched):
        try:
            if name in before:
                store.set(service, name, before[name].reveal())
            else:
                store.delete(service, name)
        except SecretStoreError:
            failed = True
    if failed:
        raise SecretStoreError(
            "the secret store failed half-way, and what it held before could not be put back: save again"
        )
