"""Binance's client service: credentials, readiness, the instrument list, the venue's clock and the request budget."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from urllib.parse import urlsplit

import msgspec

from catalog.model import LOCAL, MarketType
from connectors.contracts.credentials import Credentials
from connectors.contracts.errors import (
    BadFrame,
    BadResponse,
    MissingCredentials,
    RequestTimeout,
    UnknownSymbol,
    UnsupportedMarket,
    UsageError,
)
from connectors.contracts.health import ClientHealth
from connectors.contracts.instruments import Instrument, normalise_symbol
from connectors.contracts.services import ConnectorContext, InstrumentValidation
from connectors.rest.client import RestClient
from connectors.rest.clock import ServerClock
from connectors.rest.limits import MeterUsage, shared_scope
from connectors.rest.requests import Params, RestRequest
from connectors.venues.binance import wire
from connectors.venues.binance.decode import FAULTS
from connectors.venues.binance.endpoints import LISTEN_KEY, RAW, WEIGHT, Call, endpoints_for
from connectors.venues.binance.errors import NAME
from connectors.venues.binance.instruments import decode_exchange_info, instruments_of
from connectors.venues.binance.rest import BinanceRest
from connectors.venues.binance.signing import LABELS, ApiKey

logger = logging.getLogger(__name__)

_SECONDS = {"SECOND": 1, "MINUTE": 60, "HOUR": 3_600, "DAY": 86_400}
_EXCHANGE_INFO_BYTES = 64 * 1024 * 1024
_server_time = msgspec.json.Decoder(wire.ServerTime)


class BinanceClientService:
    """One market of one environment. Makes no connection before `ensure_ready`."""

    def __init__(self, context: ConnectorContext) -> None:
        self.context = context
        self.endpoints = endpoints_for(context.market_type)
        base_url = context.endpoints.get("rest", "")
        if not base_url:
            raise UsageError(f"environment '{context.environment}' of binance names no REST address")
        self.clock = ServerClock(self._fetch_time)
        self._venue = BinanceRest(self.clock.now_ms)
        self.rest = self._connection(base_url, context.market_type.value)
        for name, limit, window in () if self.rest.scope.usage() else self.endpoints.limits:
            self.rest.scope.set_limit(name, limit, window)
        # What a key may do is told where spot is; the local exchange has everything in one place.
        wallet = context.endpoints.get("sapi", base_url if context.environment == LOCAL else None)
        self.wallet = self._connection(wallet, "wallet") if wallet else None
        self._instruments: dict[str, Instrument] = {}
        self._by_venue_symbol: dict[str, Instrument] = {}
        self._readying = asyncio.Lock()

    # --- contract -----------------------------------------------------------------------------------------------------

    def set_credentials(self, credentials: Credentials) -> None:
        """Empty credentials end the use of any.

        Raises `MissingCredentials` or `InvalidCredentials` and keeps the former ones then.
        """
        self._venue.api_key = ApiKey(credentials) if credentials else None

    async def ensure_ready(self, timeout_ms: int = 10_000) -> None:
        """Measure the clock's offset and load the instruments; once, whoever asks."""
        try:
            async with asyncio.timeout(timeout_ms / 1000), self._readying:
                if self._instruments:
                    return
                async with asyncio.TaskGroup() as group:
                    group.create_task(self.clock.measure())
                    group.create_task(self.load_instruments())
        except TimeoutError:
            raise RequestTimeout(f"{NAME} was not ready within {timeout_ms} ms") from None
        except ExceptionGroup as failures:
            # One of the two failures is enough to report.
            raise failures.exceptions[0] from None

    def validate_exchange_instruments(
        self, market_type: MarketType, symbols: Sequence[str]
    ) -> InstrumentValidation:
        """Symbols may be spelled in any usual way; they come back as they were given."""
        if market_type is not self.context.market_type:
            raise UnsupportedMarket("binance", market_type, [self.context.market_type.value])
        valid: dict[str, None] = {}
        removed: dict[str, None] = {}
        for symbol in symbols:
            (valid if self._find(symbol) is not None else removed)[symbol] = None
        return InstrumentValidation(tuple(valid), tuple(removed))

    def instrument(self, symbol: str) -> Instrument:
        found = self._find(symbol)
        if found is None:
            raise UnknownSymbol(symbol, f"{NAME} {self.context.market_type.value}")
        return found

    @property
    def instruments(self) -> Mapping[str, Instrument]:
        return MappingProxyType(self._instruments)

    async def close(self) -> None:
        await self.rest.close()
        if self.wallet is not None:
            await self.wallet.close()

    # --- for the other services of the bundle -------------------------------------------------------------------------

    @property
    def api_key(self) -> ApiKey:
        """The credentials in use. Raises `MissingCredentials`."""
        if self._venue.api_key is None:
            raise MissingCredentials(NAME, LABELS.values())
        return self._venue.api_key

    def now_ms(self) -> int:
        """Now by the venue's clock."""
        return self.clock.now_ms()

    def budget(self) -> tuple[MeterUsage, ...]:
        """What is used of each request limit."""
        return self.rest.scope.usage()

    def client_health(self) -> ClientHealth:
        """Implements `ReportsHealth`: the budgets of the market's address and, where it is another, the wallet's."""
        scopes = {one.scope.name: one.scope for one in (self.rest, self.wallet) if one is not None}
        budgets = [budget for scope in scopes.values() for budget in scope.budgets()]
        return ClientHealth(tuple(budgets), self.clock.skew_ms)

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

    async def load_instruments(self) -> Sequence[Instrument]:
        """Fetch the instrument list and the request limits anew."""
        body = await self.get(
            self.endpoints.exchange_info,
            self.endpoints.exchange_info_params,
            max_bytes=_EXCHANGE_INFO_BYTES,
        )
        try:
            info = decode_exchange_info(body)
            instruments = instruments_of(info, self.context.market_type)
        except BadFrame as fault:
            raise BadResponse(f"{NAME}'s instrument list cannot be read: {fault}") from None
        for limit in info.rate_limits:
            if limit.rate_limit_type in (WEIGHT, RAW) and limit.interval in _SECONDS:
                window = float(_SECONDS[limit.interval] * limit.interval_num)
                self.rest.scope.set_limit(limit.rate_limit_type, limit.limit, window)
        self._instruments = {instrument.symbol: instrument for instrument in instruments}
        self._by_venue_symbol = {instrument.venue_symbol: instrument for instrument in instruments}
        market = self.context.market_type.value
        logger.info("instruments loaded: venue=binance market=%s count=%d", market, len(instruments))
        return instruments

    # --- inside -------------------------------------------------------------------------------------------------------

    def _connection(self, base_url: str, metered: str) -> RestClient:
        tap = self.context.tap
        return RestClient(
            base_url,
            self._venue,
            shared_scope(f"{urlsplit(base_url).netloc} {metered}"),
            clock=self.clock,
            tap=tap.http if tap else None,
        )

    def _find(self, symbol: str) -> Instrument | None:
        return self._by_venue_symbol.get(symbol) or self._instruments.get(normalise_symbol(symbol))

    async def _fetch_time(self) -> int:
        body = await self.get(self.endpoints.time)
        try:
            return _server_time.decode(body).server_time
        except FAULTS:
            raise BadResponse(f"{NAME}'s clock cannot be read") from None
