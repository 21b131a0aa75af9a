"""From a frame's bytes to the normalised event, with the least work: the hot path of streams and replays.

Each function takes a frame as the venue sent it, bare or in the combined endpoint's envelope, and raises `BadFrame`.
The envelope is tried first, because the connector streams through the combined endpoint.
"""

from collections.abc import Callable
from typing import TypeVar, cast

import msgspec

from catalog.text import clean
from connectors.contracts.errors import BadFrame
from connectors.contracts.events import Candle, OrderBookUpdate, Price, Trade
from connectors.streaming.decoding import FAULTS, bad_frame, decoder, each_row
from connectors.venues.binance import wire
from connectors.venues.binance.symbols import SYMBOLS, venue_symbol_of

T = TypeVar("T")

PARTIAL_DEPTHS = ("5", "10", "20")
"""How many levels a side a stream of partial books has."""

_trade_enveloped = decoder(wire.Envelope[wire.AnyTradeFrame])
_trade_bare = decoder(cast("type[wire.AnyTradeFrame]", wire.AnyTradeFrame))
_depth_enveloped = decoder(wire.Envelope[wire.DepthFrame])
_depth_bare = decoder(wire.DepthFrame)
_partial_enveloped = decoder(wire.NamedEnvelope[wire.DepthSnapshot])
_kline_enveloped = decoder(wire.Envelope[wire.KlineFrame])
_kline_bare = decoder(wire.KlineFrame)
_price_enveloped = decoder(wire.Envelope[wire.PriceFrame])
_price_bare = decoder(wire.PriceFrame)
_prices_enveloped = decoder(wire.Envelope[wire.PriceFrame | list[wire.PriceFrame]])
_payload = decoder(wire.Envelope[msgspec.Raw])


def _bare(decode: Callable[[bytes], T], frame: bytes, enveloped: BaseException) -> T:
    """The frame without an envelope; where it has one, the fault found inside it is the one to report."""
    if frame.startswith(b'{"stream"'):
        raise bad_frame(enveloped)
    try:
        return decode(frame)
    except FAULTS as fault:
        raise bad_frame(fault) from None


def decode_trade(frame: bytes) -> Trade:
    """`@trade` and `@aggTrade`."""
    try:
        trade = _trade_enveloped(frame).data
    except FAULTS as fault:
        trade = _bare(_trade_bare, frame, fault)
    if not trade.price:
        raise BadFrame("a trade has no price")
    # The same as `trade_of`, whose call would cost a twentieth of the whole.
    return Trade(
        SYMBOLS[trade.symbol],
        trade.price,
        trade.quantity,
        trade.time,
        "sell" if trade.buyer_is_maker else "buy",
        f"{trade.id}",
    )


def decode_trades(frame: bytes) -> list[Trade]:
    """As `decode_trade`; a placeholder is no trade."""
    try:
        trade = _trade_enveloped(frame).data
    except FAULTS as fault:
        trade = _bare(_trade_bare, frame, fault)
    return trades_of(trade)


def trades_of(frame: wire.AnyTradeFrame) -> list[Trade]:
    """The trade, if it is one."""
    return [] if frame.is_placeholder else [trade_of(frame)]


def trade_of(frame: wire.AnyTradeFrame) -> Trade:
    if not frame.price:
        raise BadFrame("a trade has no price")
    return Trade(
        SYMBOLS[frame.symbol],
        frame.price,
        frame.quantity,
        frame.time,
        "sell" if frame.buyer_is_maker else "buy",
        f"{frame.id}",
    )


def decode_depth(frame: bytes) -> OrderBookUpdate:
    """`@depth`: a change of some levels."""
    try:
        depth = _depth_enveloped(frame).data
    except FAULTS as fault:
        depth = _bare(_depth_bare, frame, fault)
    return depth_of(depth)


def depth_of(frame: wire.DepthFrame) -> OrderBookUpdate:
    if frame.first > frame.last:
        raise BadFrame(f"a depth update ends ({frame.last}) before it begins ({frame.first})")
    time = frame.transaction_time
    return OrderBookUpdate(
        SYMBOLS[frame.symbol],
        frame.bids,
        frame.asks,
        frame.event_time if time is None else time,
        False,
        frame.last,
        frame.first,
        frame.previous,
    )


