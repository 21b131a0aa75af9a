"""The operating system's keyring.

The platform's backend is named here rather than found by `keyring`'s scan of entry points: the scan is slow, runs
every installed backend's code, and an environment variable can send it to a plain-text file.
"""

import os
import stat
import sys
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING, Any, TypeVar

from connectors.contracts.errors import SecretStoreError, StoreLocked, StoreUnavailable

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

T = TypeVar("T")

_LOCKED = "the keyring is locked; unlock it (your desktop asks for its password) and try again"
_NO_BUS = "there is no D-Bus session, so no keyring; start one, or choose an encrypted file or this session's memory"


class KeyringStore:
    """`backend` is opened on first use; tests and users of other backends give their own."""

    kind = "keyring"
    persistent = True

    def __init__(self, backend: "KeyringBackend | None" = None) -> None:
        self._backend = backend

    @property
    def description(self) -> str:
        return {"win32": "Windows Credential Manager", "darwin": "the macOS keychain"}.get(
            sys.platform, "the desktop's keyring (Secret Service)"
        )

    def check(self) -> None:
        self._call(lambda backend: _check_secret_service() if _is_secret_service(backend) else None)

    def unlock(self) -> None:
        # A read opens the collection, prompt included; the entry need not be there.
        self._call(lambda backend: backend.get_password("barfinex", "unlock"))

    def get(self, service: str, user: str) -> str | None:
        return self._call(lambda backend: backend.get_password(service, user))

    def set(self, service: str, user: str, value: str) -> None:
        def write(backend: Any) -> None:
            backend.set_password(service, user, value)

        self._call(write)

    def delete(self, service: str, user: str) -> None:
        from keyring.errors import PasswordDeleteError  # noqa: PLC0415 - keyring loads on first need

        def remove(backend: "KeyringBackend") -> None:
            if backend.get_password(service, user) is None:
                return
            try:
                backend.delete_password(service, user)
            except PasswordDeleteError:
                # Somebody was quicker; if it is still there, the refusal was a real one.
                if backend.get_password(service, user) is not None:
                    raise

        self._call(remove)

    def names(self, prefix: str) -> list[tuple[str, str]] | None:
        return self._call(
            lambda backend: _search_secret_service(prefix) if _is_secret_service(backend) else None
        )

    def _call(self, action: "Callable[[KeyringBackend], T]") -> T:
        """Backends raise anything (D-Bus answers, Windows errors); what comes out is typed and quotes nothing."""
        fault: SecretStoreError
        try:
            if self._backend is None:
                self._backend = open_platform_backend()
            return action(self._backend)
        except SecretStoreError as error:
            fault = error
        except Exception as error:  # noqa: BLE001 - every backend has errors of its own
            fault = _translate(error)
        # Raised here, not above: an error born in the handler would carry the foreign traceback, locals and all.
        raise fault.with_traceback(None)


def open_platform_backend() -> "KeyringBackend":
    """The one backend of this platform. Raises `StoreUnavailable` with the reason."""
    ensure_bus()
    backend: Any
    if sys.platform == "win32":
        from keyring.backends.Windows import WinVaultKeyring  # noqa: PLC0415

        backend = WinVaultKeyring
    elif sys.platform == "darwin":
        from keyring.backends.macOS import Keyring as MacKeyring  # noqa: PLC0415

        backend = MacKeyring
    else:
        from keyring.backends.SecretService import Keyring as SecretServiceKeyring  # noqa: PLC0415

        backend = SecretServiceKeyring
    reason = None
    try:
        backend.priority  # noqa: B018 - reading it asks the platform whether the backend works
    except RuntimeError as error:
        reason = str(error)
    if reason is not None:
        no_bus = sys.platform not in ("win32", "darwin") and not os.environ.get("DBUS_SESSION_BUS_ADDRESS")
        gone = _bus_is_gone()
        raise StoreUnavailable(_NO_BUS if no_bus else gone or f"there is no keyring: {reason}")
    opened = backend()
    if sys.platform == "win32":
        # The default would carry the credential to other machines of the domain.
        opened.persist = "local machine"
    return opened


def ensure_bus() -> None:
    """Name the session bus where its socket exists but no variable says so (cron, sudo, some ssh logins)."""
    if os.name != "posix" or os.environ.get("DBUS_SESSION_BUS_ADDRESS"):
        return
    user = os.getuid()
    path = os.path.join(os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{user}", "bus")
    try:
        found = os.stat(path)
    except OSError:
        return
    if stat.S_ISSOCK(found.st_mode) and found.st_uid == user:
        os.environ["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=" + path


def _bus_is_gone() -> str | None:
    """What to say where the variable names a bus that nobody serves any more: that of a login that is over, as tmux,
    screen and cron keep it."""
    _, path_named, rest = os.environ.get("DBUS_SESSION_BUS_ADDRESS", "").partition("unix:path=")
    path = rest.partition(",")[0].partition(";")[0]
    if os.name != "posix" or not path_named or _is_served(path):
        return None
    current = os.path.join(os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}", "bus")
    better = f"unix:path={current}" if current != path and _is_served(current) else None
    way_out = f"set it to {better}" if better else "log in anew"
    return (
        "DBUS_SESSION_BUS_ADDRESS names a D-Bus session that is over, so there is no keyring: "
        f"{way_out}, or choose an encrypted file or this session's memory"
    )


def _is_served(path: str) -> bool:
    import socket  # noqa: PLC0415 - only where the keyring failed

    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(path)
        except (OSError, ValueError):
            return False
    return True


def _is_secret_service(backend: "KeyringBackend") -> bool:
    return type(backend).__module__ == "keyring.backends.SecretService"


def _check_secret_service() -> None:
    """Ask whether the default collection is locked, which opens no prompt, unlike a read."""
    import secretstorage  # noqa: PLC0415 - Linux only

    with closing(secretstorage.dbus_init()) as connection:
        try:
            collection = secretstorage.Collection(connection)
        except secretstorage.ItemNotFoundException:
            raise StoreLocked("the keyring has no default collection yet; saving makes one") from None
        if collection.is_locked():
            raise StoreLocked(_LOCKED)


def _search_secret_service(prefix: str) -> list[tuple[str, str]]:
    """Service and user of what the `keyring` library stored; no value is read and no prompt opens."""
    import secretstorage  # noqa: PLC0415 - Linux only

    with closing(secretstorage.dbus_init()) as connection:
        items = secretstorage.search_items(connection, {"application": "Python keyring library"})
        found = [item.get_attributes() for item in items]
    names = [(each.get("service", ""), each.get("username", "")) for each in found]
    return [name for name in names if name[0].startswith(prefix)]


def _translate(error: Exception) -> SecretStoreError:
    from keyring import errors  # noqa: PLC0415

    if isinstance(error, errors.KeyringLocked | errors.InitError):
        return StoreLocked(_LOCKED)
    if isinstance(error, errors.NoKeyringError | ImportError):
        return StoreUnavailable("there is no keyring on this machine")
    if isinstance(error, errors.PasswordSetError | errors.PasswordDeleteError):
        return SecretStoreError(f"the keyring refused ({type(error).__name__})")
    return StoreUnavailable(_bus_is_gone() or f"the keyring failed ({type(error).__name__})")
