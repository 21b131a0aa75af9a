"""Binance's error codes (binance-spot-api-docs, errors.md; the USD-M error page) as typed errors."""

import re
from collections.abc import Callable, Mapping

import msgspec

from connectors.contracts.errors import (
    AuthenticationFailed,
    BadRequest,
    BadSymbol,
    DuplicateOrder,
    InsufficientFunds,
    OrderNotFound,
    OrderRejected,
    PermissionDenied,
    RateLimited,
    TimestampRejected,
    VenueError,
    VenueUnavailable,
)
from connectors.rest.failures import (
    LONGEST_WAIT,
    Failure,
    failure_for_status,
    retry_after_seconds,
    venue_error,
)
from connectors.rest.requests import RestAnswer
from connectors.streaming.clock import epoch_ms
from connectors.venues.binance import wire

NAME = "Binance"

FAILURES: Mapping[int, Failure] = {
    -1000: Failure(VenueUnavailable, "Binance failed to handle the request"),
    -1001: Failure(VenueUnavailable, "Binance is disconnected inside; try again"),
    -1002: Failure(AuthenticationFailed, "the call needs a key that is allowed to make it"),
    -1003: Failure(RateLimited, "too many requests from this address", retry_after=30.0),
    -1006: Failure(
        VenueUnavailable, "Binance got an unexpected answer inside: whether it was done is unknown"
    ),
    -1007: Failure(VenueUnavailable, "Binance timed out inside: whether it was done is unknown"),
    -1008: Failure(VenueUnavailable, "Binance is overloaded; try again in a moment"),
    -1013: Failure(OrderRejected, "the order breaks one of the symbol's filters"),
    -1015: Failure(RateLimited, "too many new orders", retry_after=10.0),
    -1021: Failure(
        TimestampRejected, "this machine's clock and Binance's disagree: set the date to synchronise itself"
    ),
    -1022: Failure(
        AuthenticationFailed,
        "the signature is wrong: the secret does not belong to this API key, enter both again",
    ),
    -1099: Failure(AuthenticationFailed, "the key is not allowed to make this call"),
    -1100: Failure(BadRequest, "a parameter holds characters that Binance does not allow"),
    -1102: Failure(BadRequest, "a parameter is missing or malformed"),
    -1111: Failure(BadRequest, "a number has more digits than the symbol allows"),
    -1121: Failure(BadSymbol, "Binance has no such symbol on this market"),
    -1125: Failure(AuthenticationFailed, "the listen key has expired"),
    -2010: Failure(OrderRejected, "the order was refused"),
    -2011: Failure(OrderNotFound, "there is no such open order to cancel"),
    -2013: Failure(OrderNotFound, "there is no such order"),
    -2014: Failure(AuthenticationFailed, "the API key is malformed: copy it again, whole and without spaces"),
    -2015: Failure(
        AuthenticationFailed,
        "the API key is unknown here, this address is not on its list, or it lacks the right: live and testnet keys "
        "differ, so check the environment first",
    ),
    -2018: Failure(InsufficientFunds, "the balance is too small"),
    -2019: Failure(InsufficientFunds, "the margin is too small"),
    -2021: Failure(OrderRejected, "the order would trigger at once"),
    -2022: Failure(OrderRejected, "a reduce-only order would not reduce a position"),
    -2035: Failure(BadRequest, "the account's stream is subscribed already"),
    -2036: Failure(BadRequest, "the account's stream is not subscribed"),
    -2027: Failure(OrderRejected, "the position would be larger than its leverage allows"),
    -4003: Failure(OrderRejected, "the quantity must be above zero"),
    -4004: Failure(OrderRejected, "the quantity is below the smallest allowed"),
    -4014: Failure(OrderRejected, "the price is not a multiple of the tick size"),
    -4023: Failure(OrderRejected, "the quantity is not a multiple of the lot size"),
    -4046: Failure(BadRequest, "the margin type is set so already"),
    -4059: Failure(BadRequest, "the position mode is set so already"),
    -4061: Failure(OrderRejected, "the order's position side does not fit the account's position mode"),
    -4120: Failure(BadRequest, "conditional orders go to the algo service"),
    -4164: Failure(OrderRejected, "the order's value is below the smallest allowed"),
    -5021: Failure(OrderRejected, "a fill-or-kill order could not be filled whole"),
    -5022: Failure(OrderRejected, "a post-only order would have traded at once"),
}

REFUSED_ORDERS: Mapping[str, Failure] = {
    "Account has insufficient balance for requested action.": Failure(
        InsufficientFunds, "the balance is too small"
    ),
    "Duplicate order sent.": Failure(DuplicateOrder, "an order with this client id was sent before"),
}
"""Code -2010 tells its cases apart by their text alone."""

STATUSES: Mapping[int, Failure] = {
    409: Failure(OrderRejected, "a cancel-and-replace was carried out in part"),
    410: Failure(BadRequest, "Binance has withdrawn this call"),
    403: Failure(PermissionDenied, "Binance's firewall refuses this address or request; wait some minutes"),
}

_BANNED_UNTIL = re.compile(r"banned until ([0-9]{13})\b", re.IGNORECASE)
_error_body = msgspec.json.Decoder(wire.ErrorBody)


def failure_of(code: int, message: str) -> Failure | None:
    """What a code means; `None` for one that is not in the table."""
    if code == -2010 and message in REFUSED_ORDERS:
        return REFUSED_ORDERS[message]
    return FAILURES.get(code)


def error_of(answer: RestAnswer, now_ms: Callable[[], float] = epoch_ms) -> VenueError:
    """The typed error of a REST refusal. `now_ms` is the venue's clock, by which it says when a ban ends."""
    retry_after = retry_after_seconds(answer.headers.get("retry-after"), answer.headers.get("date"))
    by_status = STATUSES.get(answer.status) or failure_for_status(answer.status)
    try:
        body = _error_body.decode(answer.body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return venue_error(NAME, by_status, status=answer.status, retry_after=retry_after)
    failure = failure_of(body.code, body.msg) or by_status
    # A ban is told by the status; the code is that of any excess, and the text says until when.
    if answer.status in (418, 429):
        failure = Failure(
            RateLimited, by_status.cause, banned=by_status.banned, retry_after=by_status.retry_after
        )
        retry_after = retry_after if retry_after is not None else _until_unbanned(body.msg, now_ms())
    return venue_error(
        NAME, failure, status=answer.status, code=body.code, message=body.msg, retry_after=retry_after
    )


def _until_unbanned(message: str, now_ms: float) -> float | None:
    found = _BANNED_UNTIL.search(message)
    return min(max(0.0, (int(found[1]) - now_ms) / 1000), LONGEST_WAIT) if found else None
