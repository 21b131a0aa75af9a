"""Run as a program: plants secrets, meets every trouble with all logs wide open, and prints what it can get of them."""

import asyncio
import json
import logging
import os
import pickle
import sys
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path

from catalog.catalog import Catalog
from connectors.contracts import Credentials
from connectors.emulator.testing import running_emulator
from connectors.runtime import redaction
from connectors.runtime.hardening import harden
from connectors.runtime.log_file import log_to
from connectors.runtime.manager import ExchangeManager
from connectors.runtime.stores.keyring_store import KeyringStore
from connectors.runtime.stores.session_memory import SessionMemoryStore
from connectors.runtime.vault import CredentialVault
from tests.connectors.runtime.backends import FailsAtBackend, HangingBackend, LockedBackend, RaisingBackend

HOME = Path(os.environ["HOME"])
LIBRARIES = (
    *redaction.WIRE_LOGGERS,
    "asyncio",
    "connectors",
    "catalog",
    "tests",
    "aiohttp",
    "keyring.backend",
)


def planted() -> Credentials:
    """From a file, so that no local, argument or environment variable of the test itself holds them."""
    return Credentials(json.loads((HOME / "planted.json").read_text()))


def show(thing: object) -> None:
    for form in (repr, str, vars, pickle.dumps, lambda x: json.dumps(x, default=vars)):
        try:
            print(form(thing))
        except Exception as error:  # noqa: BLE001 - the refusal is shown too
            print(type(error).__name__, error)


async def trouble(what: str, call: Callable[[], Awaitable[object]]) -> None:
    """Make the call and show its answer, or its error in full: chained errors, and the locals of our frames."""
    try:
        show(await call())
        print(what, "went well")
    except Exception as error:
        print(what, "ended in", type(error).__name__)
        logging.getLogger("tests.canary").exception("what=%s error=%r", what, error, stack_info=True)
        show(error)
        print("".join(traceback.TracebackException.from_exception(error, capture_locals=True).format()))


async def main() -> None:
    asyncio.get_running_loop().set_debug(True)
    (folder := HOME / "config").mkdir()
    catalog = Catalog.load()
    show(planted())

    for store in (RaisingBackend(), LockedBackend(), FailsAtBackend(2), HangingBackend(2)):
        vault = CredentialVault(KeyringStore(store), folder=folder, timeout=0.3)
        await trouble(
            type(store).__name__, lambda vault=vault: vault.save("binance", "local", "main", planted())
        )
        show(vault)
        show(vault.store)
    files = CredentialVault(folder=folder)
    await trouble("encrypted file", lambda: files.use_encrypted_file(planted()["apiSecret"]))
    await trouble("save", lambda: files.save("binance", "local", "main", planted()))
    await trouble(
        "wrong password", lambda: CredentialVault(folder=folder).use_encrypted_file("not the right one")
    )
    show(files.store)

    manager = ExchangeManager(catalog, CredentialVault(SessionMemoryStore(), folder=folder))
    where = {"environment": "local", "credentials": planted()}
    async with running_emulator("binance") as emulator:
        there = {**where, "endpoints": emulator.endpoints}
        await trouble("test", lambda: manager.test_credentials("binance", **there))
        await trouble("activate", lambda: manager.activate("binance", ["spot"], **there))
        await trouble(
            "re-authenticate", lambda: manager.save_credentials("binance", "local", "main", planted())
        )
        bundle = manager.bundle("binance", "spot")
        await trouble("account", bundle.account_api.get_account_info)
        await trouble("assets", bundle.account_api.get_assets_info)
        for part in (manager, manager.vault.store, bundle, bundle.client, bundle.ws, manager.instances()):
            show(part)
        await manager.deactivate("binance")
    nowhere = {"rest": "http://127.0.0.1:1", "ws": "ws://127.0.0.1:1", "ws_api": "ws://127.0.0.1:1"}
    await trouble("no venue", lambda: manager.activate("binance", ["spot"], **where, endpoints=nowhere))
    show(manager.instances())
    for values in (
        {"nosuch": planted().value("apiSecret")},
        {"apiSecret": planted().value("apiSecret") + "\x01"},
    ):
        held = Credentials(values)
        del values
        await trouble(
            "validation", lambda held=held: manager.save_credentials("binance", "local", "main", held)
        )
    await manager.close()

    log = logging.getLogger("httpx")
    for secret in planted().values():
        for level in (logging.DEBUG, logging.WARNING):
            log.log(level, "HTTP Request: GET https://x/?key=%s", secret.reveal())
            logging.getLogger("tests").log(level, "%s", {"headers": [("X-Key", secret.reveal())]})


if __name__ == "__main__":
    harden()
    redaction.install()
    logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)
    log_to(HOME / "logs" / "barfinex.log", logging.DEBUG)
    for name in LIBRARIES:
        logging.getLogger(name).setLevel(logging.DEBUG)
    asyncio.run(main())
    print("end")
