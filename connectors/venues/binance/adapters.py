"""Binance's `ExchangeAdapterSet`: from raw frame to normalised event, for streams, replays and tests alike.

A frame may be bytes, text or decoded JSON, bare or in the combined endpoint's envelope. No I/O, no clock.
The functions of `decode` do the same for bytes without the detour over a handler.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

import msgspec

from catalog.model import MarketType
from catalog.text import clean
from connectors.contracts.errors import UnsupportedMarket
from connectors.contracts.events import Candle, OrderBookUpdate, Price, Trade
from connectors.contracts.orders import AccountUpdate, Balance
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
from connectors.rest.numbers import decimal_of
from connectors.venues.binance import wire
from connectors.venues.binance.decode import (
    FAULTS,
    bad_frame,
    candle_of,
    decode_candle,
    decode_depth,
    decode_partial_depth,
    decode_price,
    decode_prices,
    decode_trade,
    decode_trades,
    decoder,
    depth_of,
    partial_book_of,
    price_of,
    trades_of,
)
from connectors.venues.binance.futures_events import decode_futures_account
from connectors.venues.binance.instruments import decode_exchange_info, instruments_of
from connectors.venues.binance.timeframes import convert_time_frame
from connectors.venues.binance.unknown_events import passed_over

__all__ = [
    "adapters_for",
    "create_account_adapter",
    "create_candle_adapter",
    "create_instrument_prices_adapter",
    "create_instruments_adapter",
    "create_order_book_adapter",
    "create_trade_adapter",
    "decode_account",
    "decode_candle",
    "decode_depth",
    "decode_futures_account",
    "decode_partial_depth",
    "decode_price",
    "decode_prices",
    "decode_trade",
]

T = TypeVar("T")

_MARKETS = (MarketType.SPOT, MarketType.FUTURES)


def _check(market_type: MarketType | str) -> None:
    if market_type not in _MARKETS:
        raise UnsupportedMarket("binance", str(market_type), [market.value for market in _MARKETS])


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


def _mapping(message: RawFrame) -> Mapping[str, Any] | None:
    """Decoded JSON without its envelope; `None` for bytes and text."""
    if not isinstance(message, Mapping):
        return None
    frame = cast("Mapping[str, Any]", message)
    inner = frame.get("data")
    return cast("Mapping[str, Any]", inner) if "stream" in frame and isinstance(inner, Mapping) else frame


def _convert(frame: Mapping[str, Any], shape: type[T]) -> T:
    try:
        return msgspec.convert(frame, shape, strict=False)
    except FAULTS:
        # What only the decoder of text can read.
        try:
            return decoder(shape)(msgspec.json.encode(frame))
        except FAULTS as fault:
            raise bad_frame(fault) from None


def create_trade_adapter(handler: TradeHandler) -> Callable[[MarketType | str], Adapter]:
    """`@trade` and `@aggTrade`; placeholders are passed over. A mapping without an event type is a trade."""

    def for_market(market_type: MarketType | str) -> Adapter:
        _check(market_type)

        def adapt(message: RawFrame) -> None:
            for trade in _trades(message):
                handler(trade)

        return adapt

    return for_market


def _trades(message: RawFrame) -> list[Trade]:
    frame = _mapping(message)
    if frame is None:
        return decode_trades(_bytes(message))
    shape = wire.AggregateTradeFrame if frame.get("e") == "aggTrade" else wire.TradeFrame
    return trades_of(_convert(frame, shape))


def create_order_book_adapter(handler: OrderBookUpdateHandler) -> Callable[[MarketType | str], Adapter]:
    """`@depth`, and in their envelope the partial books, which are snapshots."""

    def for_market(market_type: MarketType | str) -> Adapter:
        _check(market_type)

        def adapt(message: RawFrame) -> None:
            handler(_order_book(message))

        return adapt

    return for_market


def _order_book(message: RawFrame) -> OrderBookUpdate:
    frame = _mapping(message)
    if frame is None:
        raw = _bytes(message)
        return decode_partial_depth(raw) if b'"lastUpdateId"' in raw[:200] else decode_depth(raw)
    if "lastUpdateId" not in frame:
        return depth_of(_convert(frame, wire.DepthFrame))
    return partial_book_of(_convert(frame, wire.DepthSnapshot), str(message.get("stream", "")))


def create_candle_adapter(options: CandleAdapterOptions) -> Adapter:
    """`@kline_<interval>`; a candle of another interval is refused."""
    interval = convert_time_frame(options.interval)

    def adapt(message: RawFrame) -> None:
        options.handler(_candle(message, interval))

    return adapt


def _candle(message: RawFrame, interval: str) -> Candle:
    frame = _mapping(message)
    if frame is None:
        return decode_candle(_bytes(message), interval)
    return candle_of(_convert(frame, wire.KlineFrame).kline, interval)


def create_instrument_prices_adapter(
    logger: Any, handler: PriceHandler
) -> Callable[[MarketType | str], Adapter]:
    """`@ticker`, `@miniTicker`, `@bookTicker` and the arrays of them: the handler is called once a symbol."""

    def for_market(market_type: MarketType | str) -> Adapter:
        _check(market_type)

        def adapt(message: RawFrame) -> None:
            prices = _prices(message)
            if not prices and logger is not None:
                logger.debug("ticker without a price yet: venue=binance")
            for price in prices:
                handler(price)

        return adapt

    return for_market


def _prices(message: RawFrame) -> list[Price]:
    frame = _mapping(message)
    if frame is None or isinstance(frame.get("data"), list):
        return decode_prices(_bytes(message))
    price = price_of(_convert(frame, wire.PriceFrame))
    return [] if price is None else [price]


# --- account ----------------------------------------------------------------------------------------------------------

_user_data = decoder(wire.UserDataEnvelope)
_event_name = decoder(wire.EventName)
_account_position = decoder(wire.AccountPosition)
_WITHOUT_BALANCES = frozenset(
    {
        "balanceUpdate",
        "eventStreamTerminated",
        "executionReport",
        "externalLockUpdate",
        "listStatus",
        "serverShutdown",
    }
)


def decode_account(frame: bytes) -> AccountUpdate | None:
    """An event of the user data stream; `None` for those that name no balances (orders, transfers, its end), and for
    those that are not known."""
    try:
        payload = bytes(_user_data(frame).event)
    except FAULTS:
        payload = frame
    try:
        name = _event_name(payload).event
        event = _account_position(payload) if name == "outboundAccountPosition" else None
    except FAULTS as fault:
        raise bad_frame(fault) from None
    if event is None:
        if name not in _WITHOUT_BALANCES:
            passed_over(name)
        return None
    return AccountUpdate(
        event.event_time,
        tuple(balance_of(each.asset, each.free, each.locked) for each in event.balances),
    )


def balance_of(asset: str, free: str, locked: str) -> Balance:
    """A balance, exact to the digit. Raises `BadFrame`."""
    return Balance(clean(asset, 32), decimal_of(free), decimal_of(locked))


def create_account_adapter(
    options: AccountAdapterOptions, handler: AccountHandler
) -> Callable[[MarketType | str], Adapter]:
    """Balances, and on futures positions, of the account's stream; its other events are passed over."""
    _check(options.market_type)

    def for_market(market_type: MarketType | str) -> Adapter:
        _check(market_type)
        decode = decode_account if market_type == MarketType.SPOT else decode_futures_account

        def adapt(message: RawFrame) -> None:
            update = decode(_bytes(message))
            if update is not None:
                handler(update)

        return adapt

    return for_market


# --- instruments ------------------------------------------------------------------------------------------------------


def create_instruments_adapter(options: InstrumentsAdapterOptions) -> Adapter:
    """The instrument list of `exchangeInfo`."""
    _check(options.market_type)

    def adapt(message: RawFrame) -> None:
        options.handler(instruments_of(decode_exchange_info(_bytes(message)), options.market_type))

    return adapt


def adapters_for(market_type: MarketType) -> ExchangeAdapterSet:
    """The set of one market: it decides which intervals there are."""
    return ExchangeAdapterSet(
        create_trade_adapter=create_trade_adapter,
        create_order_book_adapter=create_order_book_adapter,
        create_candle_adapter=create_candle_adapter,
        create_account_adapter=create_account_adapter,
        create_instruments_adapter=create_instruments_adapter,
        create_instrument_prices_adapter=create_instrument_prices_adapter,
        convert_time_frame=lambda time_frame: convert_time_frame(time_frame, market_type),
    )
