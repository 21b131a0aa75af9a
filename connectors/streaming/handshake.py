"""What a refused connection says about the next attempt."""

import math

from websockets.exceptions import InvalidHandshake, InvalidStatus, InvalidURI

from catalog.text import clean
from connectors.contracts.errors import BarfinexError, RateLimited
from connectors.streaming.settings import SessionSettings
from connectors.streaming.transport import StreamRefused

CONNECT_ERRORS = (OSError, TimeoutError, InvalidHandshake, InvalidURI, EOFError, BarfinexError)
"""All that preparing and opening a socket may raise because of the venue or the way to it."""


def describe(error: Exception) -> str:
    """One plain line on why there is no connection."""
    if isinstance(error, InvalidStatus):
        return f"the venue refused the connection: HTTP {error.response.status_code}"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, OSError):
        return clean(error.strerror or str(error) or type(error).__name__, 200)
    return clean(str(error) or type(error).__name__, 200)


def wait_asked_for(error: Exception, settings: SessionSettings) -> float:
    """Seconds the venue wants to be left alone: its Retry-After, or what its status means; 0 otherwise."""
    if isinstance(error, RateLimited):
        return settings.too_many if error.retry_after is None else error.retry_after
    if isinstance(error, InvalidStatus):
        status, asked = error.response.status_code, error.response.headers.get("Retry-After")
    elif isinstance(error, StreamRefused):
        status, asked = error.status, error.retry_after
    else:
        return 0.0
    named = _seconds(asked)
    if named is not None:
        return named
    return {418: settings.ban, 429: settings.too_many}.get(status, 0.0)


def _seconds(value: str | None) -> float | None:
    try:
        seconds = float(value or "")
    except ValueError:
        return None
    return min(seconds, 86_400.0) if math.isfinite(seconds) and seconds >= 0 else None
