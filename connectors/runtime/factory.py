"""Makes a connector's bundle from its entry point. Nothing of it is imported before it is asked for."""

import inspect
from typing import Any, cast

from catalog.catalog import Catalog
from catalog.model import CONTRACT_VERSION, CatalogEntry
from catalog.registrations import OWN_DISTRIBUTION
from connectors.contracts.errors import BarfinexError, BrokenConnector, ComingSoon, UnknownConnector
from connectors.contracts.services import ConnectorContext, ConnectorFactory, ExchangeConnectorBundle
from connectors.runtime.completeness import missing_parts
from connectors.runtime.data_only import refuse_orders
from connectors.runtime.foreign import describe, pass_ours


class ExchangeConnectorFactory:
    """The boundary behind which a connector's code runs: whatever goes wrong there is a `BrokenConnector` here."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._loaded: dict[str, ConnectorFactory] = {}

    def entry(self, connector_type: str) -> CatalogEntry:
        """The catalog entry of a connector that has code.

        Raises `UnknownConnector`, `ComingSoon`, or `BrokenConnector` where its manifest is broken.
        """
        entry = self._catalog.get(connector_type)
        if (entry is None or not entry.has_code) and (fault := self._catalog.fault(connector_type)):
            raise BrokenConnector(connector_type, f"{fault.reason}{fault.where}{_of(fault.distribution)}")
        if entry is None:
            raise UnknownConnector(connector_type)
        if not entry.has_code:
            raise ComingSoon(entry.display_name)
        return entry

    def built_in(self, connector_type: str) -> bool:
        """Whether it is the program's own code."""
        return self._catalog.source(connector_type).builtin

    def load(self, connector_type: str) -> ConnectorFactory:
        """Import the connector. It may take long: call it off the event loop. Raises as `create` does."""
        if connector_type in self._loaded:
            return self._loaded[connector_type]
        entry = self.entry(connector_type)
        if entry.contract != CONTRACT_VERSION:
            raise self._broken(
                connector_type,
                f"it was written for contract version {entry.contract}, this release speaks {CONTRACT_VERSION}",
            )
        entry_point = self._catalog.entry_point(connector_type)
        if entry_point is None:
            raise BrokenConnector(connector_type, "no installed package has its code")
        reason = None
        loaded: Any = None
        try:
            loaded = entry_point.load()
        except BaseException as error:  # noqa: BLE001 - a stranger's module may raise anything on import
            pass_ours(error)
            reason = f"{entry_point.value} cannot be imported: {describe(error)}"
        if reason is None and not callable(loaded):
            reason = f"{entry_point.value} is a {type(loaded).__name__}, not a function"
        if reason is not None:
            raise self._broken(connector_type, reason)
        self._loaded[connector_type] = cast("ConnectorFactory", loaded)
        return self._loaded[connector_type]

    def create(self, context: ConnectorContext) -> ExchangeConnectorBundle:
        """A complete bundle for one market. Of a data-only entry the order API refuses every call.

        Raises `UnknownConnector`, `ComingSoon`, `BrokenConnector`, or the connector's own typed error.
        """
        entry = self.entry(context.connector_type)
        make = self.load(context.connector_type)
        made: Any = None
        reason = None
        try:
            made = make(context)
            missing = missing_parts(made)
        except BarfinexError:
            raise
        except BaseException as error:  # noqa: BLE001 - the boundary to a stranger's code
            pass_ours(error)
            reason = f"it failed to start: {describe(error)}"
            missing = []
        if missing:
            if inspect.iscoroutine(made):
                made.close()
            reason = "; ".join(missing)
        if reason is not None:
            raise self._broken(context.connector_type, reason)
        bundle = cast("ExchangeConnectorBundle", made)
        return refuse_orders(bundle, entry.display_name) if entry.data_only else bundle

    def _broken(self, connector_type: str, reason: str) -> BrokenConnector:
        return BrokenConnector(connector_type, reason + _of(self._catalog.source(connector_type).package))


def _of(package: str) -> str:
    return f" (of the package {package})" if package not in ("", OWN_DISTRIBUTION) else ""
