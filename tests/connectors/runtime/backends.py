"""Keyring backends that behave like those people have: real ones of the library's class, in memory."""

import threading
from typing import ClassVar

from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError


class MemoryBackend(KeyringBackend):
    priority: ClassVar[float] = -1  # never chosen by the library itself

    def __init__(self) -> None:
        super().__init__()
        self.entries: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.entries.pop((service, username), None) is None:
            raise PasswordDeleteError("not there")


class WindowsLimitBackend(MemoryBackend):
    """Refuses what Windows refuses: more than 2,560 bytes of UTF-16."""

    def set_password(self, service: str, username: str, password: str) -> None:
        if len(password.encode("utf-16-le")) > 2_560:
            raise OSError(1783, "CredWrite", "The stub received bad data")
        super().set_password(service, username, password)


class LockedBackend(MemoryBackend):
    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked("Failed to unlock the collection!")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise KeyringLocked("Failed to unlock the collection!")


class DBusErrorResponse(Exception):
    """KWallet's service lets the library's bus errors through."""


class RaisingBackend(MemoryBackend):
    """Quotes what it was given in its error, as some do."""

    def set_password(self, service: str, username: str, password: str) -> None:
        raise DBusErrorResponse(f"cannot store {password!r}")

    def get_password(self, service: str, username: str) -> str | None:
        raise DBusErrorResponse(f"cannot read {username}")


class FailsAtBackend(MemoryBackend):
    """Fails at the n-th write, once."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.left = at

    def set_password(self, service: str, username: str, password: str) -> None:
        self.left -= 1
        if self.left == 0:
            raise OSError(5, "Input/output error")
        super().set_password(service, username, password)


class HangingBackend(MemoryBackend):
    """Hangs in the n-th write until it is released."""

    def __init__(self, at: int = 1) -> None:
        super().__init__()
        self.left = at
        self.release = threading.Event()
        self.finished = threading.Event()

    def set_password(self, service: str, username: str, password: str) -> None:
        self.left -= 1
        if self.left == 0:
            self.release.wait(30)
        super().set_password(service, username, password)

    def delete_password(self, service: str, username: str) -> None:
        super().delete_password(service, username)
        if not self.entries:
            self.finished.set()
