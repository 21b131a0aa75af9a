"""Clients, market and account calls with one defect each."""

import asyncio
import dataclasses
import logging
import math

import msgspec

from connectors.contracts.credentials import Credentials
from connectors.contracts.errors import BarfinexError, NotYetImplemented
from connectors.contracts.instrument_index import InstrumentIndex
from connectors.contracts.instruments import Instrument
from connectors.contracts.orders import AccountInfo, AssetsInfo, Balance
from connectors.contracts.refusals import RefusedOrders
from connectors.rest.requests import RestRequest
from connectors.venues.binance.account import BinanceAccountApi
from connectors.venues.binance.client import BinanceClientService
from connectors.venues.binance.endpoints import RAW, WEIGHT
from connectors.venues.binance.market import BinanceMarketApi
from connectors.venues.binance.ws import BinanceWsManager
from tests.connectors.conformance.wrong.live_registry import wrong

log = logging.getLogger(__name__)


# --- readiness ------------------------------------------------------------------------------------------------------


@wrong("L01", "instruments are there after ensure_ready")
class ReadyWithoutInstruments(BinanceClientService):
    async def load_instruments(self):
        return []


@wrong("L02", "asks the venue nothing more")
class LoadsEachTime(BinanceClientService):
    async def ensure_ready(self, timeout_ms=10_000):
        self._index = InstrumentIndex()
        await super().ensure_ready(timeout_ms)


@wrong("L02", "five calls at once cost one load")
class LoadsForEachCaller(BinanceClientService):
    async def ensure_ready(self, timeout_ms=10_000):
        if not self.instruments:
            self._readying = asyncio.Lock()
            await super().ensure_ready(timeout_ms)


@wrong("L03", "a venue that never answers is refused within")
class TakesItsTime(BinanceClientService):
    async def ensure_ready(self, timeout_ms=10_000):
        await super().ensure_ready(30_000)


# --- symbols --------------------------------------------------------------------------------------------------------


@wrong("S14", "client.instrument() raises UnknownSymbol")
class MakesUpInstruments(BinanceClientService):
    def instrument(self, symbol):
        try:
            return super().instrument(symbol)
        except BarfinexError:
            return Instrument(symbol, symbol, "USDT", symbol, self.context.market_type)


@wrong("S14", "keeps what is listed and removes what is not")
class ValidatesAnything(BinanceClientService):
    def validate_exchange_instruments(self, market_type, symbols):
        found = super().validate_exchange_instruments(market_type, symbols)
        return dataclasses.replace(found, valid_instruments=tuple(symbols), removed_instruments=())


@wrong("H08", "is not in the normal form")
class ListsLowerCase(BinanceClientService):
    @property
    def instruments(self):
        return {
            symbol: msgspec.structs.replace(one, symbol=symbol.lower()) if one.base_asset == "DOGE" else one
            for symbol, one in super().instruments.items()
        }


@wrong("H08", "leads to")
class MixesUpTwoSymbols(BinanceClientService):
    def instrument(self, symbol):
        return super().instrument("XRPUSDT" if symbol == "DOGEUSDT" else symbol)


# --- repeating and limits -------------------------------------------------------------------------------------------


@wrong("H01", "")
class NeverRepeats(BinanceClientService):
    async def get(self, call, params=(), *, signed=False, max_bytes=16 * 1024 * 1024):
        request = RestRequest(
            path=call.path,
            params=params,
            costs={WEIGHT: call.weight, RAW: 1},
            signed=signed,
            max_bytes=max_bytes,
            repeatable=False,
        )
        return await self.rest.call(request)


@wrong("H02", "nothing is sent for 1 s after the 429")
class IgnoresRetryAfter(BinanceClientService):
    def __init__(self, context):
        super().__init__(context)
        self.rest.scope.block = lambda seconds, *, banned=False: None


@wrong("H03", "while we are shut out")
class ForgetsABan(IgnoresRetryAfter):
    """The venue tells it anew each time."""


@wrong("H04", "calls for their rate")
class KeepsNoLimits(BinanceClientService):
    def __init__(self, context):
        super().__init__(context)

        async def at_once(costs, *, max_wait):
            """Nothing is counted."""

        self.rest.scope.acquire = at_once


@wrong("H05", "a body that is no JSON")
class TakesGarbageForNothing(BinanceMarketApi):
    async def get_prices(self):
        try:
            return await super().get_prices()
        except BarfinexError:
            return {}


@wrong("H05", "raises BadResponse, not ValueError")
class LetsErrorsThrough(BinanceMarketApi):
    async def get_prices(self):
        try:
            return await super().get_prices()
        except BarfinexError as error:
            raise ValueError("cannot read it") from error


@wrong("H09", "a call after cancelled ones answers")
class LosesSlotsWhenCancelled(BinanceMarketApi):
    def __init__(self, client):
        super().__init__(client)
        self._slots = asyncio.Semaphore(20)

    async def get_prices(self):
        await self._slots.acquire()
        prices = await super().get_prices()
        self._slots.release()
        return prices


# --- answers --------------------------------------------------------------------------------------------------------


