"""Which stored credentials a command line means, or the one line that says why that is not clear."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.command_line.problems import BadUsage, say

if TYPE_CHECKING:
    from catalog.model import CatalogEntry
    from connectors.runtime.credential_index import StoredCredentials
    from connectors.runtime.vault import CredentialVault

REAL_MONEY = "live"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line says: `environment` and `store` where it names them."""

    entry: "CatalogEntry"
    profile: str
    environment: str | None = None
    store: str | None = None


async def stored(vault: "CredentialVault", wanted: Wanted) -> "StoredCredentials":
    """The newest record of them. Where no environment is named and only one is stored, it is that one, never live.

    Raises `BadUsage`.
    """
    records = [
        record for record in await vault.list() if record.connector_type == wanted.entry.connector_type
    ]
    mine = [
        record
        for record in records
        if record.profile == wanted.profile
        and wanted.environment in (None, record.environment)
        and wanted.store in (None, record.store)
    ]
    if not mine:
        raise BadUsage(_none_stored(wanted, records))
    environments = sorted({record.environment for record in mine})
    if wanted.environment is None:
        if len(environments) > 1 or environments == [REAL_MONEY]:
            raise BadUsage(
                f"credentials of {wanted.entry.connector_type} {wanted.profile} are stored for "
                f"{', '.join(environments)}: name one with --environment"
            )
        say(f"environment: {environments[0]}, the only one with stored credentials")
    return max(mine, key=lambda record: record.created)


def _none_stored(wanted: Wanted, records: "list[StoredCredentials]") -> str:
    place = f" {wanted.environment}" if wanted.environment else ""
    line = f"no credentials are stored for {wanted.entry.connector_type}{place} {wanted.profile}"
    others = sorted({f"{record.environment} {record.profile}" for record in records})
    return f"{line}; stored are: {', '.join(others)}" if others else line
