"""Binance's public market data over REST."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import msgspec

from connectors.contracts.errors import BadFrame, BadResponse
from connectors.contracts.events import Candle, OrderBookUpdate, Price
from connectors.contracts.instruments import Instrument
from connectors.contracts.timeframes import TimeFrame
from connectors.network.pages import unreadable
from connectors.rest.paging import page_candles
from connectors.venues.binance import wire
from connectors.venues.binance.client import BinanceClientService
from connectors.venues.binance.decode import FAULTS, decoder, snapshot_of
from connectors.venues.binance.errors import NAME
from connectors.venues.binance.symbols import SYMBOLS
from connectors.venues.binance.timeframes import convert_time_frame

T = TypeVar("T")

_tickers = decoder(list[msgspec.Raw])
_ticker = decoder(wire.Ticker)
_klines = decoder(list[wire.KlineRow])
_depth = decoder(wire.DepthSnapshot)


class BinanceMarketApi:
    """Instruments, prices, candle history and book snapshots."""

    def __init__(self, client: BinanceClientService) -> None:
        self._client = client

    async def get_instruments_info(self) -> Sequence[Instrument]:
        """The venue's instrument list, fetched anew; the client's own list is renewed with it."""
        return await self._client.load_instruments()

    async def get_prices(self) -> Mapping[str, Price]:
        """Last price and 24 h figures of every symbol that has a price. A malformed row is left out."""
        rows = _read(_tickers, await self._client.get(self._client.endpoints.tickers), "prices")
        prices: dict[str, Price] = {}
        for row in rows:
            try:
                ticker = _ticker(bytes(row))
                symbol = SYMBOLS[ticker.symbol]
            except (*FAULTS, BadFrame):
                continue
            if ticker.last_price:
                prices[symbol] = _price_of(symbol, ticker)
        if rows and not prices:
            raise BadResponse(f"{NAME} sent no price that can be read")
        return prices

    async def get_candles(
        self,
        instrument: Instrument,
        interval: TimeFrame,
        *,
        limit: int = 500,
        end_time: int | None = None,
    ) -> Sequence[Candle]:
        """The last candle is open where its time is not over."""

        async def page(wanted: int, until: int | None) -> list[Candle]:
            return await self._klines_page(instrument, interval, wanted, until)

        return await page_candles(
            page,
            interval,
            limit=limit,
            end_time=end_time,
            most=self._client.endpoints.klines.most,
            venue=NAME,
        )

    async def get_depth(self, instrument: Instrument, limit: int = 1000) -> OrderBookUpdate:
        """A snapshot of the best `limit` levels a side or more (at most 5,000 on spot, 1,000 on futures)."""
        call, asked = self._client.endpoints.depth.of(limit)
        body = await self._client.get(call, (("symbol", instrument.venue_symbol), ("limit", str(asked))))
        return snapshot_of(_read(_depth, body, "order book"), instrument.venue_symbol, asked)

    async def _klines_page(
        self, instrument: Instrument, interval: TimeFrame, limit: int, until: int | None
    ) -> list[Candle]:
        name = convert_time_frame(interval, self._client.context.market_type)
        call, asked = self._client.endpoints.klines.of(limit)
        params = (("symbol", instrument.venue_symbol), ("interval", name), ("limit", str(asked)))
        if until is not None:
            params = (*params, ("endTime", str(until)))
        moment = self._client.moment()
        rows = _read(_klines, await self._client.get(call, params), "candles")
        asked_at = self._client.ms_at(moment)
        # What was open when it was asked for may have been open when it was answered, whatever time it is by now.
        return [
            _candle_of(instrument.symbol, name, row, closed=place < len(rows) or row.close_time < asked_at)
            for place, row in enumerate(rows, start=1)
        ]


def _read(decode: Callable[[bytes], T], body: bytes, what: str) -> T:
    try:
        return decode(body)
    except FAULTS as fault:
        raise unreadable(NAME, what, body, fault) from None


def _candle_of(symbol: str, interval: str, row: wire.KlineRow, *, closed: bool) -> Candle:
    return Candle(symbol, interval, row.open_time, row.open, row.high, row.low, row.close, row.volume, closed)


def _price_of(symbol: str, ticker: wire.Ticker) -> Price:
    return Price(
        symbol,
        ticker.last_price,
        ticker.close_time,
        ticker.bid_price or None,
        ticker.ask_price or None,
        ticker.open_price or None,
        ticker.high_price or None,
        ticker.low_price or None,
        ticker.volume,
        ticker.quote_volume,
    )
