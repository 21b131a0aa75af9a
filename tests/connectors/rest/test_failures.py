from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from connectors.contracts.errors import (
    AuthenticationFailed,
    BadRequest,
    PermissionDenied,
    RateLimited,
    VenueUnavailable,
)
from connectors.rest.failures import (
    LONGEST_WAIT,
    Failure,
    failure_for_status,
    is_transient,
    retry_after_seconds,
    venue_error,
)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, BadRequest), (401, AuthenticationFailed), (403, PermissionDenied), (404, BadRequest),
        (418, RateLimited), (429, RateLimited), (451, PermissionDenied), (500, VenueUnavailable),
        (502, VenueUnavailable), (503, VenueUnavailable), (599, VenueUnavailable),
    ],
)  # fmt: skip
def test_every_status_has_a_typed_error(status: int, kind: type[Exception]) -> None:
    error = venue_error("Venue", failure_for_status(status), status=status)
    assert type(error) is kind
    assert error.status == status
    assert f"HTTP {status}" in str(error)


def test_a_ban_waits_even_where_the_venue_names_no_time() -> None:
    error = venue_error("Venue", failure_for_status(418), status=418)
    assert isinstance(error, RateLimited)
    assert error.banned
    assert error.retry_after == 120
    told = venue_error("Venue", failure_for_status(418), status=418, retry_after=7.0)
    assert isinstance(told, RateLimited)
    assert told.retry_after == 7


def test_the_cause_comes_first_and_the_venues_words_are_cleaned() -> None:
    error = venue_error(
        "Venue", Failure(BadRequest, "the cause"), status=400, code=-7, message="\x1b[31mred\u202e [bold]"
    )
    assert str(error).startswith("the cause (Venue -7: ")
    assert "\x1b" not in str(error)
    assert "\u202e" not in str(error)
    assert error.code == -7


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None), ("", None), ("7", 7.0), (" 7 ", 7.0), ("-1", None), ("abc", None), ("1e9", None),
        ("99999999999", LONGEST_WAIT), ("9" * 400, None), ("٣", None), ("Mon, 99 Foo", None),
    ],
)  # fmt: skip
def test_retry_after_is_read_within_bounds(value: str | None, seconds: float | None) -> None:
    assert retry_after_seconds(value) == seconds


def test_retry_after_may_be_a_date() -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    assert retry_after_seconds(soon) == pytest.approx(60, abs=2)
    assert retry_after_seconds("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    assert retry_after_seconds("Wed, 21 Oct 2015 07:28:00 GMT", "Wed, 21 Oct 2015 07:27:15 GMT") == 45
    assert retry_after_seconds("Wed, 21 Oct 9000 07:28:00 GMT") == LONGEST_WAIT


def test_only_faults_that_pass_are_transient() -> None:
    assert is_transient(VenueUnavailable("down"))
    assert is_transient(RateLimited("later"))
    assert not is_transient(AuthenticationFailed("no"))
    assert not is_transient(BadRequest("no"))
