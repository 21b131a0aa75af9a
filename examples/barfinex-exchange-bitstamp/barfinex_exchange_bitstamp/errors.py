"""Bitstamp's refusals of public calls (HTTP API, "Response codes" and "Error codes") as typed errors."""

from collections.abc import Mapping
from typing import Any, cast

from barfinex_exchange_bitstamp import wire
from connectors.contracts.errors import (
    BadRequest,
    RateLimited,
    VenueError,
    VenueUnavailable,
)
from connectors.toolkit import (
    FAULTS,
    Failure,
    RestAnswer,
    clean,
    decoder,
    failure_for_status,
    retry_after_seconds,
    venue_error,
)

NAME = "Bitstamp"

_TOO_MANY = Failure(RateLimited, "too many requests from this address", retry_after=60.0)

FAILURES: Mapping[str, Failure] = {
    "400.001": Failure(BadRequest, "a parameter is not valid"),
    "400.002": _TOO_MANY,
    "400.067": _TOO_MANY,
    "400.068": _TOO_MANY,
    "400.003": Failure(VenueUnavailable, "trading on this market is disabled"),
}
"""By `response_code`; those of signed calls are not met here."""

STATUSES: Mapping[int, Failure] = {
    400: Failure(BadRequest, "Bitstamp does not take a parameter of the call"),
    404: Failure(BadRequest, "Bitstamp has no such market or call"),
    429: _TOO_MANY,
}

_MAINTENANCE = "maintenance"
_error_body = decoder(wire.ErrorBody)


def error_of(answer: RestAnswer) -> VenueError:
    """The typed error of a REST refusal. A 404 may come as a web page."""
    by_status = STATUSES.get(answer.status) or failure_for_status(answer.status)
    retry_after = retry_after_seconds(answer.headers.get("retry-after"), answer.headers.get("date"))
    try:
        body = _error_body(answer.body)
    except FAULTS:
        return venue_error(NAME, by_status, status=answer.status, retry_after=retry_after)
    code = body.response_code if body.response_code is not None else body.code
    message = _text(body.response_explanation or body.reason or body.error or body.errors)
    failure = FAILURES.get(str(code), by_status)
    if _MAINTENANCE in message.lower():
        failure = Failure(VenueUnavailable, "Bitstamp is under maintenance; try again later")
    return venue_error(
        NAME, failure, status=answer.status, code=code, message=message, retry_after=retry_after
    )


def _text(told: Any) -> str:
    """The first plain sentence in what the venue tells, which may be one, or lists of them by field."""
    for _ in range(4):
        if isinstance(told, Mapping) and told:
            fields = cast("Mapping[str, Any]", told)
            told = fields.get("message") or next(iter(fields.values()))
        elif isinstance(told, list) and told:
            told = cast("list[Any]", told)[0]
    return clean(told, 200) if isinstance(told, str) else ""
