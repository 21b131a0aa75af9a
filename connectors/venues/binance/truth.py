"""What Binance says over REST about a stream that is silent: cheap calls, few a minute."""

from collections.abc import Mapping, Sequence

from catalog.model import MarketType
from connectors.contracts.errors import BadFrame, BadResponse
from connectors.contracts.events import Candle
from connectors.contracts.timeframes import TimeFrame
from connectors.streaming.decoding import each_row
from connectors.streaming.pacing import SlidingWindow
from connectors.venues.binance import wire
from connectors.venues.binance.client import BinanceClientService
from connectors.venues.binance.decode import FAULTS, decoder
from connectors.venues.binance.endpoints import AGGREGATES, Call
from connectors.venues.binance.errors import NAME
from connectors.venues.binance.market import BinanceMarketApi
from connectors.venues.binance.symbols import SYMBOLS

PROBE_DEPTH = 5
ASKED_A_MINUTE = 120
"""Each weighs 5 at most, of the 6,000 a minute that an address has on spot and the 2,400 on futures."""
AGGREGATES_A_MINUTE = 20
"""Each weighs 20."""
_CANDLES = 2
"""The open candle, and the one before, which may have been closed unheard."""

_last_trade = decoder(wire.LastTrade)
_aggregates = decoder(list[wire.LastAggregate])
_price = decoder(wire.SymbolPrice)


class BinanceTruth:
    """Shared by all channels of a connector. Every call raises a `BarfinexError` where there is no answer."""

    def __init__(self, client: BinanceClientService, market_api: BinanceMarketApi) -> None:
        self._client = client
        self._market_api = market_api
        self._pace = SlidingWindow(ASKED_A_MINUTE, 60.0)
        self._heavy_pace = SlidingWindow(AGGREGATES_A_MINUTE, 60.0)

    async def book_sequence(self, symbol: str) -> int | None:
        """The update id that the venue's book stands at."""
        await self._pace.turn()
        return (await self._market_api.get_depth(self._client.instrument(symbol), PROBE_DEPTH)).last_sequence

    async def last_trade(self, symbol: str) -> int:
        """The number of the last trade: of futures, whose stream is `@aggTrade`, that of the last aggregate."""
        try:
            if self._client.context.market_type is MarketType.FUTURES:
                await self._heavy_pace.turn()
                rows = _aggregates(await self._get(AGGREGATES, symbol, ("limit", "1")))
                return rows[-1].id if rows else -1
            path = self._client.endpoints.tickers.path
            return _last_trade(await self._get(Call(path, 2), symbol)).last_id
        except FAULTS as fault:
            raise BadResponse(f"{NAME}'s last trade cannot be read: {fault}") from None

    async def candles(self, symbol: str, interval: TimeFrame) -> Sequence[Candle]:
        """The open candle and the one before."""
        await self._pace.turn()
        return await self._market_api.get_candles(self._client.instrument(symbol), interval, limit=_CANDLES)

    async def prices(self, symbol: str | None) -> Mapping[str, float]:
        """The last price of one symbol, or of all, by normal symbol."""
        call = self._client.endpoints.price
        try:
            if symbol is not None:
                rows = [_price(await self._get(call, symbol))]
            else:
                rows = each_row(await self._get(Call(call.path, 2 * call.weight)), _price)
        except (*FAULTS, BadFrame) as fault:
            raise BadResponse(f"{NAME}'s last prices cannot be read: {fault}") from None
        return {SYMBOLS[row.symbol]: row.price for row in rows}

    async def _get(self, call: Call, symbol: str | None = None, *params: tuple[str, str]) -> bytes:
        await self._pace.turn()
        named = () if symbol is None else (("symbol", self._client.instrument(symbol).venue_symbol),)
        return await self._client.get(call, (*named, *params))
