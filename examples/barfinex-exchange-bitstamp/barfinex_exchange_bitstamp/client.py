"""Bitstamp's client service: readiness, the instrument list and the request budget."""

from collections.abc import Sequence

from barfinex_exchange_bitstamp.errors import NAME, error_of
from barfinex_exchange_bitstamp.instruments import decode_markets
from catalog.model import MarketType
from connectors.contracts.errors import BadFrame, UnsupportedMarket
from connectors.contracts.instruments import Instrument
from connectors.contracts.services import ConnectorContext
from connectors.toolkit import (
    Params,
    PublicVenue,
    RestRequest,
    VenueClient,
    connection,
    parsed,
    rest_address,
    unreadable,
)

_LIMITS = (("requests a second", 400, 1.0), ("requests in 10 min", 10_000, 600.0))
"""HTTP API, "Request limits"."""
_COSTS = {name: 1 for name, _, _ in _LIMITS}


class BitstampClientService(VenueClient):
    """The spot market of one environment. Raises `UnsupportedMarket`, and `UsageError` without a usable address."""

    def __init__(self, context: ConnectorContext) -> None:
        if context.market_type is not MarketType.SPOT:
            raise UnsupportedMarket(
                context.connector_type, context.market_type.value, [MarketType.SPOT.value]
            )
        self.rest = connection(context, rest_address(context), PublicVenue(NAME, error_of))
        for name, limit, window in _LIMITS:
            self.rest.scope.set_limit(name, limit, window)
        super().__init__(context, NAME, self._instrument_list, connections=[self.rest])

    async def get(self, path: str, params: Params = (), *, max_bytes: int = 16 * 1024 * 1024) -> bytes:
        """The body of a `GET`."""
        return await self.rest.call(RestRequest(path=path, params=params, costs=_COSTS, max_bytes=max_bytes))

    async def _instrument_list(self) -> Sequence[Instrument]:
        body = await self.get("/markets/")
        try:
            return await parsed(decode_markets, body)
        except BadFrame as fault:
            raise unreadable(NAME, "instrument list", body, fault) from None
