"""Credentials for this session only: chosen, never fallen back to."""

from connectors.contracts.credentials import Secret


class SessionMemoryStore:
    """Holds values until the program ends."""

    __slots__ = ("_entries",)

    kind = "session"
    description = "this session's memory"
    persistent = False

    def __init__(self) -> None:
        self._entries: dict[tuple[str, str], Secret] = {}

    def check(self) -> None:
        """Memory is always there."""

    def unlock(self) -> None:
        """Memory is never locked."""

    def get(self, service: str, user: str) -> str | None:
        held = self._entries.get((service, user))
        return held.reveal() if held is not None else None

    def set(self, service: str, user: str, value: str) -> None:
        self._entries[service, user] = Secret(value)

    def delete(self, service: str, user: str) -> None:
        self._entries.pop((service, user), None)

    def names(self, prefix: str) -> list[tuple[str, str]]:
        return [name for name in self._entries if name[0].startswith(prefix)]
