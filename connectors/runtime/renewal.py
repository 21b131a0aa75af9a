"""Renewing the instruments of a running connector: new listings, other steps, markets that stopped."""

import asyncio
import logging

from connectors.contracts.services import ExchangeConnectorBundle
from connectors.runtime.activation import guarded
from connectors.runtime.foreign import describe

log = logging.getLogger(__name__)

RENEW_EVERY = 180.0
"""Seconds between two looks at the list."""


async def keep_renewed(bundle: ExchangeConnectorBundle, name: str, every: float | None = None) -> None:
    """Fetch the list again and again, until cancelled. The client's own list is renewed with it."""
    while True:
        await asyncio.sleep(RENEW_EVERY if every is None else every)
        try:
            await guarded(name, bundle.market_api.get_instruments_info())
        except Exception as error:  # noqa: BLE001 - a connector is anyone's code, and the next look may succeed
            log.info("connector=%s instruments not renewed: %s", name, describe(error))
