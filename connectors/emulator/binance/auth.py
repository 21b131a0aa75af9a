"""Who sends a request, and whether the venue believes it: key, signature, time window."""

import hashlib
import hmac
import re
from collections.abc import Mapping

from connectors.emulator.accounts import Accounts, ApiKey
from connectors.emulator.binance.errors import (
    AHEAD,
    BAD_KEY,
    BAD_KEY_FORMAT,
    BAD_SIGNATURE,
    LONG_WINDOW,
    STALE,
    VenueRefusal,
    illegal,
    missing,
)
from connectors.emulator.binance.params import Params

_KEY_FORMAT = re.compile(r"[A-Za-z0-9-]{1,64}")
_SIGNATURE = re.compile(r"(^|&)signature=([^&]*)")
_WINDOW = re.compile(r"\d{1,5}(\.\d{1,3})?")
DEFAULT_WINDOW_MS = 5_000
_LONGEST_WINDOW_MS = 60_000
_AHEAD_MS = 1_000
_MICROSECONDS = 10**14
"""A time above this is in microseconds."""


def signature_of(payload: str, secret: str) -> str:
    """HMAC-SHA256 in hexadecimal."""
    return hmac.new(secret.encode(), payload.encode(), hashlib.sha256).hexdigest()


def rest_payload(query: str, body: str) -> tuple[str, str | None]:
    """What a REST request's signature is over, and the signature: query and body as sent, without it."""
    found: list[str] = []

    def take(match: re.Match[str]) -> str:
        found.append(match[2])
        return ""

    payload = "".join(_SIGNATURE.sub(take, part).removeprefix("&") for part in (query, body))
    return payload, found[0] if found else None


def ws_payload(params: Mapping[str, str]) -> str:
    """What a WebSocket API request's signature is over: sorted by name, not percent-encoded."""
    return "&".join(f"{name}={params[name]}" for name in sorted(params) if name != "signature")


def identify(accounts: Accounts, name: str | None) -> ApiKey:
    """The key of that name. Raises the venue's refusal where it is malformed or unknown."""
    if not name or not _KEY_FORMAT.fullmatch(name):
        raise VenueRefusal(*BAD_KEY_FORMAT, status=401)
    key = accounts.key(name)
    if key is None:
        raise VenueRefusal(*BAD_KEY, status=401)
    return key


def check_time(params: Params, now: int) -> None:
    """The venue's rule: `timestamp < now + 1000` and `now - timestamp <= recvWindow`, in milliseconds."""
    timestamp = params.integer("timestamp")
    if timestamp is None:
        raise missing("timestamp")
    sent = timestamp / 1_000 if timestamp > _MICROSECONDS else timestamp
    window = params.optional("recvWindow") or str(DEFAULT_WINDOW_MS)
    if not _WINDOW.fullmatch(window):
        raise illegal("recvWindow", r"^\d{1,5}(\.\d{1,3})?$")
    if float(window) > _LONGEST_WINDOW_MS:
        raise VenueRefusal(*LONG_WINDOW)
    if sent >= now + _AHEAD_MS:
        raise VenueRefusal(*AHEAD)
    if now - sent > float(window):
        raise VenueRefusal(*STALE)


def check_signature(key: ApiKey, payload: str, signature: str | None) -> None:
    if not signature:
        raise missing("signature")
    if not hmac.compare_digest(signature_of(payload, key.secret), signature.lower()):
        raise VenueRefusal(*BAD_SIGNATURE)


def check_right(key: ApiKey, *, trade: bool) -> None:
    if trade and not key.can_trade:
        raise VenueRefusal(*BAD_KEY, status=401)
