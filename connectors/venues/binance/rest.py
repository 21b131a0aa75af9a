"""Binance's part of the REST protocol: key header, signature, used weight, errors."""

from collections.abc import Callable, Mapping

from connectors.contracts.errors import MissingCredentials, VenueError
from connectors.rest.requests import Prepared, RestAnswer, RestRequest
from connectors.venues.binance.endpoints import WEIGHT
from connectors.venues.binance.errors import NAME, error_of
from connectors.venues.binance.signing import LABELS, ApiKey, encoded

_USED_WEIGHT = "x-mbx-used-weight-1m"


class BinanceRest:
    """Answers what the shared HTTP client asks of a venue."""

    name = NAME

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self.api_key: ApiKey | None = None
        self._now_ms = now_ms

    def prepare(self, request: RestRequest) -> Prepared:
        public = encoded(request.params)
        if not (request.signed or request.keyed):
            return Prepared(public, {}, public)
        if self.api_key is None:
            raise MissingCredentials(NAME, LABELS.values())
        query = self.api_key.signed_query(request.params, self._now_ms()) if request.signed else public
        return Prepared(query, {"X-MBX-APIKEY": self.api_key.key}, public)

    def usage(self, headers: Mapping[str, str]) -> Mapping[str, int]:
        value = headers.get(_USED_WEIGHT, "")
        return {WEIGHT: int(value)} if value.isascii() and value.isdigit() and len(value) < 10 else {}

    def error(self, answer: RestAnswer) -> VenueError:
        return error_of(answer, self._now_ms)
