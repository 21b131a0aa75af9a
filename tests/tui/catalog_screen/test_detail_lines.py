"""What the details panel says of an entry, line by line."""

import pytest

from catalog.catalog import Catalog
from catalog.model import CatalogEntry, CredentialField
from connectors.runtime.instances import ConnectorStatus
from tui.widgets.exchange_detail import entry_lines

KEY = CredentialField(key="apiKey", label="API Key", type="text", required=True)


def credential_lines(entry: CatalogEntry) -> list[str]:
    lines = [line.plain for line in entry_lines(entry, ConnectorStatus.INACTIVE, (), None)]
    return lines[lines.index("Credentials") + 1 : lines.index("", lines.index("Credentials"))]


@pytest.mark.parametrize(
    ("fields", "keyless", "said"),
    [
        ((KEY,), True, ["  market data needs none; account calls need:", "  • API Key"]),
        ((KEY,), False, ["  • API Key"]),
        ((), True, ["  none"]),
        ((), False, ["  none"]),
    ],
    ids=["keyless data", "keys for all", "keyless and without an account", "without an account"],
)
def test_credentials_are_said_by_what_they_are_for(
    fields: tuple[CredentialField, ...], keyless: bool, said: list[str]
) -> None:
    entry = Catalog.load().get("binance")
    changed = entry.model_copy(update={"credentials": fields, "keyless_market_data": keyless})
    assert credential_lines(changed) == said
