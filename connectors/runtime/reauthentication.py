"""Other credentials for what is running, and the stored ones for what is about to."""

import logging
from collections.abc import Sequence
from dataclasses import replace

from catalog.catalog import Catalog
from catalog.model import CatalogEntry
from connectors.contracts.credentials import Credentials
from connectors.contracts.errors import BarfinexError
from connectors.runtime.activation import Request, Slot, guarded, set_credentials
from connectors.runtime.credential_fields import is_public, validated
from connectors.runtime.package_identity import package_identity
from connectors.runtime.redaction import add_secret
from connectors.runtime.vault import CredentialVault

log = logging.getLogger(__name__)


async def with_stored_credentials(request: Request, catalog: Catalog, vault: CredentialVault) -> Request:
    """`request` with the profile's stored credentials.

    Where market data needs none, whatever goes wrong becomes the request's notice; else it is raised.
    """
    entry = request.entry
    if not entry.credentials:
        return request
    try:
        stored = await stored_credentials(
            catalog, vault, entry.connector_type, request.environment, request.profile
        )
        needed = stored is not None or not entry.keyless_market_data
        return replace(request, credentials=validated(entry, stored or {}, all_required=needed))
    except BarfinexError as error:
        if not entry.keyless_market_data:
            raise
        return replace(request, notice=f"market data only: {error}")


async def stored_credentials(
    catalog: Catalog, vault: CredentialVault, connector_type: str, environment: str, profile: str
) -> Credentials | None:
    """A profile's credentials, for the package that has the connector now; `None` where none are stored.

    Raises `PackageNotAllowed` where they were given to another, or to other files of it.
    """
    name = (connector_type, environment, profile)
    if await vault.find(*name) is None:
        return None
    return await vault.load(*name, package=await package_identity(catalog, connector_type))


async def reauthenticate(slots: Sequence[Slot], credentials: Credentials) -> None:
    """Give running instances new credentials. Where the venue refuses them for one, all keep their old ones."""
    before = [(slot, slot.request.credentials) for slot in slots]
    try:
        for slot in slots:
            give(slot, credentials)
            if slot.bundle is not None:
                await guarded(slot.request.entry.connector_type, slot.bundle.account_api.get_account_info())
    except BaseException:
        for slot, old in before:
            take_back(slot, old)
        raise


def give(slot: Slot, credentials: Credentials | None) -> None:
    slot.set_credentials(credentials)
    if slot.bundle is not None:
        set_credentials(slot.request.entry.connector_type, slot.bundle, credentials)


def taken_away(slot: Slot) -> bool:
    """Take an instance's credentials away; `False` where the connector does not let go of them."""
    try:
        give(slot, None)
    except BarfinexError as error:
        log.warning("connector=%s keeps its credentials: %s", slot.request.entry.connector_type, error)
        return False
    return True


def take_back(slot: Slot, credentials: Credentials | None) -> None:
    """Give an instance what it had; that this fails too must not hide what failed before."""
    try:
        give(slot, credentials)
    except BarfinexError as error:
        log.warning(
            "connector=%s its credentials cannot be taken back: %s", slot.request.entry.connector_type, error
        )


def conceal(entry: CatalogEntry, credentials: Credentials) -> None:
    """Logs, screens and files know what to hide from here on: every value but those that name an account."""
    public = {field.key for field in entry.credentials if is_public(field)}
    for key, secret in credentials.items():
        if key not in public:
            add_secret(secret.reveal())
