"""Are the values typed for an entry's credential fields of a form that can be right? No error quotes a value."""

import hashlib
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from catalog.model import CatalogEntry, CredentialField
from catalog.text import clean
from connectors.contracts.credentials import Credentials, Secret
from connectors.contracts.errors import InvalidCredentials, MissingCredentials

LONGEST = 32_768

_INVISIBLE_ENDS = " \t\r\n\v\f\u00a0\u200b\u2060\ufeff"
_PEM = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----\s[A-Za-z0-9+/=\s:,.-]*?-----END \1-----\s*")
_SCHEMES = ("http", "https", "ws", "wss", "tcp")
_SECRET_KEY = re.compile(r"pass|secret|pin$|private|seed|phrase", re.IGNORECASE)


def validated(
    entry: CatalogEntry, values: Mapping[str, str | Secret], *, all_required: bool = True
) -> Credentials:
    """The values with the white space of pasting stripped, empty ones left out.

    Raises `InvalidCredentials` for an unknown field or an impossible form, `MissingCredentials` with the labels of
    required fields that are empty.
    """
    by_key = {field.key: field for field in entry.credentials}
    for key in values:
        if key not in by_key:
            known = ", ".join(by_key) or "none"
            raise InvalidCredentials(f"{entry.display_name} has no credential '{clean(key)}'; it has {known}")
    read: dict[str, Secret] = {}
    for key, field in by_key.items():
        given = values.get(key)
        if given is None:
            continue
        secret = _tidied(given if isinstance(given, Secret) else Secret(given), field)
        if secret:
            if fault := _fault(secret, field):
                raise InvalidCredentials(f"{field.label} {fault}")
            read[key] = secret
    missing = [field.label for field in entry.required_credentials if field.key not in read]
    if missing and all_required:
        raise MissingCredentials(entry.display_name, missing)
    return Credentials(read)


def key_fingerprint(entry: CatalogEntry, credentials: Credentials) -> str | None:
    """The first 8 hex digits of the SHA-256 of the API key: enough to tell two keys apart, never made of a secret."""
    for field in entry.credentials:
        named_secret = _SECRET_KEY.search(field.key)
        if field.type in ("text", "password") and not named_secret and field.key in credentials:
            return hashlib.sha256(credentials.value(field.key).encode()).hexdigest()[:8]
    return None


def _tidied(secret: Secret, field: CredentialField) -> Secret:
    if "-----BEGIN" in secret.reveal() and "\\n" in secret.reveal():
        # A PEM key copied out of a JSON file.
        secret = Secret(secret.reveal().replace("\\r", "").replace("\\n", "\n").strip('"'))
    tidied = secret.reveal().strip(_INVISIBLE_ENDS)
    return Secret(
        tidied.replace("\r\n", "\n").replace("\r", "\n") if field.type in ("multiline", "file") else tidied
    )


def _fault(secret: Secret, field: CredentialField) -> str | None:
    value = secret.reveal()
    if len(value) > LONGEST:
        return "is too long"
    if any("\ud800" <= char <= "\udfff" or (ord(char) < 32 and char not in "\n\t") for char in value):
        return "holds characters that cannot be typed: copy it again"
    if field.type not in ("multiline", "file") and any(char in value for char in "\n\t"):
        return "must be one line"
    if field.type == "url":
        return _url_fault(value)
    if "-----BEGIN" in value and not _PEM.fullmatch(value):
        return "is not a whole PEM key: copy it from '-----BEGIN' to the end of its last line"
    return None


def _url_fault(value: str) -> str | None:
    try:
        parts = urlsplit(value)
        sound = parts.scheme in _SCHEMES and bool(parts.hostname) and parts.port != 0 and " " not in value
    except ValueError:
        sound = False
    return None if sound else f"is not a URL ({', '.join(_SCHEMES)}://host...)"