@wrong("H06", "candles are oldest first")
class NewestFirst(BinanceMarketApi):
    async def get_candles(self, instrument, interval, *, limit=500, end_time=None):
        candles = await super().get_candles(instrument, interval, limit=limit, end_time=end_time)
        return list(candles)[::-1]


@wrong("H06", "limit=1700 gives as many candles")
class KnowsOnePage(BinanceMarketApi):
    async def get_candles(self, instrument, interval, *, limit=500, end_time=None):
        return await super().get_candles(instrument, interval, limit=min(limit, 1_000), end_time=end_time)


@wrong("H06", "the last candle is the last one that ends at or before it")
class IgnoresTheEnd(BinanceMarketApi):
    async def get_candles(self, instrument, interval, *, limit=500, end_time=None):
        return await super().get_candles(instrument, interval, limit=limit)


@wrong("H06", "is told as closed before its time is over")
class ClosesTheOpenCandle(BinanceMarketApi):
    async def get_candles(self, instrument, interval, *, limit=500, end_time=None):
        candles = await super().get_candles(instrument, interval, limit=limit, end_time=end_time)
        return [msgspec.structs.replace(candle, closed=True) for candle in candles]


@wrong("S20", "answered late, the")
class ClosesByTheTimeOfTheAnswer(BinanceMarketApi):
    async def get_candles(self, instrument, interval, *, limit=500, end_time=None):
        candles = await super().get_candles(instrument, interval, limit=limit, end_time=end_time)
        now = self._client.now_ms()
        return [
            msgspec.structs.replace(candle, closed=interval.next_open(candle.timestamp) <= now)
            for candle in candles
        ]


@wrong("H07", "is a price")
class TellsNoNumber(BinanceMarketApi):
    async def get_prices(self):
        prices = await super().get_prices()
        return {symbol: msgspec.structs.replace(one, price=math.nan) for symbol, one in prices.items()}


@wrong("H07", "is an instrument's symbol")
class TellsVenueSymbols(BinanceMarketApi):
    async def get_prices(self):
        return {symbol.lower(): price for symbol, price in (await super().get_prices()).items()}


@wrong("M23", "which the manifest does not claim", historical_data=False)
class HasAHistoryItDoesNotClaim(BinanceMarketApi):
    """Nothing but the manifest is wrong."""


@wrong("M24", "open_order() of a connector that claims no orders")
class OpensOrdersUnasked(RefusedOrders):
    def __init__(self):
        super().__init__("orders come later")

    async def open_order(self, request):
        return None


@wrong("M22", "is implemented, as the manifest claims")
class ClaimsCandlesItDoesNotHave(BinanceWsManager):
    async def subscribe_to_candles(self, options, handler):
        raise NotYetImplemented("candles come later")


@wrong("M25", "get_prices() answers with nothing")
class HasNoPricesAndDoesNotSaySo(BinanceMarketApi):
    async def get_prices(self):
        return {}


@wrong("M26", "the list that is streamed is the client's")
class StreamsHalfTheList(BinanceWsManager):
    async def subscribe_to_instruments(self, options, handler):
        return await super().subscribe_to_instruments(options, lambda listed: handler(listed[::2]))


@wrong("M27", "subscribe_to_account() without credentials")
class ListensToNobodysAccount(BinanceWsManager):
    async def subscribe_to_account(self, options, handler):
        async def leave() -> None:
            """There is nothing to leave."""

        return leave


# --- credentials ----------------------------------------------------------------------------------------------------


@wrong("C01", "without credentials raises MissingCredentials")
class AnswersAnybody(BinanceAccountApi):
    async def get_assets_info(self):
        return AssetsInfo(())


@wrong("C02", "is what the account holds")
class MakesUpBalances(BinanceAccountApi):
    async def get_assets_info(self):
        found = await super().get_assets_info()
        return AssetsInfo((*found.assets, Balance("GOLD", found.assets[0].free, found.assets[0].locked)))


def _may_all(info: AccountInfo) -> AccountInfo:
    return dataclasses.replace(info, can_trade=True)


@wrong("C03", "can_trade is not True")
class CallsEveryKeyATrader(BinanceAccountApi):
    async def get_account_info(self):
        return _may_all(await super().get_account_info())


@wrong("C04", "in a log record of")
class LogsTheSecret(BinanceClientService):
    def set_credentials(self, credentials: Credentials) -> None:
        log.debug("credentials: %s", {key: secret.reveal() for key, secret in credentials.items()})
        super().set_credentials(credentials)


@wrong("C04", "in the bundle")
class KeepsTheSecretPlain(BinanceClientService):
    plain: dict[str, str]

    def set_credentials(self, credentials: Credentials) -> None:
        self.plain = {key: secret.reveal() for key, secret in credentials.items()}
        super().set_credentials(credentials)


@wrong("C04", "in the error of")
class QuotesTheSecret(BinanceAccountApi):
    async def get_assets_info(self):
        try:
            return await super().get_assets_info()
        except BarfinexError as error:
            key = self._client.api_key
            raise BarfinexError(f"{error} (key {key.key})") from None


@wrong("C05", "the secret was made wrong")
class KeepsTheFirstCredentials(BinanceClientService):
    def set_credentials(self, credentials: Credentials) -> None:
        if self._venue.api_key is None or not credentials:
            super().set_credentials(credentials)
