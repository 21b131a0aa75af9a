"""What the screens work with: the catalog and the manager, loaded after the first paint."""

import gc
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from catalog.catalog import Catalog
    from connectors.runtime.manager import ExchangeManager


@dataclass(frozen=True, slots=True)
class Services:
    catalog: "Catalog"
    manager: "ExchangeManager"


ServicesLoader = Callable[[], Callable[[], Services]]
"""Called in a thread; what it returns is called in the event loop."""


def load_services() -> Callable[[], Services]:
    """Import the rest of the program and read the catalog."""
    from catalog.catalog import Catalog  # noqa: PLC0415 - after the first paint
    from connectors.runtime.hardening import harden  # noqa: PLC0415
    from connectors.runtime.manager import ExchangeManager  # noqa: PLC0415
    from connectors.runtime.vault import CredentialVault  # noqa: PLC0415

    harden()
    catalog = Catalog.load()
    gc.collect()
    gc.freeze()
    return lambda: Services(catalog, ExchangeManager(catalog, CredentialVault()))
