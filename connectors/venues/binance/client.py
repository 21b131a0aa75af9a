"""Binance's client service: credentials, readiness, the instrument list, the venue's clock and the request budget."""

from collections.abc import Sequence

import msgspec

from catalog.model import LOCAL, MarketType
from connectors.contracts.credentials import Credentials
from connectors.contracts.errors import BadFrame, MissingCredentials
from connectors.contracts.instruments import Instrument
from connectors.contracts.services import ConnectorContext
from connectors.network.pages import unreadable
from connectors.rest.clock import ServerClock
from connectors.rest.connection import connection, rest_address
from connectors.rest.parsing import parsed
from connectors.rest.requests import Params, RestRequest
from connectors.rest.venue_client import VenueClient
from connectors.venues.binance import wire
from connectors.venues.binance.decode import FAULTS
from connectors.venues.binance.endpoints import LISTEN_KEY, RAW, WEIGHT, Call, endpoints_for
from connectors.venues.binance.errors import NAME
from connectors.venues.binance.instruments import decode_exchange_info, instruments_of
from connectors.venues.binance.rest import BinanceRest
from connectors.venues.binance.signing import LABELS, ApiKey

_SECONDS = {"SECOND": 1, "MINUTE": 60, "HOUR": 3_600, "DAY": 86_400}
_EXCHANGE_INFO_BYTES = 64 * 1024 * 1024
_server_time = msgspec.json.Decoder(wire.ServerTime)


class BinanceClientService(VenueClient):
    """One market of one environment."""

    def __init__(self, context: ConnectorContext) -> None:
        self.endpoints = endpoints_for(context.market_type)
        clock = ServerClock(self._fetch_time)
        self._venue = BinanceRest(clock.now_ms)
        base_url = rest_address(context)
        self.rest = connection(context, base_url, self._venue, clock=clock)
        for name, limit, window in () if self.rest.scope.usage() else self.endpoints.limits:
            self.rest.scope.set_limit(name, limit, window)
        # What a key may do is told where spot is; the local exchange has everything in one place.
        wallet = context.endpoints.get("sapi", base_url if context.environment == LOCAL else None)
        self.wallet = (
            connection(context, wallet, self._venue, clock=clock, metered="wallet") if wallet else None
        )
        super().__init__(
            context,
            NAME,
            self._instrument_list,
            connections=[one for one in (self.rest, self.wallet) if one is not None],
            clock=clock,
            keep_credentials=self._keep,
        )

    @property
    def api_key(self) -> ApiKey:
        """The credentials in use. Raises `MissingCredentials`."""
        if self._venue.api_key is None:
            raise MissingCredentials(NAME, LABELS.values())
        return self._venue.api_key

    async def get(
        self,
        call: Call,
        params: Params = (),
        *,
        signed: bool = False,
        max_bytes: int = 16 * 1024 * 1024,
    ) -> bytes:
        """The body of a `GET`."""
        costs = {WEIGHT: call.weight, RAW: 1}
        return await self.rest.call(
            RestRequest(path=call.path, params=params, costs=costs, signed=signed, max_bytes=max_bytes)
        )

    async def listen_key(self, method: str) -> bytes:
        """Ask for (`POST`), extend (`PUT`) or end (`DELETE`) the account stream's key; any may be repeated."""
        costs = {WEIGHT: LISTEN_KEY.weight}
        return await self.rest.call(
            RestRequest(path=LISTEN_KEY.path, method=method, costs=costs, keyed=True, repeatable=True)
        )

    def _keep(self, credentials: Credentials | None) -> None:
        self._venue.api_key = ApiKey(credentials) if credentials is not None else None

    async def _instrument_list(self) -> Sequence[Instrument]:
        """The request limits come with it."""
        body = await self.get(
            self.endpoints.exchange_info,
            self.endpoints.exchange_info_params,
            max_bytes=_EXCHANGE_INFO_BYTES,
        )
        try:
            info, instruments = await parsed(_read_list, body, self.context.market_type)
        except BadFrame as fault:
            raise unreadable(NAME, "instrument list", body, fault) from None
        for limit in info.rate_limits:
            if limit.rate_limit_type in (WEIGHT, RAW) and limit.interval in _SECONDS:
                window = float(_SECONDS[limit.interval] * limit.interval_num)
                self.rest.scope.set_limit(limit.rate_limit_type, limit.limit, window)
        return instruments

    async def _fetch_time(self) -> int:
        body = await self.get(self.endpoints.time)
        try:
            return _server_time.decode(body).server_time
        except FAULTS:
            raise unreadable(NAME, "clock", body) from None


def _read_list(body: bytes, market_type: MarketType) -> tuple[wire.ExchangeInfo, list[Instrument]]:
    info = decode_exchange_info(body)
    return info, instruments_of(info, market_type)
