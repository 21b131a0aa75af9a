"""From a frame's bytes to the normalised event. Every function raises `BadFrame`."""

from barfinex_exchange_bitstamp import wire
from barfinex_exchange_bitstamp.stream_names import BOOK, BOOK_CHANGES, TRADES
from barfinex_exchange_bitstamp.symbols import SYMBOLS
from connectors.contracts.errors import BadFrame
from connectors.contracts.events import OrderBookUpdate, Trade
from connectors.toolkit import FAULTS, bad_frame, clean, decoder

BOOK_DEPTH = 100
"""Levels a side of a whole book, as many as the stream gives."""

_trade = decoder(wire.TradeFrame)
_book = decoder(wire.BookFrame)


def decode_trade(frame: bytes) -> Trade:
    """`live_trades_`."""
    try:
        found = _trade(frame)
    except FAULTS as fault:
        raise bad_frame(fault) from None
    return trade_of(found)


def trade_of(frame: wire.TradeFrame) -> Trade:
    if not frame.channel.startswith(TRADES):
        raise BadFrame(f"a trade came on '{clean(frame.channel)}'")
    trade = frame.data
    return Trade(
        SYMBOLS[frame.channel.removeprefix(TRADES)],
        trade.price,
        trade.amount,
        trade.microtimestamp // 1_000,
        "sell" if trade.type else "buy",
        f"{trade.id}",
    )


def decode_book(frame: bytes) -> OrderBookUpdate:
    """`order_book_`, a whole book, and `diff_order_book_`, the levels that changed."""
    try:
        found = _book(frame)
    except FAULTS as fault:
        raise bad_frame(fault) from None
    return book_of(found)


def book_of(frame: wire.BookFrame) -> OrderBookUpdate:
    for prefix in (BOOK, BOOK_CHANGES):
        if frame.channel.startswith(prefix):
            return update_of(frame.data, frame.channel.removeprefix(prefix), whole=prefix is BOOK)
    raise BadFrame(f"a book came on '{clean(frame.channel)}'")


def update_of(book: wire.BookData, venue_symbol: str, *, whole: bool = True) -> OrderBookUpdate:
    """Its number is the venue's time in microseconds, the only one there is. A whole book is cut at `BOOK_DEPTH`."""
    return OrderBookUpdate(
        SYMBOLS[venue_symbol],
        book.bids[:BOOK_DEPTH] if whole else book.bids,
        book.asks[:BOOK_DEPTH] if whole else book.asks,
        book.microtimestamp // 1_000,
        whole,
        book.microtimestamp,
        depth=BOOK_DEPTH if whole else None,
    )
