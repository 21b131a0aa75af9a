"""Run as a program: a vault in a process of its own, killed where the test says.

`python -m tests.connectors.runtime.vault_process FOLDER STORE KILL_AT ACTION...`; it says how many steps there were.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from connectors.runtime.stores.keyring_store import KeyringStore
from connectors.runtime.vault import CredentialVault
from tests.connectors.runtime.backends import MemoryBackend

PASSWORD = "correct horse battery"
NAME = ("binance", "testnet", "main")
LONG = {"apiKey": "k" * 50, "apiSecret": "s" * 4_500, "extra": "e" * 50}
SHORT = {"apiKey": "K" * 50, "apiSecret": "S" * 1_500}


class FileBackend(MemoryBackend):
    """A keyring that outlives its process."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        if path.exists():
            self.entries = {
                tuple(key.split("\n")): value for key, value in json.loads(path.read_text()).items()
            }

    def set_password(self, service: str, username: str, password: str) -> None:
        step()
        super().set_password(service, username, password)
        self._keep()

    def delete_password(self, service: str, username: str) -> None:
        step()
        super().delete_password(service, username)
        self._keep()

    def _keep(self) -> None:
        self.path.write_text(json.dumps({"\n".join(key): value for key, value in self.entries.items()}))


class Steps:
    """Changes of anything that stays: the process may die right before one."""

    taken = 0
    kill_at = 0


def step() -> None:
    Steps.taken += 1
    if Steps.taken == Steps.kill_at:
        os.kill(os.getpid(), signal.SIGKILL)


def counting(change: Callable[..., Any]) -> Callable[..., Any]:
    def counted(*arguments: Any, **options: Any) -> Any:
        step()
        return change(*arguments, **options)

    return counted


async def opened(folder: Path, store: str) -> CredentialVault:
    if store == "keyring":
        return CredentialVault(KeyringStore(FileBackend(folder / "keyring.json")), folder=folder / "config")
    vault = CredentialVault(folder=folder / "config")
    await vault.use_encrypted_file(PASSWORD)
    return vault


async def act(vault: CredentialVault, action: str) -> None:
    match action:
        case "long":
            await vault.save(*NAME, LONG)
        case "short":
            await vault.save(*NAME, SHORT)
        case "delete":
            await vault.delete(*NAME)
        case profile:
            await vault.save("binance", "testnet", profile, {"apiKey": profile * 3, "apiSecret": profile * 9})


async def main() -> None:
    folder, store, at, *actions = sys.argv[1:]
    vault = await opened(Path(folder), store)
    for action in actions[:-1]:
        await act(vault, action)
    Steps.taken, Steps.kill_at = 0, int(at)
    os.replace = counting(os.replace)
    os.fsync = counting(os.fsync)
    await act(vault, actions[-1])
    print(Steps.taken)


if __name__ == "__main__":
    asyncio.run(main())
