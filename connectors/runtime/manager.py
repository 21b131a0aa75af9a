"""Activates and deactivates connectors, and keeps what is running."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from catalog.catalog import Catalog
from catalog.model import LOCAL, CatalogEntry, MarketType
from connectors.contracts.credentials import Credentials
from connectors.contracts.errors import (
    NotActive,
    UnknownConnector,
    UsageError,
)
from connectors.contracts.orders import AccountInfo
from connectors.contracts.services import ExchangeConnectorBundle, WireTap
from connectors.runtime.account_words import shown
from connectors.runtime.activation import (
    Request,
    Slot,
    checked_environment,
    checked_market,
    failure_text,
    guarded,
    make_bundle,
    now_ms,
)
from connectors.runtime.credential_fields import key_fingerprint, validated
from connectors.runtime.credential_index import StoredCredentials
from connectors.runtime.factory import ExchangeConnectorFactory
from connectors.runtime.foreign import describe
from connectors.runtime.instances import ConnectorStatus, Instance, overall_status
from connectors.runtime.local_venues import LocalVenues
from connectors.runtime.market_endpoints import of_market
from connectors.runtime.package_identity import PackageNotAllowed, package_identity
from connectors.runtime.reauthentication import (
    conceal,
    reauthenticate,
    take_back,
    taken_away,
    with_stored_credentials,
)
from connectors.runtime.registry import ExchangeConnectorRegistry, destroy_bundle, registry_key
from connectors.runtime.renewal import keep_renewed
from connectors.runtime.vault import CredentialVault

log = logging.getLogger(__name__)

READY_TIMEOUT_MS = 10_000
READY_MARGIN = 5.0
"""Seconds beyond its timeout after which a connector is not waited for."""
STOP_SECONDS = 5.0
"""Seconds that the end of an activation is waited for."""

Listener = Callable[[], None]
Markets = Iterable[MarketType | str]


class ExchangeManager:
    """Every method belongs to the event loop it was first used in."""

    def __init__(
        self, catalog: Catalog, vault: CredentialVault, *, ready_timeout_ms: int = READY_TIMEOUT_MS
    ) -> None:
        self.catalog = catalog
        self.vault = vault
        self._ready_timeout_ms = ready_timeout_ms
        self._factory = ExchangeConnectorFactory(catalog)
        self._registry = ExchangeConnectorRegistry()
        self._local = LocalVenues(self._notice)
        self._slots: dict[str, Slot] = {}
        self._listeners: list[Listener] = []
        self._tell_notice: Callable[[str], None] | None = None
        self._closed = False

    # --- what is running -------------------------------------------------------------------------------------------

    def instances(self) -> list[Instance]:
        return [slot.instance() for slot in self._slots.values()]

    def instance(self, connector_type: str, market_type: MarketType | str) -> Instance | None:
        slot = self._slots.get(f"{connector_type}:{market_type}")
        return slot.instance() if slot is not None else None

    def entry_status(self, connector_type: str) -> ConnectorStatus:
        """Over the entry's instances: the first of ERROR, ACTIVE, CONNECTING, RECONNECTING, else INACTIVE."""
        return overall_status({slot.instance().status for slot in self._slots_of(connector_type)})

    def bundle(self, connector_type: str, market_type: MarketType | str) -> ExchangeConnectorBundle:
        """Raises `NotActive`, with the reason where its activation failed."""
        slot = self._slots.get(f"{connector_type}:{market_type}")
        if slot is None or slot.bundle is None or slot.status is not ConnectorStatus.ACTIVE:
            raise NotActive(connector_type, str(market_type), slot.error if slot is not None else None)
        return slot.bundle

    def add_listener(self, callback: Listener) -> Callable[[], None]:
        """`callback` is called, in the event loop, after every change of a state; what is returned removes it."""
        self._listeners.append(callback)

        def remove() -> None:
            if callback in self._listeners:
                self._listeners.remove(callback)

        return remove

    def on_notice(self, tell: Callable[[str], None]) -> None:
        """`tell` is called, in the event loop, with what no state shows: a local exchange that was started again."""
        self._tell_notice = tell

    def _notice(self, text: str) -> None:
        if self._tell_notice is not None:
            self._tell_notice(text)

    # --- activation --------------------------------------------------------------------------------------------------

    async def activate(
        self,
        connector_type: str,
        market_types: Markets,
        *,
        environment: str,
        profile: str = "main",
        credentials: Mapping[str, str] | Credentials | None = None,
        endpoints: Mapping[str, str] | None = None,
        tap: WireTap | None = None,
    ) -> list[Instance]:
        """Connect markets of one connector and wait until each is ACTIVE or ERROR; those are returned.

        One that was deactivated meanwhile comes back STOPPING or INACTIVE.

        Without `credentials` the profile's stored ones are used; given ones are used and not stored. `endpoints`
        take the place of the environment's URLs (`futures_rest` that of futures alone); `tap` hears what goes over
        the wires. A pair that is active already is left as it is.
        Raises, before anything changes: `UnknownConnector`, `BrokenConnector`, `ComingSoon`, `UnsupportedMarket`,
        `UnsupportedEnvironment`, `InvalidCredentials`, `MissingCredentials`, a `SecretStoreError` where stored
        credentials are needed and cannot be read, `UsageError` where the pair runs in another environment.
        """
        entry = self._factory.entry(connector_type)
        markets = tuple(dict.fromkeys(checked_market(entry, market) for market in market_types))
        if not markets:
            raise UsageError(f"name a market of {entry.display_name} to activate")
        checked_environment(entry, environment, markets)
        self._check_running(entry, markets, environment, profile)
        base = Request(entry, markets[0], environment, profile, None, endpoints, tap=tap)
        if credentials is not None:
            given = validated(
                entry, credentials, all_required=bool(credentials) or not entry.keyless_market_data
            )
            conceal(entry, given)
            base = replace(base, credentials=given)
        elif any(self._running(connector_type, market) is None for market in markets):
            base = await with_stored_credentials(base, self.catalog, self.vault)
        # The store was awaited: what it took may have let another call in.
        self._check_running(entry, markets, environment, profile)
        if self._closed:
            raise UsageError("the exchange manager is closed")
        if base.credentials and credentials is not None:
            running = [self._running(connector_type, market) for market in markets]
            await reauthenticate(
                [slot for slot in running if slot is not None and slot.bundle is not None], base.credentials
            )
        slots = [self._start(replace(base, market_type=market)) for market in markets]
        await asyncio.gather(*(self._wait(slot) for slot in slots))
        return [slot.instance() for slot in slots]

    async def deactivate(self, connector_type: str, market_types: Markets | None = None) -> None:
        """Tear down the connector's pairs, all of them where no market is named. Raises `UnknownConnector`."""
        if self.catalog.get(connector_type) is None and not any(self._slots_of(connector_type)):
            raise UnknownConnector(connector_type)
        wanted = None if market_types is None else {str(market) for market in market_types}
        await asyncio.gather(
            *(
                self._stop(slot)
                for slot in self._slots_of(connector_type)
                if wanted is None or slot.request.market_type.value in wanted
            )
        )

    async def close(self) -> None:
        """Tear down everything, and stop the emulators that were started here."""
        self._closed = True
        await asyncio.gather(*(self._stop(slot) for slot in tuple(self._slots.values())))
        await self._local.close()

    # --- credentials -------------------------------------------------------------------------------------------------

    async def test_credentials(
        self,
        connector_type: str,
        *,
        environment: str,
        credentials: Mapping[str, str] | Credentials,
        market_type: MarketType | str | None = None,
        endpoints: Mapping[str, str] | None = None,
    ) -> AccountInfo:
        """Make a signed, read-only call with credentials that are stored nowhere; nothing of it stays.

        Raises the errors of `activate`, and the venue's refusal.
        """
        entry = self._factory.entry(connector_type)
        market = checked_market(entry, market_type or entry.supported_markets[0])
        checked_environment(entry, environment, (market,))
        credentials = validated(entry, credentials)
        conceal(entry, credentials)
        request = Request(entry, market, environment, "test", credentials, endpoints)
        bundle = await make_bundle(self._factory, request, await self._endpoints(request))
        try:
            await self._ready(connector_type, bundle)
            return shown(await guarded(connector_type, bundle.account_api.get_account_info()))
        finally:
            await destroy_bundle(bundle, f"{connector_type}:{market.value} (test)")

    async def save_credentials(
        self,
        connector_type: str,
        environment: str,
        profile: str,
        values: Mapping[str, str] | Credentials,
        *,
        account: AccountInfo | None = None,
    ) -> StoredCredentials:
        """Store a profile's credentials. Running instances of it are re-authenticated first.

        Where the venue refuses them there, nothing is stored and the instances keep the old ones. `account` is what a
        test of them found, kept as a label.
        """
        entry = self._entry(connector_type)
        checked_environment(entry, environment, ())
        values = validated(entry, values)
        conceal(entry, values)
        seen = shown(account) if account is not None else None
        slots = self._slots_with(connector_type, environment, profile)
        before = [(slot, slot.request.credentials) for slot in slots]
        package = await package_identity(self.catalog, connector_type)
        await reauthenticate(slots, values)
        self._tell()
        try:
            return await self.vault.save(
                connector_type,
                environment,
                profile,
                values,
                fingerprint=key_fingerprint(entry, values),
                account=seen.account_id if seen else None,
                permissions=seen.permissions if seen else (),
                package=package,
            )
        except BaseException:
            for slot, old in before:
                take_back(slot, old)
            raise

    async def delete_credentials(
        self, connector_type: str, environment: str, profile: str, *, store: str | None = None
    ) -> bool:
        """Delete a profile's credentials; `False` where none were stored. `store`: in that one alone.

        Running instances of it lose them: where market data needs no key they go on without, else they are stopped.
        """
        entry = self._entry(connector_type)
        deleted = await self.vault.delete(connector_type, environment, profile, store=store)
        for slot in self._slots_with(connector_type, environment, profile):
            if entry.keyless_market_data and taken_away(slot):
                continue
            await self._stop(slot)
        return deleted

    def package(self, connector_type: str) -> str:
        """The package that brings a connector, as a person is told of it; empty where it is built in."""
        return self.catalog.source(connector_type).package

    async def package_question(self, connector_type: str, environment: str, profile: str) -> str | None:
        """Why a profile's stored credentials may not be used until the person allows it; `None` where they may."""
        record = await self.vault.find(connector_type, environment, profile)
        if record is None:
            return None
        try:
            (await package_identity(self.catalog, connector_type)).check(record)
        except PackageNotAllowed as question:
            return question.reason
        return None

    async def allow_package(
        self, connector_type: str, environment: str | None = None, profile: str | None = None
    ) -> tuple[StoredCredentials, ...]:
        """Let the package that has the connector now have its stored credentials, or those named: which they are."""
        package = await package_identity(self.catalog, self._factory.entry(connector_type).connector_type)
        return await self.vault.give(package, connector_type, environment, profile)

    async def list_credentials(self) -> tuple[StoredCredentials, ...]:
        return await self.vault.list()

    # --- inside ------------------------------------------------------------------------------------------------------

    def _entry(self, connector_type: str) -> CatalogEntry:
        """Any entry of the catalog, with code or without: its credentials may be kept all the same."""
        entry = self.catalog.get(connector_type)
        return entry if entry is not None else self._factory.entry(connector_type)

    def _slots_of(self, connector_type: str) -> list[Slot]:
        return [slot for slot in self._slots.values() if slot.request.entry.connector_type == connector_type]

    def _slots_with(self, connector_type: str, environment: str, profile: str) -> list[Slot]:
        return [
            slot
            for slot in self._slots_of(connector_type)
            if (slot.request.environment, slot.request.profile) == (environment, profile)
            and slot.status is ConnectorStatus.ACTIVE
        ]

    def _running(self, connector_type: str, market: MarketType) -> Slot | None:
        """The pair's slot while it is ACTIVE or on its way there."""
        slot = self._slots.get(registry_key(connector_type, market))
        going = (ConnectorStatus.ACTIVE, ConnectorStatus.CONNECTING)
        return slot if slot is not None and slot.status in going else None

    def _check_running(
        self, entry: CatalogEntry, markets: Sequence[MarketType], environment: str, profile: str
    ) -> None:
        for market in markets:
            slot = self._running(entry.connector_type, market)
            if slot is None:
                continue
            running = (slot.request.environment, slot.request.profile)
            if running != (environment, profile):
                raise UsageError(
                    f"{entry.display_name} {market.value} is active already in '{running[0]}' with the profile "
                    f"'{running[1]}'; deactivate it first"
                )

    def _start(self, request: Request) -> Slot:
        key = registry_key(request.entry.connector_type, request.market_type)
        running = self._running(request.entry.connector_type, request.market_type)
        if running is not None:
            return running
        earlier = self._slots.get(key)
        slot = Slot(request)
        self._slots[key] = slot
        slot.task = asyncio.create_task(self._connect(slot, earlier), name=f"activate {key}")
        self._tell()
        return slot

    async def _wait(self, slot: Slot) -> None:
        """Wait for the attempt; when the last one who waits is cancelled, so is the attempt."""
        if slot.task is None or slot.status is not ConnectorStatus.CONNECTING:
            return
        slot.waiting += 1
        try:
            await asyncio.wait([slot.task])
        except asyncio.CancelledError:
            if slot.waiting == 1 and slot.status is ConnectorStatus.CONNECTING:
                await self._stop(slot)
            raise
        finally:
            slot.waiting -= 1

    async def _connect(self, slot: Slot, earlier: Slot | None) -> None:
        request = slot.request
        name, market = request.entry.connector_type, request.market_type
        try:
            if earlier is not None and earlier.task is not None:
                await asyncio.wait([earlier.task], timeout=STOP_SECONDS)
            await self._registry.remove(name, market)
            bundle = await make_bundle(self._factory, request, await self._endpoints(request))
            self._registry.add(name, market, bundle)
            await self._ready(name, bundle)
            slot.bundle = bundle
            slot.activated_at = now_ms()
            renewal = keep_renewed(bundle, registry_key(name, market))
            slot.renewal = asyncio.create_task(renewal, name=f"renew {registry_key(name, market)}")
            slot.status = ConnectorStatus.ACTIVE
            log.info(
                "connector=%s market=%s environment=%s state=ACTIVE", name, market.value, request.environment
            )
        except Exception as error:  # noqa: BLE001 - one connector's failure is shown on its instance and harms no other
            await self._registry.remove(name, market)
            slot.error = failure_text(error)
            slot.set_credentials(None)
            slot.status = ConnectorStatus.ERROR
            log.warning("connector=%s market=%s state=ERROR reason=%s", name, market.value, slot.error)
        self._tell()

    async def _stop(self, slot: Slot) -> None:
        request = slot.request
        key = registry_key(request.entry.connector_type, request.market_type)
        slot.status = ConnectorStatus.STOPPING
        self._tell()
        try:
            if slot.task is not None and not slot.task.done():
                slot.task.cancel()
                if not (await asyncio.wait([slot.task], timeout=STOP_SECONDS))[0]:
                    log.warning("connector=%s its activation does not end: abandoned", key)
            await slot.end_renewal(STOP_SECONDS)
            await self._registry.remove(request.entry.connector_type, request.market_type)
        finally:
            if self._slots.get(key) is slot:
                del self._slots[key]
            slot.bundle = None
            slot.set_credentials(None)
            slot.status = ConnectorStatus.INACTIVE
            self._tell()

    async def _ready(self, connector_type: str, bundle: ExchangeConnectorBundle) -> None:
        call = bundle.client.ensure_ready(self._ready_timeout_ms)
        await guarded(connector_type, call, self._ready_timeout_ms / 1000 + READY_MARGIN)

    async def _endpoints(self, request: Request) -> Mapping[str, str]:
        if request.endpoints is not None:
            return of_market(request.endpoints, request.market_type)
        if request.environment == LOCAL:
            return of_market(await self._local.endpoints(request.entry.connector_type), request.market_type)
        return request.entry.environments[request.environment].endpoints(request.market_type)

    def _tell(self) -> None:
        for listener in tuple(self._listeners):
            try:
                listener()
            except Exception as error:  # noqa: BLE001 - a listener's fault must not stop a connector
                log.warning("listener=%s failed: %s", getattr(listener, "__qualname__", "?"), describe(error))