def decode_partial_depth(frame: bytes) -> OrderBookUpdate:
    """`@depth5|10|20` of spot, in its envelope: the whole top of a book, whose symbol only the stream's name tells."""
    try:
        named = _partial_enveloped(frame)
    except FAULTS as fault:
        raise bad_frame(fault) from None
    return partial_book_of(named.data, named.stream)


def partial_book_of(snapshot: wire.DepthSnapshot, stream: str) -> OrderBookUpdate:
    """What a stream of partial books sends, whose name tells how deep they are."""
    depth = stream.partition("@")[2].partition("@")[0].removeprefix("depth")
    levels = int(depth) if depth in PARTIAL_DEPTHS else max(len(snapshot.bids), len(snapshot.asks))
    return snapshot_of(snapshot, venue_symbol_of(stream), levels)


def snapshot_of(snapshot: wire.DepthSnapshot, venue_symbol: str, depth: int | None = None) -> OrderBookUpdate:
    """The best `depth` levels of a book, or all. Its time is 0 on spot, where the venue names none."""
    return OrderBookUpdate(
        SYMBOLS[venue_symbol],
        snapshot.bids,
        snapshot.asks,
        snapshot.transaction_time or snapshot.event_time or 0,
        True,
        snapshot.last_update_id,
        depth=depth,
    )


def decode_candle(frame: bytes, interval: str) -> Candle:
    """`@kline_<interval>`; a candle of another interval is a `BadFrame`."""
    try:
        kline = _kline_enveloped(frame).data.kline
    except FAULTS as fault:
        kline = _bare(_kline_bare, frame, fault).kline
    return candle_of(kline, interval)


def candle_of(kline: wire.Kline, interval: str) -> Candle:
    if kline.interval != interval:
        raise BadFrame(f"a candle of {clean(kline.interval)} came where one of {clean(interval)} was due")
    if not (kline.low <= kline.open <= kline.high and kline.low <= kline.close <= kline.high):
        raise BadFrame("a candle opens or closes outside its own range")
    return Candle(
        SYMBOLS[kline.symbol],
        interval,
        kline.open_time,
        kline.open,
        kline.high,
        kline.low,
        kline.close,
        kline.volume,
        kline.closed,
    )


def decode_price(frame: bytes) -> Price | None:
    """`@ticker`, `@miniTicker`, `@bookTicker`; `None` for a symbol that has no price yet."""
    try:
        price = _price_enveloped(frame).data
    except FAULTS as fault:
        price = _bare(_price_bare, frame, fault)
    return price_of(price)


def decode_prices(frame: bytes) -> list[Price]:
    """As `decode_price`, and the `!...@arr` streams; symbols that have no price yet are left out.

    A row that cannot be right costs itself alone.
    """
    try:
        frames = _prices_enveloped(frame).data
        each = frames if isinstance(frames, list) else (frames,)
        return [price for price in map(price_of, each) if price is not None]
    except (*FAULTS, BadFrame):
        payload = _unwrapped(frame)
    if payload.startswith(b"["):
        return [price for price in each_row(payload, decode_price) if price is not None]
    price = decode_price(frame)
    return [] if price is None else [price]


def _unwrapped(frame: bytes) -> bytes:
    try:
        return bytes(_payload(frame).data).lstrip()
    except FAULTS:
        return frame.lstrip()


def price_of(frame: wire.PriceFrame) -> Price | None:
    """`None` for a symbol that has no price yet, and for one of COIN-M among those of USD-M.

    A book ticker names no last price: the middle of its bid and ask stands for it, and on spot its time is 0."""
    bid = frame.bid
    ask = frame.ask
    last = frame.last
    if frame.settled != wire.USD_M:
        return None
    if last > 0:
        return Price(
            SYMBOLS[frame.symbol],
            last,
            frame.event_time,
            bid if bid > 0 else None,
            ask if ask > 0 else None,
            frame.open if frame.open > 0 else None,
            frame.high if frame.high > 0 else None,
            frame.low if frame.low > 0 else None,
            frame.volume if frame.volume >= 0 else None,
            frame.quote_volume if frame.quote_volume >= 0 else None,
        )
    if last == 0:
        return None
    if bid > 0 and ask > 0:
        return Price(SYMBOLS[frame.symbol], (bid + ask) / 2, frame.event_time, bid, ask)
    if bid < 0 or ask < 0:
        raise BadFrame("a ticker has neither a last price nor a bid and an ask")
    side = bid or ask
    return Price(SYMBOLS[frame.symbol], side, frame.event_time, bid or None, ask or None) if side else None
