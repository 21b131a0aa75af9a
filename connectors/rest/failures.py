"""From a venue's error code to a typed error that says the likely cause and what to do: a table, not a chain of ifs."""

import email.utils
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from catalog.text import clean
from connectors.contracts.errors import (
    AuthenticationFailed,
    BadRequest,
    PermissionDenied,
    RateLimited,
    TransportError,
    VenueError,
    VenueUnavailable,
)

LONGEST_WAIT = 3 * 86_400.0
"""Seconds; no venue bans an address longer by itself, and an absurd header shall not stop us for ever."""


_SECONDS = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,6})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Failure:
    """What a code or a status means: the error's class, and the likely cause with what to do about it."""

    kind: type[VenueError]
    cause: str = ""
    banned: bool = False
    retry_after: float | None = None
    """Seconds to wait where the venue names none; for `RateLimited`."""


STATUS_FAILURES: Mapping[int, Failure] = {
    401: Failure(AuthenticationFailed, "the venue does not accept the key"),
    403: Failure(PermissionDenied, "the venue's firewall refuses this address or request"),
    407: Failure(PermissionDenied, "a proxy on the way wants a user name and a password"),
    404: Failure(BadRequest, "the venue has no such call here: check the environment's URL"),
    418: Failure(RateLimited, "the venue has shut this address out", banned=True, retry_after=120.0),
    429: Failure(RateLimited, "too many requests", retry_after=30.0),
    451: Failure(PermissionDenied, "the venue offers no service where this machine is"),
    511: Failure(PermissionDenied, "this network wants a sign-in first: open any page in a browser"),
}
"""What a status means where the body says nothing."""


def failure_for_status(status: int, statuses: Mapping[int, Failure] = STATUS_FAILURES) -> Failure:
    """What a status alone says."""
    if status >= 500 and status not in statuses:
        return Failure(VenueUnavailable, "the venue is unavailable or overloaded")
    return statuses.get(status, Failure(BadRequest, "the venue refused the request"))


def venue_error(
    venue: str,
    failure: Failure,
    *,
    status: int,
    code: int | str | None = None,
    message: str = "",
    retry_after: float | None = None,
) -> VenueError:
    """The error to raise: cause first, then the venue's own words."""
    origin = f"{venue} {code}" if code is not None else f"{venue}, HTTP {status}"
    said = f"{origin}: {clean(message, 200)}" if message else origin
    text = f"{failure.cause} ({said})" if failure.cause else said
    if issubclass(failure.kind, RateLimited):
        wait = retry_after if retry_after is not None else failure.retry_after
        return failure.kind(text, retry_after=wait, banned=failure.banned, code=code, status=status)
    return failure.kind(text, code=code, status=status)


def retry_after_seconds(value: str | None, dated: str | None = None) -> float | None:
    """A `Retry-After` header in either of its forms (RFC 9110, 10.2.3), bounded; `None` where it says nothing.

    `dated` is the answer's own `Date`, by which a date in it counts: this machine's clock may be wrong.
    """
    if value is None:
        return None
    text = value.strip()
    if _SECONDS.fullmatch(text):
        return min(float(text), LONGEST_WAIT)
    moment = _moment(text)
    if moment is None:
        return None
    now = (_moment(dated) if dated else None) or datetime.now(UTC)
    return min(max(0.0, (moment - now).total_seconds()), LONGEST_WAIT)


def _moment(text: str) -> datetime | None:
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def is_transient(error: Exception) -> bool:
    """The same request may succeed a moment later."""
    return isinstance(error, TransportError | VenueUnavailable | RateLimited) and error.retryable
