"""Binance's two signatures.

REST signs the query exactly as it is sent, percent-encoded (required since 2026-01-15), the signature last; the
WebSocket API signs its parameters sorted by name and not encoded. Both are hex HMAC-SHA256 here.
"""

import re
from collections.abc import Mapping, Sequence
from urllib.parse import quote, urlencode

from connectors.contracts.credentials import Credentials, Signer
from connectors.contracts.errors import InvalidCredentials, MissingCredentials

KEY_FIELD = "apiKey"
SECRET_FIELD = "apiSecret"  # noqa: S105 (the field's name)
LABELS = {KEY_FIELD: "API Key", SECRET_FIELD: "API Secret"}

RECEIVE_WINDOW_MS = 5_000

_HEADER_VALUE = re.compile(r"[\x21-\x7e]{1,512}")


def encoded(params: Sequence[tuple[str, str]]) -> str:
    """The query of a REST call. Only unreserved characters stay as they are, so no library re-encodes it."""
    return urlencode(params, quote_via=quote, safe="")


def rest_signature(payload: str, sign: Signer) -> str:
    """The signature of a query (and body) that is already percent-encoded."""
    return sign(payload.encode("ascii")).hex()


def signed_query(params: Sequence[tuple[str, str]], sign: Signer) -> str:
    """The query with its signature, which must be last."""
    query = encoded(params)
    return f"{query}&signature={rest_signature(query, sign)}"


def ws_payload(params: Mapping[str, str | int]) -> bytes:
    """What the WebSocket API has signed: every parameter but the signature itself, sorted, not encoded."""
    return "&".join(f"{name}={params[name]}" for name in sorted(params) if name != "signature").encode()


def ws_signature(params: Mapping[str, str | int], sign: Signer) -> str:
    return sign(ws_payload(params)).hex()


class ApiKey:
    """A key and the signer of its secret; the secret itself stays inside the signer."""

    __slots__ = ("_credentials", "_sign")

    def __init__(self, credentials: Credentials) -> None:
        missing = [label for name, label in LABELS.items() if name not in credentials]
        if missing:
            raise MissingCredentials("Binance", missing)
        # A key with a line break would be refused deep in the HTTP library, by an error that quotes it.
        if _HEADER_VALUE.fullmatch(credentials.value(KEY_FIELD)) is None:
            raise InvalidCredentials("the API Key holds spaces or characters that no key has: copy it again")
        self._credentials = credentials
        self._sign = credentials.hmac_sha256(SECRET_FIELD)

    @property
    def key(self) -> str:
        """The API key, for the header or parameter that carries it."""
        return self._credentials.value(KEY_FIELD)

    def signed_query(self, params: Sequence[tuple[str, str]], now_ms: int) -> str:
        """The whole query of a signed REST call at the venue's time `now_ms`."""
        stamped = (*params, ("recvWindow", str(RECEIVE_WINDOW_MS)), ("timestamp", str(now_ms)))
        return signed_query(stamped, self._sign)

    def ws_params(self, params: Mapping[str, str | int], now_ms: int) -> dict[str, str | int]:
        """The parameters of a signed WebSocket API call: these, the key, the time and the signature."""
        stamped: dict[str, str | int] = {
            **params,
            "apiKey": self.key,
            "recvWindow": RECEIVE_WINDOW_MS,
            "timestamp": now_ms,
        }
        return {**stamped, "signature": ws_signature(stamped, self._sign)}

    def __repr__(self) -> str:
        return "ApiKey(***)"
