"""Where the wizard may put credentials: the store in use where it is ready, else what the person chooses."""

from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.contracts.credentials import Secret
    from connectors.runtime.stores.base import SecretStore
    from connectors.runtime.vault import CredentialVault


class Place(Enum):
    """What can be chosen. None but the first is ever chosen beforehand."""

    IN_USE = "in use"
    FILE = "an encrypted file, opened by a password"
    MEMORY = "memory: gone when barfinex is closed"


class StoreChoice:
    """One wizard's choice. Choosing changes nothing; `open` does, when the credentials are about to be stored."""

    def __init__(self, vault: "CredentialVault") -> None:
        self._vault = vault
        self._place: Place | None = None
        self._password: Secret | None = None
        self._before: SecretStore | None = None

    async def probe(self) -> None:
        """Whether the store in use is ready. Raises the `SecretStoreError` that says why it is not."""
        await self._vault.probe()

    async def unlock(self) -> None:
        """Let the platform ask the person; waits for them. Raises `SecretStoreError`."""
        await self._vault.unlock()
        await self._vault.probe()

    @property
    def in_use(self) -> str:
        return self._vault.description

    def places(self, *, ready: bool) -> tuple[Place, ...]:
        """What to offer, the store in use first where it is ready."""
        kind = self._vault.store.kind
        offered = [Place.IN_USE] if ready else []
        if kind != "encrypted-file":
            offered.append(Place.FILE)
        if kind != "session":
            offered.append(Place.MEMORY)
        return tuple(offered)

    def words(self, place: Place) -> str:
        return self.in_use if place is Place.IN_USE else place.value

    @property
    def file_exists(self) -> bool:
        return self._vault.encrypted_file.exists()

    @property
    def file_open(self) -> bool:
        """Whether the encrypted file was opened earlier in this session: it needs no password then."""
        return self._vault.is_open("encrypted-file")

    def choose(self, place: Place, password: "Secret | None" = None) -> None:
        self._place, self._password = place, password

    @property
    def chosen_words(self) -> str:
        return self.words(self._place or Place.IN_USE)

    async def open(self) -> None:
        """Make the chosen store the one in use. Raises `SecretStoreError` and changes nothing."""
        from connectors.runtime.stores.session_memory import SessionMemoryStore  # noqa: PLC0415 - on first need

        self._before = self._vault.store
        if self._place is Place.FILE and self.file_open:
            self._vault.use_opened("encrypted-file")
        elif self._place is Place.FILE and self._password is not None:
            await self._vault.use_encrypted_file(self._password)
        elif self._place is Place.MEMORY:
            self._vault.use(SessionMemoryStore())

    def give_back(self) -> None:
        """Nothing was stored after all: the store that was in use is in use again."""
        if self._before is not None:
            self._vault.use(self._before)

    def wipe(self) -> None:
        self._password = None
