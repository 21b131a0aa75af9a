"""Bitstamp's public market data over REST."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import msgspec

from barfinex_exchange_bitstamp import wire
from barfinex_exchange_bitstamp.client import BitstampClientService
from barfinex_exchange_bitstamp.decode import update_of
from barfinex_exchange_bitstamp.errors import NAME
from barfinex_exchange_bitstamp.history import decode_candles, decode_ticker
from barfinex_exchange_bitstamp.timeframes import convert_time_frame
from connectors.contracts.errors import BadFrame, BadResponse
from connectors.contracts.events import Candle, OrderBookUpdate, Price
from connectors.contracts.instruments import Instrument
from connectors.contracts.timeframes import TimeFrame
from connectors.toolkit import FAULTS, decoder, page_candles, unreadable

T = TypeVar("T")

_PAGE = 1_000

_rows = decoder(list[msgspec.Raw])
_book = decoder(wire.BookData)
_transactions = decoder(list[wire.TransactionId])


class BitstampMarketApi:
    """Instruments, prices, candle history and book snapshots."""

    def __init__(self, client: BitstampClientService) -> None:
        self._client = client

    async def get_instruments_info(self) -> Sequence[Instrument]:
        """The venue's list of spot pairs, fetched anew; the client's own list is renewed with it."""
        return await self._client.load_instruments()

    async def get_prices(self) -> Mapping[str, Price]:
        """Last price and 24 h figures of every spot pair that has a price. A malformed row is left out."""
        await self._client.ensure_ready()
        rows = _read(_rows, await self._client.get("/ticker/"), "prices")
        prices: dict[str, Price] = {}
        for row in rows:
            try:
                price = decode_ticker(bytes(row))
            except BadFrame:
                continue
            # Perpetuals are in the same list.
            if price is not None and price.symbol in self._client.instruments:
                prices[price.symbol] = price
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
            return await self._candles_page(instrument, interval, wanted, until)

        return await page_candles(page, interval, limit=limit, end_time=end_time, most=_PAGE, venue=NAME)

    async def get_book(self, instrument: Instrument) -> OrderBookUpdate:
        """A snapshot of the best levels."""
        body = await self._client.get(f"/order_book/{instrument.venue_symbol}/", (("group", "1"),))
        book = _read(_book, body, "order book")
        return update_of(book, instrument.venue_symbol)

    async def get_last_trade_id(self, instrument: Instrument) -> int | None:
        """The id of the last trade; `None` where nothing was traded in the last minute."""
        path = f"/transactions/{instrument.venue_symbol}/"
        rows = _read(_transactions, await self._client.get(path, (("time", "minute"),)), "trades")
        return max((row.tid for row in rows), default=None)

    async def _candles_page(
        self, instrument: Instrument, interval: TimeFrame, limit: int, until: int | None
    ) -> list[Candle]:
        params = (("step", str(convert_time_frame(interval))), ("limit", str(limit)))
        if until is not None:
            params = (*params, ("end", str(until // 1_000)))
        # The venue tells no time, and this machine's may be wrong: the newest is over when another comes.
        past = None if until is None else min(until, self._client.now_ms())
        body = await self._client.get(f"/ohlc/{instrument.venue_symbol}/", params)
        try:
            candles = decode_candles(body, interval, past)
        except BadFrame as fault:
            raise unreadable(NAME, "candles", body, fault) from None
        if any(candle.symbol != instrument.symbol for candle in candles):
            raise BadResponse(f"{NAME} sent candles of another pair")
        return candles


def _read(decode: Callable[[bytes], T], body: bytes, what: str) -> T:
    try:
        return decode(body)
    except FAULTS as fault:
        raise unreadable(NAME, what, body, fault) from None
