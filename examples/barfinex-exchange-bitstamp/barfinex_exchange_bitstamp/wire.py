"""What goes over Bitstamp's wires, as far as it is used.

Times are text: `timestamp` in seconds, `microtimestamp` in microseconds. The second is used wherever there is one.
Sources: WebSocket API v2; HTTP API, "Market info", "Tickers", "Order book", "Transactions (public)".
"""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, field

from connectors.toolkit import Amount, Levels, PositivePrice, VenueSymbol

Micros = Annotated[int, Meta(ge=0, lt=10**16)]
"""Microseconds since the epoch, up to the year 2286."""
Seconds = Annotated[int, Meta(ge=0, lt=10**10)]
ChannelName = Annotated[str, Meta(min_length=1, max_length=100)]

# --- streams ----------------------------------------------------------------------------------------------------------


class LiveTrade(msgspec.Struct, gc=False):
    """`live_trades_`. `type` is the taker's side: 0 bought, 1 sold. Ids grow, and are not consecutive on a market."""

    id: Annotated[int, Meta(ge=0)]
    price: PositivePrice
    amount: Amount
    type: Literal[0, 1]
    microtimestamp: Micros


class TradeFrame(msgspec.Struct, gc=False, tag_field="event", tag="trade"):
    data: LiveTrade
    channel: ChannelName


class BookData(msgspec.Struct, gc=False):
    """`order_book_`: the best 100 levels a side, whole. `diff_order_book_`: the levels that changed, 0 removes."""

    bids: Levels
    asks: Levels
    microtimestamp: Micros


class BookFrame(msgspec.Struct, gc=False, tag_field="event", tag="data"):
    data: BookData
    channel: ChannelName


class AnyFrame(msgspec.Struct, gc=False):
    """Any frame at all: what happened, and on which channel."""

    event: Annotated[str, Meta(max_length=100)]
    channel: Annotated[str, Meta(max_length=100)] = ""
    data: msgspec.Raw = field(default_factory=msgspec.Raw)


class Numbers(msgspec.Struct, gc=False):
    """What grows from event to event of a channel."""

    id: int | None = None
    microtimestamp: Micros | None = None


class NumberedFrame(msgspec.Struct, gc=False):
    data: Numbers


class StreamError(msgspec.Struct, gc=False):
    """The data of `bts:error`. It names neither the request nor the channel."""

    message: str = ""
    code: int | str | None = None


# --- REST -------------------------------------------------------------------------------------------------------------


class Market(msgspec.Struct, gc=False):
    """One row of `GET /markets/`. Perpetuals are in the same list, as `PERPETUAL`."""

    market_symbol: VenueSymbol
    base_currency: str
    counter_currency: str
    base_decimals: Annotated[int, Meta(ge=0, le=18)]
    counter_decimals: Annotated[int, Meta(ge=0, le=18)]
    trading: str = "Enabled"
    market_type: str = "SPOT"
    minimum_order_value: str | None = None
    minimum_order_amount: str | None = None
    maximum_order_amount: str | None = None


class Ticker(msgspec.Struct, gc=False):
    """One row of `GET /ticker/`. `open` is the day's first price, `open_24` that of 24 hours ago."""

    pair: VenueSymbol
    last: Amount
    timestamp: Seconds
    bid: Amount | None = None
    ask: Amount | None = None
    open_24: Amount | None = None
    high: Amount | None = None
    low: Amount | None = None
    volume: Amount | None = None
    vwap: Amount | None = None


class OhlcRow(msgspec.Struct, gc=False):
    timestamp: Seconds
    open: PositivePrice
    high: PositivePrice
    low: PositivePrice
    close: PositivePrice
    volume: Amount


class OhlcData(msgspec.Struct, gc=False):
    pair: VenueSymbol
    ohlc: list[OhlcRow]


class Ohlc(msgspec.Struct, gc=False):
    """`GET /ohlc/{market}/`."""

    data: OhlcData


class TransactionId(msgspec.Struct, gc=False):
    """As much of a row of `GET /transactions/{market}/` as numbers it."""

    tid: Annotated[int, Meta(ge=0)]


class ErrorBody(msgspec.Struct, gc=False):
    """A refusal in any of its forms: `reason` and `code`, `error`, or `response_code` with its explanation."""

    reason: Any = None
    error: Any = None
    errors: Any = None
    code: str | int | None = None
    response_code: str | int | None = None
    response_explanation: str | None = None
