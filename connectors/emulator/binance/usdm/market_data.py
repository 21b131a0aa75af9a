"""Public market data operations: book, trades, candles, tickers, mark price."""

from typing import Any

from connectors.emulator.binance.core import Call, Core, Operation, by_symbol_count, chosen, names
from connectors.emulator.binance.errors import invalid_data
from connectors.emulator.binance.market_data import (
    aggregate_row,
    chosen_aggregates,
    kline_rows,
    sides,
    trade_row,
)
from connectors.emulator.binance.order_payloads import amount
from connectors.emulator.binance.params import Params
from connectors.emulator.binance.tickers import book_ticker, day_ticker
from connectors.emulator.binance.usdm.exchange_info import ExchangeInfo
from connectors.emulator.binance.usdm.prices import (
    INTEREST_RATE,
    funding_rate,
    index_price,
    mark_price,
    next_funding,
)
from connectors.emulator.intervals import INTERVALS
from connectors.emulator.listing import Listing

KLINES_MOST = 1_500
KLINE_INTERVALS = tuple(interval for interval in INTERVALS if interval != "1s")
DEPTHS = {5: 2, 10: 2, 20: 2, 50: 2, 100: 5, 500: 10, 1_000: 20}
"""The weights of the limits there are."""
NOT_IN_TICKER = ("prevClosePrice", "bidPrice", "bidQty", "askPrice", "askQty")


def market_data_operations(core: Core, delivery: int) -> dict[str, Operation]:
    data = _MarketData(core)
    candles = names("symbol interval startTime endTime limit")
    return {
        "ping": Operation(lambda _call: {}, 1),
        "time": Operation(lambda _call: {"serverTime": core.now()}, 1),
        "exchangeInfo": Operation(ExchangeInfo(core, delivery).answer, 1),
        "depth": Operation(data.depth, _depth_weight, names("symbol limit")),
        "trades": Operation(data.trades, 5, names("symbol limit")),
        "aggTrades": Operation(data.aggregates, 20, names("symbol fromId startTime endTime limit")),
        "klines": Operation(data.klines, _klines_weight, candles),
        "ticker.24hr": Operation(data.day_tickers, by_symbol_count(1, 40), names("symbol")),
        "ticker.price": Operation(data.prices, by_symbol_count(1, 2), names("symbol")),
        "ticker.book": Operation(data.book_tickers, by_symbol_count(2, 5), names("symbol")),
        "premiumIndex": Operation(data.premium, 1, names("symbol")),
    }


def _depth_weight(params: Params) -> int:
    return DEPTHS.get(params.integer("limit") or 500, 1)


def _klines_weight(params: Params) -> int:
    limit = params.integer("limit") or 500
    return 1 if limit < 100 else 2 if limit < 500 else 5 if limit <= 1_000 else 10


class _MarketData:
    def __init__(self, core: Core) -> None:
        self._core = core

    def depth(self, call: Call) -> Any:
        listing = self._core.listing(call.params.symbol())
        limit = call.params.integer("limit") or 500
        if limit not in DEPTHS:
            raise invalid_data("limit")
        return {
            "lastUpdateId": listing.book.update_id,
            "E": self._core.now(),
            "T": self._core.stamp(call.now),
            **sides(listing, limit),
        }

    def trades(self, call: Call) -> Any:
        tape = self._core.listing(call.params.symbol()).tape
        return [trade_row(self._core, trade) for trade in list(tape.trades)[-call.params.limit(500, 1_000) :]]

    def aggregates(self, call: Call) -> Any:
        listing = self._core.listing(call.params.symbol())
        found = chosen_aggregates(self._core, listing, call.params)
        return [aggregate_row(self._core, listing.instrument, trade) for trade in found]

    def klines(self, call: Call) -> Any:
        return kline_rows(self._core, call, KLINE_INTERVALS, KLINES_MOST)

    def day_tickers(self, call: Call) -> Any:
        return self._each(call, self._day_ticker)

    def prices(self, call: Call) -> Any:
        return self._each(call, self._price)

    def book_tickers(self, call: Call) -> Any:
        return self._each(call, self._book_ticker)

    def premium(self, call: Call) -> Any:
        return self._each(call, self._premium)

    def _each(self, call: Call, make: Any) -> Any:
        listings, single = chosen(self._core, call)
        made = [make(listing, call.now) for listing in listings]
        return made[0] if single else made

    def _day_ticker(self, listing: Listing, now: int) -> dict[str, Any]:
        full = day_ticker(self._core, listing, now)
        return {name: value for name, value in full.items() if name not in NOT_IN_TICKER}

    def _price(self, listing: Listing, now: int) -> dict[str, Any]:
        instrument = listing.instrument
        return {
            "symbol": instrument.symbol,
            "price": instrument.price_text(listing.last_price),
            "time": self._core.stamp(now),
        }

    def _book_ticker(self, listing: Listing, now: int) -> dict[str, Any]:
        return {
            **book_ticker(listing),
            "time": self._core.stamp(now),
            "lastUpdateId": listing.book.update_id,
        }

    def _premium(self, listing: Listing, now: int) -> dict[str, Any]:
        rate = funding_rate(listing.instrument)
        mark = amount(mark_price(self._core, listing))
        return {
            "symbol": listing.instrument.symbol,
            "markPrice": mark,
            "indexPrice": amount(index_price(self._core, listing.instrument)),
            "estimatedSettlePrice": mark,
            "lastFundingRate": "" if rate is None else amount(rate),
            "interestRate": "" if rate is None else amount(INTEREST_RATE),
            "nextFundingTime": 0 if rate is None else self._core.stamp(next_funding(now)),
            "time": self._core.stamp(now),
        }
