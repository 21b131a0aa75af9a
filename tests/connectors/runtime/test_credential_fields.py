import pytest

from catalog.catalog import Catalog
from catalog.model import CatalogEntry, CredentialField
from connectors.contracts import Credentials
from connectors.contracts.errors import InvalidCredentials, MissingCredentials
from connectors.runtime.credential_fields import key_fingerprint, validated

PEM = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIA==\n-----END EC PRIVATE KEY-----"


@pytest.fixture(scope="module")
def entry() -> CatalogEntry:
    binance = Catalog.load().get("binance")
    assert binance is not None
    extra = (
        CredentialField(key="privateKey", label="Private Key", type="multiline", required=False),
        CredentialField(key="gateway", label="Gateway", type="url", required=False),
    )
    return binance.model_copy(update={"credentials": binance.credentials + extra})


BOTH = {"apiKey": "key", "apiSecret": "secret"}


def test_the_white_space_of_pasting_is_stripped(entry: CatalogEntry) -> None:
    read = validated(entry, {"apiKey": "\ufeff  key\r\n", "apiSecret": "secret\u200b\n", "gateway": "  "})
    assert read == Credentials(BOTH)


@pytest.mark.parametrize(
    "pasted",
    [
        PEM,
        PEM.replace("\n", "\r\n") + "\r\n",
        PEM.replace("\n", "\\n") + "\\n",
        '"' + PEM.replace("\n", "\\n") + '"',
    ],
)
def test_a_pem_key_keeps_its_lines_however_it_was_copied(entry: CatalogEntry, pasted: str) -> None:
    assert validated(entry, {**BOTH, "privateKey": pasted}).value("privateKey") == PEM


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"nosuch": "x"}, "Binance has no credential 'nosuch'; it has apiKey, apiSecret"),
        ({"apiSecret": "first\nsecond"}, "API Secret must be one line"),
        ({"apiSecret": "planted\x1b[2J"}, "API Secret holds characters that cannot be typed"),
        ({"apiSecret": "planted\ud800"}, "API Secret holds characters that cannot be typed"),
        ({"apiSecret": "planted" * 10_000}, "API Secret is too long"),
        ({"privateKey": PEM[:-5]}, "Private Key is not a whole PEM key"),
        ({"privateKey": "planted " + PEM}, "Private Key is not a whole PEM key"),
        ({"gateway": "planted"}, "Gateway is not a URL"),
        ({"gateway": "file:///planted"}, "Gateway is not a URL"),
        ({"gateway": "https://[planted"}, "Gateway is not a URL"),
    ],
)
def test_an_impossible_form_is_refused_without_quoting_it(
    entry: CatalogEntry, values: dict[str, str], text: str
) -> None:
    with pytest.raises(InvalidCredentials) as caught:
        validated(entry, BOTH | values)
    assert text in str(caught.value)
    assert "planted" not in str(caught.value)


def test_missing_fields_are_named_by_label(entry: CatalogEntry) -> None:
    with pytest.raises(MissingCredentials) as caught:
        validated(entry, {"apiKey": " \n"})
    assert caught.value.labels == ("API Key", "API Secret")
    assert len(validated(entry, {}, all_required=False)) == 0


def test_the_fingerprint_is_the_keys_never_a_secrets(entry: CatalogEntry) -> None:
    # sha256("key")
    assert key_fingerprint(entry, Credentials(BOTH)) == "2c70e12b"
    assert key_fingerprint(entry, Credentials({"apiSecret": "secret", "privateKey": PEM})) is None
