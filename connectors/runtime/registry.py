"""The bundles of activated connectors, by `"type:market"`."""

import asyncio
import logging

from catalog.model import MarketType
from connectors.contracts.services import ExchangeConnectorBundle
from connectors.runtime.redaction import redact

log = logging.getLogger(__name__)

DESTROY_TIMEOUT = 5.0
"""Seconds each of the two steps of a bundle's end may take."""


def registry_key(connector_type: str, market_type: MarketType) -> str:
    return f"{connector_type}:{market_type.value}"


class ExchangeConnectorRegistry:
    """Holds each bundle from its making to its end; `remove` ends it."""

    def __init__(self) -> None:
        self._bundles: dict[str, ExchangeConnectorBundle] = {}

    def add(self, connector_type: str, market_type: MarketType, bundle: ExchangeConnectorBundle) -> None:
        """Raises `ValueError` where the pair is taken: an old bundle is ended first, never overwritten."""
        key = registry_key(connector_type, market_type)
        if key in self._bundles:
            raise ValueError(f"{key} is registered already")
        self._bundles[key] = bundle

    def get(self, connector_type: str, market_type: MarketType) -> ExchangeConnectorBundle | None:
        return self._bundles.get(registry_key(connector_type, market_type))

    def keys(self) -> tuple[str, ...]:
        return tuple(self._bundles)

    async def remove(self, connector_type: str, market_type: MarketType) -> None:
        """Take the bundle out and destroy it; nothing happens where there is none."""
        key = registry_key(connector_type, market_type)
        bundle = self._bundles.pop(key, None)
        if bundle is not None:
            await destroy_bundle(bundle, key)


async def destroy_bundle(bundle: ExchangeConnectorBundle, name: str) -> None:
    """End its streams, then its client, each within `DESTROY_TIMEOUT`. A connector that fails at it is logged."""
    for service, step in (("ws", "destroy"), ("client", "close")):
        part = f"{service}.{step}"
        try:
            async with asyncio.timeout(DESTROY_TIMEOUT):
                await getattr(getattr(bundle, service), step)()
        except TimeoutError:
            log.warning("connector=%s step=%s did not end within %g s", name, part, DESTROY_TIMEOUT)
        except Exception as error:  # noqa: BLE001 - a stranger's code; the rest must still be torn down
            log.warning("connector=%s step=%s failed: %s", name, part, redact(repr(error)))
