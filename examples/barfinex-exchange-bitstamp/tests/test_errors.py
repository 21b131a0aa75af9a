"""Every form of a refusal becomes a typed error with the venue's own words."""

import json
from typing import Any

import pytest
from barfinex_exchange_bitstamp.errors import error_of

from connectors.contracts.errors import (
    BadRequest,
    PermissionDenied,
    RateLimited,
    VenueError,
    VenueUnavailable,
)
from connectors.toolkit import RestAnswer


@pytest.mark.parametrize(
    ("status", "body", "kind", "said"),
    [
        (400, {"response_code": "400.002", "response_explanation": "Too much."}, RateLimited, "Too much."),
        (403, {"status": "error", "reason": "Not you.", "code": "API0002"}, PermissionDenied, "Not you."),
        (
            400,
            {"status": "error", "reason": {"step": ["Not a valid choice."]}},
            BadRequest,
            "Not a valid choice.",
        ),
        (400, {"code": 400, "errors": [{"field": "limit", "message": "Too big."}]}, BadRequest, "Too big."),
        (200, {"error": "Bitstamp.net is under scheduled maintenance."}, VenueUnavailable, "scheduled"),
        (404, "<html>Not Found</html>", BadRequest, "no such market"),
        (429, "", RateLimited, "too many requests"),
        (503, [1, 2], VenueUnavailable, "unavailable"),
        (400, {"reason": [[[[[["deep"]]]]]]}, BadRequest, "does not take"),
    ],
)
def test_a_refusal_is_typed(status: int, body: Any, kind: type[VenueError], said: str):
    raw = body if isinstance(body, str) else json.dumps(body)
    error = error_of(RestAnswer(status, {}, raw.encode()))
    assert type(error) is kind
    assert said in str(error)


def test_the_venues_own_wait_is_kept():
    error = error_of(RestAnswer(429, {"retry-after": "7"}, b""))
    assert isinstance(error, RateLimited)
    assert error.retry_after == 7
