"""Bitstamp's `ExchangeAdapterSet`: from what the venue sends to normalised events. No I/O, no clock.

A frame may be bytes, text or decoded JSON. The venue streams neither candles nor prices: those adapters take the REST
answers that hold them.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from barfinex_exchange_bitstamp.decode import decode_book, decode_trade
from barfinex_exchange_bitstamp.history import decode_candles, decode_ticker
from barfinex_exchange_bitstamp.instruments import decode_markets
from barfinex_exchange_bitstamp.timeframes import convert_time_frame
from catalog.model import MarketType
from connectors.contracts.errors import NotSupported, UnsupportedMarket
from connectors.contracts.services import (
    AccountAdapterOptions,
    AccountHandler,
    Adapter,
    CandleAdapterOptions,
    ExchangeAdapterSet,
    InstrumentsAdapterOptions,
    OrderBookUpdateHandler,
    PriceHandler,
    RawFrame,
    TradeHandler,
)
from connectors.toolkit import FAULTS, bad_frame, decoder

_rows = decoder(list[msgspec.Raw])


def _check(market_type: MarketType | str) -> None:
    if market_type != MarketType.SPOT:
        raise UnsupportedMarket("bitstamp", str(market_type), [MarketType.SPOT.value])


def _bytes(message: RawFrame) -> bytes:
    """A frame's bytes; a decoded one is written out again, which no hot path does."""
    try:
        if isinstance(message, str):
            return message.encode()
        if isinstance(message, bytes):
            return message
        return msgspec.json.encode(message)
    except FAULTS as fault:
        raise bad_frame(fault) from None


def create_trade_adapter(handler: TradeHandler) -> Callable[[MarketType | str], Adapter]:
    """`live_trades_`."""

    def for_market(market_type: MarketType | str) -> Adapter:
        _check(market_type)
        return lambda message: handler(decode_trade(_bytes(message)))

    return for_market


def create_order_book_adapter(handler: OrderBookUpdateHandler) -> Callable[[MarketType | str], Adapter]:
    """`order_book_`, whose frames are snapshots, and `diff_order_book_`."""

    def for_market(market_type: MarketType | str) -> Adapter:
        _check(market_type)
        return lambda message: handler(decode_book(_bytes(message)))

    return for_market


def create_candle_adapter(options: CandleAdapterOptions) -> Adapter:
    """The answer of `ohlc`: the handler is called once a candle. Raises `UnsupportedTimeFrame`."""
    convert_time_frame(options.interval)

    def adapt(message: RawFrame) -> None:
        for candle in decode_candles(_bytes(message), options.interval):
            options.handler(candle)

    return adapt


def create_instrument_prices_adapter(
    logger: Any, handler: PriceHandler
) -> Callable[[MarketType | str], Adapter]:
    """A row of `ticker`, or all of them: the handler is called once a pair that has a price."""

    def for_market(market_type: MarketType | str) -> Adapter:
        _check(market_type)

        def adapt(message: RawFrame) -> None:
            raw = _bytes(message)
            for row in _each(raw):
                price = decode_ticker(row)
                if price is not None:
                    handler(price)
                elif logger is not None:
                    logger.debug("ticker without a price yet: venue=bitstamp")

        return adapt

    return for_market


def _each(raw: bytes) -> list[bytes]:
    if not raw.lstrip().startswith(b"["):
        return [raw]
    try:
        return [bytes(row) for row in _rows(raw)]
    except FAULTS as fault:
        raise bad_frame(fault) from None


def create_account_adapter(
    options: AccountAdapterOptions, handler: AccountHandler
) -> Callable[[MarketType | str], Adapter]:
    """Raises `NotSupported`: this connector reads no accounts."""
    raise NotSupported("the connector of Bitstamp reads no accounts")


def create_instruments_adapter(options: InstrumentsAdapterOptions) -> Adapter:
    """The answer of `markets`."""
    _check(options.market_type)
    return lambda message: options.handler(decode_markets(_bytes(message)))


def adapters() -> ExchangeAdapterSet:
    return ExchangeAdapterSet(
        create_trade_adapter=create_trade_adapter,
        create_order_book_adapter=create_order_book_adapter,
        create_candle_adapter=create_candle_adapter,
        create_account_adapter=create_account_adapter,
        create_instruments_adapter=create_instruments_adapter,
        create_instrument_prices_adapter=create_instrument_prices_adapter,
        convert_time_frame=convert_time_frame,
    )
