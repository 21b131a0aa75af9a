"""Candles and prices from the rows of Bitstamp's REST answers. Pure; every function raises `BadFrame`."""

from barfinex_exchange_bitstamp import wire
from barfinex_exchange_bitstamp.symbols import SYMBOLS
from barfinex_exchange_bitstamp.timeframes import convert_time_frame
from connectors.contracts.errors import BadFrame
from connectors.contracts.events import Candle, Price
from connectors.contracts.timeframes import TimeFrame
from connectors.toolkit import FAULTS, bad_frame, decoder

_ohlc = decoder(wire.Ohlc)
_ticker = decoder(wire.Ticker)


def decode_candles(body: bytes, interval: TimeFrame, past: int | None = None) -> list[Candle]:
    """The candles of an `ohlc` answer, oldest first.

    One is closed where another follows it, or where it was over at a time that is `past`.
    """
    try:
        data = _ohlc(body).data
    except FAULTS as fault:
        raise bad_frame(fault) from None
    symbol, length, rows = SYMBOLS[data.pair], convert_time_frame(interval), data.ohlc
    candles: list[Candle] = []
    for place, row in enumerate(rows):
        if not (row.low <= row.open <= row.high and row.low <= row.close <= row.high):
            raise BadFrame("a candle opens or closes outside its own range")
        if place and row.timestamp <= rows[place - 1].timestamp:
            raise BadFrame("the candles are out of order")
        followed = place + 1 < len(rows)
        over = followed or (past is not None and (row.timestamp + length) * 1_000 - 1 <= past)
        candles.append(
            Candle(
                symbol,
                interval.value,
                row.timestamp * 1_000,
                row.open,
                row.high,
                row.low,
                row.close,
                row.volume,
                over,
            )
        )
    return candles


def decode_ticker(row: bytes) -> Price | None:
    """One row of `ticker`; `None` for a pair that has no price yet."""
    try:
        ticker = _ticker(row)
    except FAULTS as fault:
        raise bad_frame(fault) from None
    if not ticker.last:
        return None
    volume, vwap = ticker.volume, ticker.vwap
    return Price(
        SYMBOLS[ticker.pair],
        ticker.last,
        ticker.timestamp * 1_000,
        ticker.bid or None,
        ticker.ask or None,
        ticker.open_24 or None,
        ticker.high or None,
        ticker.low or None,
        volume,
        None if volume is None or vwap is None else volume * vwap,
    )
