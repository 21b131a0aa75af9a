"""Are the values typed for an entry's credential fields of a form that can be right? No error quotes a value."""

import hashlib
import re
from collections.abc import Mapping

from catalog.model import CatalogEntry, CredentialField
from catalog.text import clean
from connectors.contracts.credentials import Credentials, Secret
from connectors.contracts.errors import InvalidCredentials, MissingCredentials
from connectors.runtime.pasted_values import tidied

_PUBLIC_KEY = re.compile(
    r"(?i)(account|wallet|client|user|comp|party|tiger|application|team)?_?(id|name|number|address)"
    r"|.*(account|compid|counterpartyid|clientid|userid|username|address)"
    r"|login|server|portfolio|identifier|email|(callback|redirect|gateway)url"
)
_SECRET_KEY = re.compile(r"pass|secret|pin$|private|seed|phrase", re.IGNORECASE)


def validated(
    entry: CatalogEntry, values: Mapping[str, str | Secret], *, all_required: bool = True
) -> Credentials:
    """The values as they are meant (`tidied`), empty ones left out.

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
        secret, fault = tidied(field, given if isinstance(given, Secret) else Secret(given))
        if fault is not None:
            raise InvalidCredentials(f"{field.label} {fault}")
        if secret:
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


def is_public(field: CredentialField) -> bool:
    """Whether a field names an account or a place: it is shown as typed, and hiding it would hide what is no secret."""
    return field.type in ("text", "url") and is_public_key(field.key)


def is_public_key(key: str) -> bool:
    """As `is_public`, where only the field's key is known."""
    return _PUBLIC_KEY.fullmatch(key) is not None and not _SECRET_KEY.search(key)
