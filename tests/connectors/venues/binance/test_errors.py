import time

import pytest

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
from connectors.rest.requests import RestAnswer
from connectors.venues.binance.errors import error_of


def answer(status: int, body: str | bytes, **headers: str) -> RestAnswer:
    raw = body.encode() if isinstance(body, str) else body
    return RestAnswer(status, {name.replace("_", "-"): value for name, value in headers.items()}, raw)


@pytest.mark.parametrize(
    ("status", "code", "message", "kind", "said"),
    [
        (400, -1021, "Timestamp for this request is outside of the recvWindow.", TimestampRejected, "clock"),
        (
            400,
            -1022,
            "Signature for this request is not valid.",
            AuthenticationFailed,
            "secret does not belong",
        ),
        (401, -2015, "Invalid API-key, IP, or permissions for action.", AuthenticationFailed, "environment"),
        (401, -2014, "API-key format invalid.", AuthenticationFailed, "malformed"),
        (400, -1121, "Invalid symbol.", BadSymbol, "no such symbol"),
        (400, -1013, "Filter failure: LOT_SIZE", OrderRejected, "LOT_SIZE"),
        (400, -2010, "Account has insufficient balance for requested action.", InsufficientFunds, "balance"),
        (400, -2010, "Duplicate order sent.", DuplicateOrder, "client id"),
        (400, -2010, "Order would immediately match and take.", OrderRejected, "refused"),
        (400, -2011, "Unknown order sent.", OrderNotFound, "cancel"),
        (400, -2013, "Order does not exist.", OrderNotFound, "no such order"),
        (400, -1102, "Mandatory parameter 'symbol' was not sent", BadRequest, "missing"),
        (400, -9999, "Something new.", BadRequest, "Something new."),
        (500, -1000, "An unknown error occurred.", VenueUnavailable, "failed"),
        (503, -1008, "Server is currently overloaded.", VenueUnavailable, "overloaded"),
        (400, -1007, "Timeout waiting for response.", VenueUnavailable, "unknown"),
        (400, -2019, "Margin is insufficient.", InsufficientFunds, "margin"),
    ],
)
def test_codes(status: int, code: int, message: str, kind: type[VenueError], said: str) -> None:
    error = error_of(answer(status, f'{{"code":{code},"msg":"{message}"}}'))
    assert type(error) is kind
    assert (error.code, error.status) == (code, status)
    assert said in str(error)


def test_too_many_requests() -> None:
    error = error_of(answer(429, '{"code":-1003,"msg":"Too many requests."}', retry_after="7"))
    assert isinstance(error, RateLimited)
    assert (error.retry_after, error.banned) == (7, False)


def test_a_ban_says_until_when() -> None:
    until = int((time.time() + 300) * 1000)
    message = f"Way too much request weight used; IP banned until {until}. Please use WebSocket Streams."
    error = error_of(answer(418, f'{{"code":-1003,"msg":"{message}"}}'))
    assert isinstance(error, RateLimited)
    assert error.banned
    assert error.retry_after == pytest.approx(300, abs=2)


@pytest.mark.parametrize("body", ["", "<html>denied</html>", "[]", '{"code":"x"}', b"\xff", "{" * 5_000])
@pytest.mark.parametrize(
    ("status", "kind"),
    [(403, PermissionDenied), (418, RateLimited), (429, RateLimited), (451, PermissionDenied), (502, VenueUnavailable)],
)  # fmt: skip
def test_an_answer_without_a_code_goes_by_its_status(
    body: str | bytes, status: int, kind: type[VenueError]
) -> None:
    error = error_of(answer(status, body))
    assert type(error) is kind
    assert "html" not in str(error)
