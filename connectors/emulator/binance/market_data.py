"""Public market data operations: book, trades, candles and tickers."""

from collections.abc import Collection
from typing import Any

from connectors.emulator.binance.core import Call, Core, Operation, by_symbol_count, chosen, names
from connectors.emulator.binance.errors import BAD_INTERVAL, VenueRefusal, invalid_data
from connectors.emulator.binance.exchange_info import ExchangeInfo
from connectors.emulator.binance.params import Params
from connectors.emulator.binance.tickers import average_price, book_ticker, day_ticker, mini_day_ticker
from connectors.emulator.candles import Bar
from connectors.emulator.instruments import Instrument
from connectors.emulator.intervals import INTERVALS, next_open
from connectors.emulator.listing import Listing
from connectors.emulator.orders import Trade
from connectors.emulator.tape import AggregateTrade

_DEPTH_WEIGHTS = ((100, 5), (500, 25), (1_000, 50), (5_000, 250))


def market_data_operations(core: Core) -> dict[str, Operation]:
    """By the WebSocket API's method name; REST paths map to the same ones."""
    data = _MarketData(core)
    info = ExchangeInfo(core)
    tickers = names("symbol symbols type symbolStatus")
    return {
        "ping": Operation(lambda _call: {}, 1),
        "time": Operation(lambda _call: {"serverTime": core.now()}, 1),
        "exchangeInfo": Operation(
            info.answer, 20, names("symbol symbols permissions showPermissionSets symbolStatus")
        ),
        "depth": Operation(data.depth, _depth_weight, names("symbol limit symbolStatus")),
        "trades.recent": Operation(data.trades, 25, names("symbol limit")),
        "trades.historical": Operation(data.historical_trades, 25, names("symbol limit fromId")),
        "trades.aggregate": Operation(data.aggregates, 4, names("symbol fromId startTime endTime limit")),
        "klines": Operation(data.klines, 2, names("symbol interval startTime endTime timeZone limit")),
        "uiKlines": Operation(data.klines, 2, names("symbol interval startTime endTime timeZone limit")),
        "avgPrice": Operation(data.average, 2, names("symbol")),
        "ticker.24hr": Operation(data.day_tickers, by_symbol_count(2, 80), tickers),
        "ticker.price": Operation(data.prices, by_symbol_count(2, 4), tickers),
        "ticker.book": Operation(data.book_tickers, by_symbol_count(2, 4), tickers),
        "noContracts": Operation(lambda _call: info.without_symbols(), 1),
    }


def _depth_weight(params: Params) -> int:
    limit = params.integer("limit") or 100
    return next((weight for most, weight in _DEPTH_WEIGHTS if limit <= most), 250)


class _MarketData:
    def __init__(self, core: Core) -> None:
        self._core = core

    def depth(self, call: Call) -> Any:
        listing = self._core.listing(call.params.symbol())
        limit = call.params.limit(100, 5_000)
        return {"lastUpdateId": listing.book.update_id, **sides(listing, limit)}

    def trades(self, call: Call) -> Any:
        tape = self._core.listing(call.params.symbol()).tape
        return [self._trade(trade) for trade in list(tape.trades)[-call.params.limit(500, 1_000) :]]

    def historical_trades(self, call: Call) -> Any:
        tape = self._core.listing(call.params.symbol()).tape
        start, limit = call.params.integer("fromId"), call.params.limit(500, 1_000)
        if start is None:
            return self.trades(call)
        return [self._trade(trade) for trade in tape.trades if trade.id >= start][:limit]

    def aggregates(self, call: Call) -> Any:
        listing = self._core.listing(call.params.symbol())
        found = chosen_aggregates(self._core, listing, call.params)
        return [aggregate_row(self._core, listing.instrument, trade) | {"M": True} for trade in found]

    def klines(self, call: Call) -> Any:
        zone = call.params.optional("timeZone")
        if zone is not None and zone not in ("0", "0:00", "00:00", "+00:00"):
            raise invalid_data("timeZone")
        return kline_rows(self._core, call, INTERVALS, 1_000)

    def average(self, call: Call) -> Any:
        listing = self._core.listing(call.params.symbol())
        price, time = average_price(listing, call.now)
        return {"mins": 5, "price": price, "closeTime": self._core.stamp(time)}

    def day_tickers(self, call: Call) -> Any:
        kind = call.params.optional("type") or "FULL"
        if kind not in ("FULL", "MINI"):
            raise invalid_data("type")
        make = day_ticker if kind == "FULL" else mini_day_ticker
        listings, single = chosen(self._core, call)
        made = [make(self._core, listing, call.now) for listing in listings]
        return made[0] if single else made

    def prices(self, call: Call) -> Any:
        listings, single = chosen(self._core, call)
        made = [
            {"symbol": listing.instrument.symbol, "price": listing.instrument.price_text(listing.last_price)}
            for listing in listings
        ]
        return made[0] if single else made

    def book_tickers(self, call: Call) -> Any:
        listings, single = chosen(self._core, call)
        made = [book_ticker(listing) for listing in listings]
        return made[0] if single else made

    def _trade(self, trade: Trade) -> dict[str, Any]:
        return trade_row(self._core, trade) | {"isBestMatch": True}


