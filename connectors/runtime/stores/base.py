"""What a place for secrets offers. All of it blocks and may hang: only the vault calls it, in a daemon thread."""

from collections.abc import Iterable
from typing import Protocol


class SecretStore(Protocol):
    """Entries of text by service and user, as keyrings have them.

    Raises `StoreUnavailable`, `StoreLocked`, `WrongPassword` or `SecretStoreError`; no error quotes a value.
    """

    @property
    def kind(self) -> str:
        """The name kept in the index: `keyring`, `encrypted-file` or `session`."""
        ...

    @property
    def description(self) -> str:
        """What a person calls it, fit for "stored in ..."."""
        ...

    @property
    def persistent(self) -> bool:
        """False: what it holds is gone when the program ends."""
        ...

    def check(self) -> None:
        """Raise what is wrong with the store. It opens no prompt."""
        ...

    def unlock(self) -> None:
        """Open it, asking the person where the platform does so."""
        ...

    def get(self, service: str, user: str) -> str | None: ...

    def set(self, service: str, user: str, value: str) -> None: ...

    def delete(self, service: str, user: str) -> None:
        """Deleting what is not there does nothing."""
        ...

    def names(self, prefix: str) -> Iterable[tuple[str, str]] | None:
        """Service and user of every entry whose service begins so; `None` where the store cannot be searched."""
        ...
