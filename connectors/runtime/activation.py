"""One pair of connector and market on its way from nothing to ACTIVE, or to ERROR."""

import asyncio
import time
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from catalog.model import LOCAL, CatalogEntry, MarketType
from connectors.contracts.credentials import Credentials
from connectors.contracts.errors import (
    BarfinexError,
    BrokenConnector,
    UnsupportedEnvironment,
    UnsupportedMarket,
    UsageError,
)
from connectors.contracts.services import ConnectionHealth, ConnectorContext, ExchangeConnectorBundle, WireTap
from connectors.runtime.contained import contained
from connectors.runtime.daemon_call import call_in_daemon_thread
from connectors.runtime.factory import ExchangeConnectorFactory
from connectors.runtime.foreign import describe, text_of
from connectors.runtime.instances import ConnectorStatus, Instance

T = TypeVar("T")

CALL_SECONDS = 60.0
"""Beyond any time a connector takes that keeps its own limits."""
IMPORT_TIMEOUT = 30.0
"""Seconds a connector's package may take to import."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be activated: checked, and complete but for the endpoints of a local venue."""

    entry: CatalogEntry
    market_type: MarketType
    environment: str
    profile: str
    credentials: Credentials | None
    endpoints: Mapping[str, str] | None
    notice: str | None = None
    tap: WireTap | None = None


@dataclass(slots=True, eq=False)
class Slot:
    """The live state of one pair."""

    request: Request
    status: ConnectorStatus = ConnectorStatus.CONNECTING
    task: asyncio.Task[None] | None = None
    waiting: int = 0
    """How many calls of `activate` wait for it."""
    bundle: ExchangeConnectorBundle | None = None
    activated_at: int | None = None
    error: str | None = None
    renewal: asyncio.Task[None] | None = None
    """Keeps the instruments new while it is ACTIVE."""

    async def end_renewal(self, seconds: float) -> None:
        """What does not end in time is a stranger's code, and abandoned."""
        renewal, self.renewal = self.renewal, None
        if renewal is not None:
            renewal.cancel()
            await asyncio.wait([renewal], timeout=seconds)

    @property
    def has_credentials(self) -> bool:
        return bool(self.request.credentials)

    def set_credentials(self, credentials: Credentials | None) -> None:
        self.request = replace(self.request, credentials=credentials, notice=None)

    def instance(self) -> Instance:
        """How it is now. RECONNECTING is what the streams say, not a state of its own."""
        status, health = self.status, self._health()
        if status is ConnectorStatus.ACTIVE and any(item.state == "RECONNECTING" for item in health):
            status = ConnectorStatus.RECONNECTING
        bundle = self.bundle
        return Instance(
            connector_type=self.request.entry.connector_type,
            market_type=self.request.market_type,
            environment=self.request.environment,
            profile=self.request.profile,
            status=status,
            activated_at=self.activated_at,
            has_credentials=self.has_credentials,
            subscription_count=sum(len(item.subscriptions) for item in health),
            instrument_count=_count_instruments(bundle) if bundle is not None else 0,
            error=self.error,
            notice=self.request.notice,
            last_heartbeat=self._last_heartbeat(health),
        )

    def _health(self) -> Sequence[ConnectionHealth]:
        if self.bundle is None or self.status is not ConnectorStatus.ACTIVE:
            return ()
        try:
            health = self.bundle.ws.health()
            # Looked at here, where what is no health is caught.
            _ = [(item.state, item.byte_age, len(item.subscriptions)) for item in health]
            return health
        except Exception as error:  # noqa: BLE001 - a stranger's code must not break the list of instances
            self.error = f"its health cannot be read: {describe(error)}"
            return ()

    def _last_heartbeat(self, health: Sequence[ConnectionHealth]) -> int | None:
        ages = [item.byte_age for item in health if item.byte_age is not None]
        return now_ms() - round(min(ages) * 1000) if ages else self.activated_at


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def _count_instruments(bundle: ExchangeConnectorBundle) -> int:
    try:
        return len(bundle.client.instruments)
    except Exception:  # noqa: BLE001 - a stranger's property; before ensure_ready it may raise anything
        return 0


def checked_market(entry: CatalogEntry, market: MarketType | str) -> MarketType:
    """Raises `UnsupportedMarket`."""
    found = next((item for item in entry.supported_markets if item.value == str(market)), None)
    if found is None:
        raise UnsupportedMarket(
            entry.connector_type, str(market), tuple(item.value for item in entry.supported_markets)
        )
    return found


def checked_environment(entry: CatalogEntry, environment: str, markets: Sequence[MarketType]) -> None:
    """Raises `UnsupportedEnvironment`, or `UsageError` where the environment lacks one of the markets."""
    found = entry.environments.get(environment)
    if found is None:
        raise UnsupportedEnvironment(entry.connector_type, environment, tuple(entry.environments))
    for market in markets:
        if environment != LOCAL and found.urls and not found.endpoints(market):
            raise UsageError(
                f"{entry.display_name} has no {market.value} market in its environment '{environment}'"
            )


async def make_bundle(
    factory: ExchangeConnectorFactory, request: Request, endpoints: Mapping[str, str]
) -> ExchangeConnectorBundle:
    """Import the connector off the loop and make its bundle, credentials set. Raises what the factory raises."""
    connector_type = request.entry.connector_type
    try:
        await call_in_daemon_thread(
            lambda: factory.load(connector_type), IMPORT_TIMEOUT, name=f"import-{connector_type}"
        )
    except TimeoutError:
        raise BrokenConnector(connector_type, f"its import took longer than {IMPORT_TIMEOUT:g} s") from None
    bundle = factory.create(
        ConnectorContext(
            connector_type=connector_type,
            market_type=request.market_type,
            environment=request.environment,
            endpoints=endpoints,
            tap=request.tap,
        )
    )
    if not factory.built_in(connector_type):
        bundle = contained(bundle, connector_type)
    if request.credentials:
        set_credentials(connector_type, bundle, request.credentials)
    return bundle


def set_credentials(
    connector_type: str, bundle: ExchangeConnectorBundle, credentials: Credentials | None
) -> None:
    """Raises a typed error, whatever the connector does."""
    reason: str
    try:
        bundle.client.set_credentials(credentials or Credentials({}))
        return
    except BarfinexError:
        raise
    except Exception as error:  # noqa: BLE001 - a stranger's code
        reason = describe(error)
    raise BrokenConnector(connector_type, reason)


async def guarded(connector_type: str, call: Awaitable[T], seconds: float = CALL_SECONDS) -> T:
    """The isolation boundary around a connector's own call: a typed error, or a `BrokenConnector`, comes out.

    It is the connector's to answer in time; after `seconds` it is not waited for any longer.
    """
    reason: str
    limit = asyncio.timeout(seconds)
    try:
        async with limit:
            return await call
    except BarfinexError:
        raise
    except TimeoutError as error:
        reason = f"it did not answer within {seconds:g} s" if limit.expired() else describe(error)
    except Exception as error:  # noqa: BLE001 - a stranger's code
        reason = describe(error)
    raise BrokenConnector(connector_type, reason)


def failure_text(error: BaseException) -> str:
    """What the instance shows of a failed activation."""
    return text_of(error) or describe(error)
