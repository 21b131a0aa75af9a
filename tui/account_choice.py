"""Whose stored credentials an activation uses, and their store opened: asked for only where it is not clear."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.screens.choice import Choice, ChoiceScreen
from tui.screens.unlock import UnlockScreen

if TYPE_CHECKING:
    from catalog.model import CatalogEntry
    from connectors.contracts.credentials import Secret
    from connectors.runtime.credential_index import StoredCredentials
    from tui.app import BarfinexApp

WITHOUT = ""
"""The choice of no profile; a profile's name is never empty."""
ENCRYPTED_FILE = "encrypted-file"


@dataclass(frozen=True, slots=True)
class Account:
    """The profile to use; `None`: whatever there is without one. `keyless`: on purpose without credentials."""

    profile: str | None = None
    keyless: bool = False


async def account(app: "BarfinexApp", entry: "CatalogEntry", environment: str) -> Account | None:
    """`None` where the person left it. Raises `SecretStoreError` where the list cannot be read and a key is needed."""
    from connectors.contracts.errors import SecretStoreError  # noqa: PLC0415 - after the first paint

    services = app.services
    if services is None or not entry.credentials:
        return Account()
    vault = services.manager.vault
    try:
        records = await vault.list()
    except SecretStoreError as error:
        if not entry.keyless_market_data:
            raise
        app.notify(f"{error}. Market data only.", title="Stored credentials", severity="warning")
        return Account(keyless=True)
    if vault.index_problem:
        app.notify(vault.index_problem, title="Stored credentials", severity="warning", timeout=10)
    newest: dict[str, StoredCredentials] = {}
    for record in sorted(records, key=lambda record: record.created):
        if (record.connector_type, record.environment) == (entry.connector_type, environment):
            newest[record.profile] = record
    if not newest:
        return Account()
    profile = await _profile(app, entry, environment, sorted(newest))
    if profile is None:
        return None
    if profile == WITHOUT:
        return Account(keyless=True)
    if newest[profile].store != ENCRYPTED_FILE or vault.is_open(ENCRYPTED_FILE):
        return Account(profile)

    async def unlock(password: "Secret") -> None:
        await vault.open_encrypted_file(password)

    without = "market data only" if entry.keyless_market_data else "does not connect"
    needed_for = (
        f"The credentials of {entry.display_name} ({environment}, {profile}) are in {vault.encrypted_file}."
    )
    if await app.push_screen_wait(UnlockScreen(unlock, needed_for=needed_for, without=without)):
        return Account(profile)
    if entry.keyless_market_data:
        return Account(keyless=True)
    app.notify(f"{entry.display_name} needs its credentials, and they stayed locked.", severity="warning")
    return None


async def _profile(
    app: "BarfinexApp", entry: "CatalogEntry", environment: str, profiles: list[str]
) -> str | None:
    if len(profiles) == 1:
        return profiles[0]
    choices = [Choice(profile, profile) for profile in profiles]
    if entry.keyless_market_data:
        choices.append(Choice(WITHOUT, "without credentials: market data only"))
    title = f"{entry.display_name} on {environment}: whose credentials?"
    return await app.push_screen_wait(ChoiceScreen(title, choices))
