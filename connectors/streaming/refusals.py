"""A stream that the venue, or somebody on the way to it, refuses to open."""

from collections.abc import Mapping
from http import HTTPStatus

from connectors.contracts.errors import TransportError
from connectors.network.pages import is_page, words_of
from connectors.rest.failures import STATUS_FAILURES, retry_after_seconds
from connectors.rest.library import elsewhere

_PASSING = frozenset({408, 418, 425, 429})


class StreamRefused(TransportError):
    """Another answer than a stream. `retry_after` is in seconds. Not `retryable` where asking again gets the same."""

    def __init__(self, status: int, headers: Mapping[str, str] | None = None, body: bytes = b"") -> None:
        self.status = status
        self.retry_after = retry_after_seconds((headers or {}).get("retry-after"))
        self.retryable = status in _PASSING or (status >= 500 and status not in STATUS_FAILURES)
        words = words_of(body)
        said = f": '{words}'" if words else ""
        super().__init__(f"{_meaning(status, headers or {}, body)}{said}")


def _meaning(status: int, headers: Mapping[str, str], body: bytes) -> str:
    if 300 <= status < 400:
        return f"the venue sends the stream to {elsewhere(headers.get('location'))}, which is not followed"
    if 200 <= status < 300:
        came = "a web page" if is_page(body) else "something else"
        return (
            f"{came} came in place of a stream (HTTP {status}), as a proxy's or a network's sign-in page does"
        )
    failure = STATUS_FAILURES.get(status)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        because = " (down for maintenance or overloaded)"
    else:
        because = f" ({failure.cause})" if failure is not None else ""
    return f"the venue refused the connection: HTTP {status}{because}"