def sides(listing: Listing, limit: int) -> dict[str, Any]:
    """The best levels of the book."""
    instrument, book = listing.instrument, listing.book
    return {
        "bids": instrument.level_texts(book.bids.top(limit)),
        "asks": instrument.level_texts(book.asks.top(limit)),
    }


def trade_row(core: Core, trade: Trade) -> dict[str, Any]:
    instrument = trade.instrument
    return {
        "id": trade.id,
        "price": instrument.price_text(trade.price),
        "qty": instrument.quantity_text(trade.quantity),
        "quoteQty": instrument.notional_text(trade.price * trade.quantity),
        "time": core.stamp(trade.time),
        "isBuyerMaker": trade.maker_is_buyer,
    }


def chosen_aggregates(core: Core, listing: Listing, params: Params) -> list[AggregateTrade]:
    """Those that `fromId`, `startTime`, `endTime` and `limit` ask for: the newest where no beginning is named."""
    limit = params.limit(500, 1_000)
    first, start, end = params.integer("fromId"), params.integer("startTime"), params.integer("endTime")
    found = [
        trade
        for trade in listing.tape.aggregates
        if (first is None or trade.id >= first)
        and (start is None or core.stamp(trade.time) >= start)
        and (end is None or core.stamp(trade.time) <= end)
    ]
    return found[-limit:] if first is None and start is None else found[:limit]


def aggregate_row(core: Core, instrument: Instrument, trade: AggregateTrade) -> dict[str, Any]:
    return {
        "a": trade.id,
        "p": instrument.price_text(trade.price),
        "q": instrument.quantity_text(trade.quantity),
        "f": trade.first_id,
        "l": trade.last_id,
        "T": core.stamp(trade.time),
        "m": trade.maker_is_buyer,
    }


def kline_rows(core: Core, call: Call, intervals: Collection[str], most: int) -> list[list[Any]]:
    """The candles that a call asks for, `most` of them at most. Raises the venue's refusal of another interval."""
    params = call.params
    listing, interval = core.listing(params.symbol()), params.text("interval")
    if interval not in intervals:
        raise VenueRefusal(*BAD_INTERVAL)
    bars = listing.history.bars(
        interval,
        call.now,
        params.limit(500, most),
        params.integer("startTime"),
        params.integer("endTime"),
    )
    return [kline_row(listing.instrument, interval, bar) for bar in bars]


def kline_row(instrument: Instrument, interval: str, bar: Bar) -> list[Any]:
    return [
        bar.start,
        instrument.price_text(bar.open),
        instrument.price_text(bar.high),
        instrument.price_text(bar.low),
        instrument.price_text(bar.close),
        instrument.quantity_text(bar.volume),
        next_open(interval, bar.start) - 1,
        instrument.notional_text(bar.notional),
        bar.trades,
        instrument.quantity_text(bar.taker_buy_volume),
        instrument.notional_text(bar.taker_buy_notional),
        "0",
    ]
