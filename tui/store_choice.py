"""Where the wizard may put credentials: the keyring where there is one, else what the person chooses."""

from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.runtime.vault import CredentialVault

UNLOCK_SECONDS = 120.0
"""How long a person may take over the unlock prompt."""


class Place(Enum):
    KEYRING = "the keyring of this computer"
    FILE = "an encrypted file, opened by a password"
    MEMORY = "memory: gone when barfinex is closed"

    @property
    def words(self) -> str:
        return self.value


class StoreChoice:
    """One wizard's choice. Choosing changes nothing; `open` does, when the credentials are about to be stored."""

    def __init__(self, vault: "CredentialVault") -> None:
        self._vault = vault
        self._place: Place | None = None
        self._password = ""
