"""A venue's REST address as its connector uses it, and the part of a venue that signs nothing."""

from collections.abc import Callable, Mapping
from urllib.parse import quote, urlencode, urlsplit

from connectors.contracts.errors import MissingCredentials, UsageError, VenueError
from connectors.contracts.services import ConnectorContext
from connectors.rest.client import RestClient
from connectors.rest.clock import ServerClock
from connectors.rest.limits import shared_scope
from connectors.rest.requests import Prepared, RestAnswer, RestRequest, RestVenue


def rest_address(context: ConnectorContext) -> str:
    """Raises `UsageError` where the environment names none."""
    url = context.endpoints.get("rest", "")
    if not url:
        raise UsageError(
            f"environment '{context.environment}' of {context.connector_type} names no REST address"
        )
    return url


def address(context: ConnectorContext, name: str) -> str:
    """An address of the environment by its name. Raises `UsageError` where it names none."""
    url = context.endpoints.get(name)
    if not url:
        raise UsageError(
            f"environment '{context.environment}' of {context.connector_type} names no address for '{name}'"
        )
    return url


def connection(
    context: ConnectorContext,
    base_url: str,
    venue: RestVenue,
    *,
    clock: ServerClock | None = None,
    metered: str | None = None,
) -> RestClient:
    """The client of one address. It shares its request budget with every other of the process that the venue meters
    together with it: those of the same host and `metered` name, the market's unless it is given."""
    scope = shared_scope(f"{urlsplit(base_url).netloc} {metered or context.market_type.value}")
    tap = context.tap.http if context.tap is not None else None
    return RestClient(base_url, venue, scope, clock=clock, tap=tap)


class PublicVenue:
    """Implements `RestVenue` for calls that need no key. `error` gives the typed error of a refusal."""

    def __init__(self, name: str, error: Callable[[RestAnswer], VenueError]) -> None:
        self._name = name
        self._error = error

    @property
    def name(self) -> str:
        return self._name

    def prepare(self, request: RestRequest) -> Prepared:
        if request.signed or request.keyed:
            raise MissingCredentials(self._name, ("an API key",))
        query = urlencode(request.params, quote_via=quote, safe="")
        return Prepared(query, {}, query)

    def usage(self, headers: Mapping[str, str]) -> Mapping[str, int]:
        """The venue counts nothing aloud."""
        return {}

    def error(self, answer: RestAnswer) -> VenueError:
        return self._error(answer)
