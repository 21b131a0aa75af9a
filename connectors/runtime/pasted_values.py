"""What a person pastes as a credential, made what was meant where that can be one thing only, else refused.

The one place for it: the wizard, the command line and the manager ask here. No refusal quotes a value.
"""

import re
import unicodedata
from urllib.parse import urlsplit

from catalog.model import CredentialField
from connectors.contracts.credentials import Secret
from connectors.runtime.pasted_pem import pem

LONGEST = 16_384
"""Characters: four times the longest key in use (RSA-4096 as PEM has 3,272)."""
LINE_BREAK = "\u2424"
"""Stands for a line break in a field of one line, so that two values pasted at once do not become one."""
_SHORTEST_KEY = 16
SCHEMES = ("http", "https", "ws", "wss", "tcp")

_ZERO_WIDTH = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_FREE_TEXT = re.compile(r"pass|phrase|pin$|mnemonic|seed|login|name|server|portfolio", re.IGNORECASE)
"""Fields whose value a person made up: blanks, quotes and any letter may be meant."""
_EXPORT = re.compile(
    r"(?:export|set|setx|\$env:)\s*(?P<name>[A-Za-z_][A-Za-z0-9_]*)\s*=\s*(?P<value>.+)", re.DOTALL
)
_ASSIGNED = re.compile(
    r"""["']?(?P<name>[A-Za-z_][A-Za-z0-9_-]*)["']?\s*(?P<sign>[:=])\s*(?P<value>[^=\s].*)""", re.DOTALL
)
_QUOTES = {
    '"': '"',
    "'": "'",
    "`": "`",
    "\u201c": "\u201d",
    "\u2018": "\u2019",
    "\u00ab": "\u00bb",
    "\u201e": "\u201c",
}
_NAME_OF_A_KEY = re.compile(r"key|secret|token|pass|api", re.IGNORECASE)


def tidied(field: CredentialField, given: Secret) -> tuple[Secret, str | None]:
    """The value as it is meant, and what is wrong with it: words that follow the field's label."""
    value = given.reveal()
    if len(value) > LONGEST:
        return given, f"is too long: more than {LONGEST:,} characters"
    if any("\ud800" <= char <= "\udfff" for char in value):
        return given, "holds characters that cannot be typed: copy it again"
    value = value.replace("\r\n", "\n").replace("\r", "\n").strip().strip("\ufeff\u200b\u2060").strip()
    if any(ord(char) < 32 and char not in "\n\t" for char in value) or "\x7f" in value:
        return given, "holds characters that cannot be typed: copy it again"
    if field.type in ("multiline", "file"):
        value, fault = pem(value, private="public" not in field.key.lower())
    elif field.type == "url":
        fault = _url_fault(value)
    else:
        value, fault = _one_line(field, value.strip(LINE_BREAK).replace(LINE_BREAK, "\n").strip())
    return Secret(value), fault if value else None


def pasted_line(text: str) -> str:
    """What a field of one line takes of a paste.

    A line break is kept, to be seen and told when the field is read, where the pieces may be values by themselves.
    """
    pieces = [piece.strip() for piece in text.strip("\ufeff").strip().splitlines()]
    return ("" if _one_value(pieces) else LINE_BREAK).join(pieces)


def _one_value(pieces: list[str]) -> bool:
    """Whether they are one value that was broken: no two of them are long enough to be keys by themselves."""
    return sum(len(piece) >= _SHORTEST_KEY for piece in pieces) <= 1


def _one_line(field: CredentialField, value: str) -> tuple[str, str | None]:
    if "-----BEGIN" in value or "-----END" in value:
        return (
            value,
            "is a PEM key, and here a key of one line goes: choose HMAC where the venue makes the key",
        )
    free = _FREE_TEXT.search(field.key) is not None
    value, fault = _unassigned(field, value, free=free)
    if fault is not None:
        return value, fault
    if "\n" in value:
        return value, "must be one line: paste one value at a time"
    if free:
        return _ZERO_WIDTH.sub("", value), None
    return _key(field, value)


def _unassigned(field: CredentialField, value: str, *, free: bool) -> tuple[str, str | None]:
    """Without the `export X=` or `X=` that stood before it in a file, and the quotes around it there."""
    found = _EXPORT.fullmatch(value)
    if found is None and not free:
        found = _ASSIGNED.fullmatch(value)
        if found is not None and not _plausible(found["name"], found["sign"], field):
            found = None
    if found is not None:
        if _names_another(found["name"], field):
            return value, "is the line of another value: compare its name"
        value = found["value"].strip()
    elif free:
        return value, None
    if not free or found is not None:
        value = value.rstrip(",;").rstrip() if value[:1] in _QUOTES else value
        closing = _QUOTES.get(value[:1])
        if closing is not None and len(value) > 1 and value.endswith(closing):
            value = value[1:-1].strip()
    return value, None


def folded(name: str) -> str:
    """A name without what its writers differ in: `apiKey`, `API_KEY` and `api-key` are one."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _plausible(name: str, sign: str, field: CredentialField) -> bool:
    """Whether what stands before the sign is a name; before a colon, which a key may hold, only the field's own."""
    return folded(name).endswith(folded(field.key)) or (
        sign == "=" and _NAME_OF_A_KEY.search(name) is not None
    )


def _names_another(name: str, field: CredentialField) -> bool:
    """Whether a line's name says that it is a secret's and the field is none, or the other way about."""
    secret = re.compile(r"secret|private|pass", re.IGNORECASE)
    return bool(secret.search(name)) != bool(secret.search(field.key)) and bool(
        secret.search(name) or re.search(r"key|id$", name, re.IGNORECASE)
    )


def _key(field: CredentialField, value: str) -> tuple[str, str | None]:
    value = _ZERO_WIDTH.sub("", value)
    if not value.isascii():
        # Full-width letters, of which each stands for one of ASCII.
        value = "".join(
            unicodedata.normalize("NFKC", char) if "\uff01" <= char <= "\uff5e" else char for char in value
        )
    if value.startswith("{") and value.endswith("}"):
        return value, "is a JSON object: paste only the value"
    if any(char.isspace() for char in value):
        if not _one_value(value.split()):
            return value, "has a blank inside: copy it again, or one value at a time"
        value = "".join(value.split())
    if any(char in value for char in "\"'`\u201c\u201d\u2018\u2019\u00ab\u00bb\u201e"):
        return value, "has a quotation mark that does not belong to it"
    if field.type == "password" or re.search(r"key|token", field.key, re.IGNORECASE):
        for place, char in enumerate(value, start=1):
            if not char.isascii():
                return value, f"has a character no key has, the {place}. one: it may only look like another"
    return value, None


def _url_fault(value: str) -> str | None:
    try:
        parts = urlsplit(value)
        sound = parts.scheme in SCHEMES and bool(parts.hostname) and parts.port != 0
        sound = sound and not any(char.isspace() for char in value)
    except ValueError:
        sound = False
    return None if sound else "is not a URL: it must be a URL such as https://localhost:5000"
