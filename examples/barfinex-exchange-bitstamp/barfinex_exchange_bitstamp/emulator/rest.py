"""The public REST calls. What a 404 says in its body is not documented."""

from typing import Any

from barfinex_exchange_bitstamp.emulator import REST
from barfinex_exchange_bitstamp.emulator.pairs import (
    Pairs,
    amount_decimals,
    price_decimals,
    price_text,
    spelled,
)
from barfinex_exchange_bitstamp.emulator.streams import book_data
from connectors.contracts.instruments import decimals
from connectors.emulator.toolkit import Bar, Clock, Listing, Refused, Request, Response, RestCall, Routes

_INTERVALS = {
    "60": "1m",
    "180": "3m",
    "300": "5m",
    "900": "15m",
    "1800": "30m",
    "3600": "1h",
    "7200": "2h",
    "14400": "4h",
    "21600": "6h",
    "43200": "12h",
    "86400": "1d",
    "259200": "3d",
}
_SPANS = {"minute": 60_000, "hour": 3_600_000, "day": 86_400_000}
_NOT_FOUND = {"status": "error", "reason": "Not found.", "code": "404"}
_DEPTH = 1_000


class Rest:
    def __init__(self, pairs: Pairs, clock: Clock) -> None:
        self._pairs = pairs
        self._clock = clock
        self._routes = Routes(
            {
                f"GET {REST}/markets/": self._markets,
                f"GET {REST}/ticker/": self._tickers,
                f"GET {REST}/ticker/{{pair}}/": self._ticker,
                f"GET {REST}/order_book/{{pair}}/": self._order_book,
                f"GET {REST}/transactions/{{pair}}/": self._transactions,
                f"GET {REST}/ohlc/{{pair}}/": self._ohlc,
            },
            unknown=_NOT_FOUND,
        )

    def answer(self, request: Request) -> Response:
        return self._routes.answer(request)

    def _listing(self, call: RestCall) -> Listing:
        listing = self._pairs.find(call.path["pair"])
        if listing is None:
            raise Refused(404, _NOT_FOUND)
        return listing

    def _markets(self, call: RestCall) -> list[dict[str, Any]]:
        return [_market(listing) for listing in self._pairs.all()]

    def _tickers(self, call: RestCall) -> list[dict[str, Any]]:
        now = self._clock.now()
        return [_ticker(listing, now) for listing in self._pairs.all()]

    def _ticker(self, call: RestCall) -> dict[str, Any]:
        return _ticker(self._listing(call), self._clock.now())

    def _order_book(self, call: RestCall) -> dict[str, Any]:
        listing = self._listing(call)
        bids, asks = listing.book.bids.top(_DEPTH), listing.book.asks.top(_DEPTH)
        # The market's moment, not the clock's: on a busy machine it is behind, and the differences of the time between
        # would be passed over as older than this.
        return book_data(listing, self._pairs.moment, bids, asks)

    def _transactions(self, call: RestCall) -> list[dict[str, Any]]:
        """The newest first."""
        listing = self._listing(call)
        span = _SPANS.get(call.params.get("time", "hour"))
        if span is None:
            raise _invalid("time", "Not a valid choice.")
        since = self._clock.now() - span
        return [
            {
                "date": str(trade.time // 1_000),
                "tid": str(trade.id),
                "amount": trade.instrument.quantity_text(trade.quantity),
                "type": str(int(trade.maker_is_buyer)),
                "price": price_text(trade.instrument, trade.price),
            }
            for trade in reversed(listing.tape.trades)
            if trade.time >= since
        ]

    def _ohlc(self, call: RestCall) -> dict[str, Any]:
        """Where `start` and `end` are both given, `end` counts."""
        listing = self._listing(call)
        interval, limit = _INTERVALS.get(call.params.get("step", "")), call.number("limit", 0)
        if interval is None:
            raise _invalid("step", "Not a valid choice.")
        if not 1 <= limit <= 1_000:
            raise _invalid("limit", "Must be between 1 and 1000.")
        end, start = _milliseconds(call, "end"), _milliseconds(call, "start")
        bars = listing.history.bars(
            interval, self._clock.now(), limit, start=None if end is not None else start, end=end
        )
        rows = [_candle(listing, bar) for bar in bars]
        return {"data": {"pair": spelled(listing.instrument), "ohlc": rows}}


def _invalid(parameter: str, reason: str) -> Refused:
    return Refused(400, {"status": "error", "reason": {parameter: [reason]}, "response_code": "400.001"})


def _milliseconds(call: RestCall, name: str) -> int | None:
    seconds = call.number(name, 0, most=10**11)
    return seconds * 1_000 if seconds else None


def _market(listing: Listing) -> dict[str, Any]:
    instrument = listing.instrument
    return {
        "name": spelled(instrument),
        "market_symbol": instrument.symbol.lower(),
        "base_currency": instrument.base,
        "base_decimals": amount_decimals(instrument),
        "counter_currency": instrument.quote,
        "counter_decimals": decimals(listing.tick, 8),
        "minimum_order_value": str(instrument.min_notional),
        "trading": "Enabled" if listing.trading else "Disabled",
        "instant_order_counter_decimals": price_decimals(instrument),
        "instant_and_market_orders": "Enabled",
        "description": f"{instrument.base} / {instrument.quote}",
        "market_type": "SPOT",
    }


def _ticker(listing: Listing, now: int) -> dict[str, Any]:
    instrument, day = listing.instrument, listing.history.last_day(now)
    vwap = round(day.notional / day.volume) if day.volume else listing.last_price
    change = (listing.last_price - day.open) * 100 / day.open
    bid, ask = listing.book.bids.best or 0, listing.book.asks.best or 0
    prices = {
        "last": listing.last_price,
        "high": day.high,
        "low": day.low,
        "vwap": vwap,
        "bid": bid,
        "ask": ask,
        "open": day.open,
        "open_24": day.open,
    }
    return {
        "timestamp": str(now // 1_000),
        **{name: price_text(instrument, ticks) for name, ticks in prices.items()},
        "volume": instrument.quantity_text(day.volume),
        "percent_change_24": f"{change:.2f}",
        "pair": spelled(instrument),
        "market_type": "SPOT",
    }


def _candle(listing: Listing, bar: Bar) -> dict[str, str]:
    prices = {"open": bar.open, "high": bar.high, "low": bar.low, "close": bar.close}
    return {
        "timestamp": str(bar.start // 1_000),
        **{name: price_text(listing.instrument, ticks) for name, ticks in prices.items()},
        "volume": listing.instrument.quantity_text(bar.volume),
    }
