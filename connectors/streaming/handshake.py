"""What a refused connection says about the next attempt."""

from websockets.exceptions import InvalidHandshake, InvalidURI

from catalog.text import clean
from connectors.contracts.errors import BarfinexError, RateLimited
from connectors.streaming.refusals import StreamRefused
from connectors.streaming.settings import SessionSettings

CONNECT_ERRORS = (OSError, TimeoutError, InvalidHandshake, InvalidURI, EOFError, BarfinexError)
"""All that preparing and opening a socket may raise because of the venue or the way to it."""


def describe(error: BaseException) -> str:
    """One plain line on why there is no connection."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, OSError):
        return clean(error.strerror or str(error) or type(error).__name__, 200)
    return clean(str(error) or type(error).__name__, 500)


def is_final(error: BaseException) -> bool:
    """Asking again would get the same answer: whoever waits is told at once."""
    return isinstance(error, BarfinexError) and not error.retryable


def wait_asked_for(error: BaseException, settings: SessionSettings) -> float:
    """Seconds the venue wants to be left alone: its Retry-After, or what its status means; 0 otherwise."""
    if isinstance(error, RateLimited):
        return settings.too_many if error.retry_after is None else error.retry_after
    if not isinstance(error, StreamRefused):
        return 0.0
    if error.retry_after is not None:
        return error.retry_after
    return {418: settings.ban, 429: settings.too_many}.get(error.status, 0.0)
