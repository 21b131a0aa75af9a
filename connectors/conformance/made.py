"""A bundle made for a case, and its end."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress

from catalog.model import LOCAL
from connectors.conformance.case import CaseFailed
from connectors.conformance.subject import Subject
from connectors.contracts.services import ConnectorContext, ExchangeConnectorBundle
from connectors.runtime.market_endpoints import of_market

NOWHERE = "127.0.0.1:9"
"""An address that nothing listens at: for bundles that must not connect."""
END_SECONDS = 5.0


def unconnected(subject: Subject) -> ConnectorContext:
    """A context whose addresses lead nowhere, where the emulator names them, and are the manifest's otherwise."""
    environment, endpoints = _endpoints(subject)
    return ConnectorContext(
        connector_type=subject.entry.connector_type,
        market_type=subject.market_type,
        environment=environment,
        endpoints=endpoints,
    )


def _endpoints(subject: Subject) -> tuple[str, Mapping[str, str]]:
    if subject.venue is not None and LOCAL in subject.entry.environments:
        return LOCAL, of_market(subject.venue.endpoints(NOWHERE), subject.market_type)
    for name, environment in subject.entry.environments.items():
        if endpoints := environment.endpoints(subject.market_type):
            return name, endpoints
    return next(iter(subject.entry.environments), LOCAL), {}


@asynccontextmanager
async def made(subject: Subject) -> AsyncGenerator[ExchangeConnectorBundle]:
    """A bundle that is not connected. It is ended afterwards, whatever came of it."""
    bundle = subject.create(unconnected(subject))
    try:
        yield bundle
    finally:
        # How well it ends is for other cases to say.
        with suppress(Exception):
            await ended(bundle)


async def ended(bundle: ExchangeConnectorBundle) -> None:
    """Destroy and close. Raises `CaseFailed` where that takes too long."""
    try:
        async with asyncio.timeout(END_SECONDS):
            await bundle.ws.destroy()
            await bundle.client.close()
    except TimeoutError:
        raise CaseFailed(f"ws.destroy() and client.close() take longer than {END_SECONDS:g} s") from None
