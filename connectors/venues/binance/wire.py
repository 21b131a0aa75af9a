"""Binance's frames and answers as typed structs: spot, and USD-M futures where the shapes agree.

Prices come as strings and become floats inside the decoder (`connectors.streaming.decoding`). What a person owns stays
text here and becomes `Decimal` where it is read.
Sources: binance-spot-api-docs (web-socket-streams.md, rest-api.md) and the USD-M documentation.
"""

from typing import Annotated, Any, Generic, Literal, TypeAlias, TypeVar

import msgspec
from msgspec import Meta, field

from connectors.streaming.decoding import Amount, Levels, Millis, PositivePrice, Sequence, VenueSymbol

Interval: TypeAlias = Literal[
    "1s", "1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d", "3d", "1w", "1M"
]  # fmt: skip
"""Known words are looked up in the frame itself; a string would be made for each."""

T = TypeVar("T")


class Envelope(msgspec.Struct, Generic[T], gc=False):
    """What the combined endpoint (`/stream`) puts around a frame; the stream's name is not decoded here."""

    data: T


class NamedEnvelope(msgspec.Struct, Generic[T], gc=False):
    """As `Envelope`, for the frames that only the stream's name tells apart."""

    stream: Annotated[str, Meta(max_length=200)]
    data: T


# --- streams ----------------------------------------------------------------------------------------------------------


class TradeFrame(msgspec.Struct, gc=False, tag_field="e", tag="trade"):
    """`@trade`. `buyer_is_maker` means that the taker sold.

    The futures send placeholders for what is not told: no price, and `NA` for the kind.
    """

    symbol: VenueSymbol = field(name="s")
    price: Amount = field(name="p")
    quantity: Amount = field(name="q")
    time: Millis = field(name="T")
    buyer_is_maker: bool = field(name="m")
    id: int = field(name="t")
    kind: Annotated[str, Meta(max_length=64)] = field(name="X", default="")

    @property
    def is_placeholder(self) -> bool:
        return not self.price and self.kind == "NA"


class AggregateTradeFrame(msgspec.Struct, gc=False, tag_field="e", tag="aggTrade"):
    """`@aggTrade`: the fills of one taker order at one price."""

    symbol: VenueSymbol = field(name="s")
    price: PositivePrice = field(name="p")
    quantity: Amount = field(name="q")
    time: Millis = field(name="T")
    buyer_is_maker: bool = field(name="m")
    id: int = field(name="a")
    is_placeholder = False


AnyTradeFrame: TypeAlias = TradeFrame | AggregateTradeFrame


class DepthFrame(msgspec.Struct, gc=False):
    """`@depth`: absolute quantities, 0 removes. `previous` (`pu`) and `transaction_time` are the futures' own."""

    symbol: VenueSymbol = field(name="s")
    bids: Levels = field(name="b")
    asks: Levels = field(name="a")
    first: Sequence = field(name="U")
    last: Sequence = field(name="u")
    event_time: Millis = field(name="E")
    transaction_time: Millis | None = field(name="T", default=None)
    previous: int | None = field(name="pu", default=None)


class DepthSnapshot(msgspec.Struct, gc=False):
    """`GET depth`, and the partial books `@depth5|10|20` of spot, which name neither symbol nor time."""

    last_update_id: Sequence = field(name="lastUpdateId")
    bids: Levels
    asks: Levels
    event_time: Millis | None = field(name="E", default=None)
    transaction_time: Millis | None = field(name="T", default=None)


class Kline(msgspec.Struct, gc=False):
    symbol: VenueSymbol = field(name="s")
    open_time: Millis = field(name="t")
    interval: str = field(name="i")
    open: PositivePrice = field(name="o")
    high: PositivePrice = field(name="h")
    low: PositivePrice = field(name="l")
    close: PositivePrice = field(name="c")
    volume: Amount = field(name="v")
    closed: bool = field(name="x")


class KlineFrame(msgspec.Struct, gc=False):
    """`@kline_<interval>`."""

    kline: Kline = field(name="k")


USD_M = 2
"""What the futures' streams of all markets call contracts that are settled in a stable coin; others are COIN-M."""
ABSENT = -1.0
"""Stands for a number that a frame does not carry: cheaper to decode than a union with `None`."""


class PriceFrame(msgspec.Struct, gc=False):
    """`@ticker`, `@miniTicker` (no bid and ask) and `@bookTicker` (bid and ask only; on spot without a time).

    A symbol without a trade yet, or with an empty side, has zeros.
    """

    symbol: VenueSymbol = field(name="s")
    last: Amount = field(name="c", default=ABSENT)
    event_time: Millis = field(name="E", default=0)
    bid: Amount = field(name="b", default=ABSENT)
    ask: Amount = field(name="a", default=ABSENT)
    open: Amount = field(name="o", default=ABSENT)
    high: Amount = field(name="h", default=ABSENT)
    low: Amount = field(name="l", default=ABSENT)
    volume: Amount = field(name="v", default=ABSENT)
    quote_volume: Amount = field(name="q", default=ABSENT)
    event: Literal["24hrTicker", "24hrMiniTicker", "bookTicker"] = field(name="e", default="bookTicker")
    settled: int = field(name="st", default=USD_M)


class PositionBalance(msgspec.Struct, gc=False):
    asset: str = field(name="a")
    free: str = field(name="f")
    locked: str = field(name="l")


class EventName(msgspec.Struct, gc=False):
    """Which event it is. What its other letters mean is told by that alone: `B` is balances, or a quantity."""

    event: Annotated[str, Meta(max_length=200)] = field(name="e")
    time: Any = field(name="E")
    """Every event has one; what it looks like is the matter of the events that are read."""


class AccountPosition(msgspec.Struct, gc=False):
    """`outboundAccountPosition`: the balances that changed."""

    event_time: Millis = field(name="E")
    balances: list[PositionBalance] = field(name="B")


class UserDataEnvelope(msgspec.Struct, gc=False):
    """What the WebSocket API puts around an event of the user data stream."""

    event: msgspec.Raw


# --- streams, read live ----------------------------------------------------------------------------------------------
#
# Only what a live feed needs: a stream's name says already what kind of event of which symbol it is. The fields stand
# in the order of the wire: the decoder looks for the next one first.


class LiveTrade(msgspec.Struct, gc=False):
    """`@trade`."""

    id: int = field(name="t")
    price: PositivePrice = field(name="p")
    quantity: Amount = field(name="q")
    time: Millis = field(name="T")
    buyer_is_maker: bool = field(name="m")


class LiveAggregateTrade(msgspec.Struct, gc=False):
    """`@aggTrade`."""

    id: int = field(name="a")
    price: PositivePrice = field(name="p")
    quantity: Amount = field(name="q")
    time: Millis = field(name="T")
    buyer_is_maker: bool = field(name="m")


class SpotDepth(msgspec.Struct, gc=False):
    """Spot's `@depth`. It is a `BookChange`: a book takes it as it is."""

    timestamp: Millis = field(name="E")
    first_sequence: Sequence = field(name="U")
    last_sequence: Sequence = field(name="u")
    bids: Levels = field(name="b")
    asks: Levels = field(name="a")
    previous_sequence = None
    is_snapshot = False
    checksum = None
    depth = None


class FuturesDepth(msgspec.Struct, gc=False):
    """The futures' `@depth`, a `BookChange` as well."""

    timestamp: Millis = field(name="T")
    first_sequence: Sequence = field(name="U")
    last_sequence: Sequence = field(name="u")
    previous_sequence: int = field(name="pu")
    bids: Levels = field(name="b")
    asks: Levels = field(name="a")
    is_snapshot = False
    checksum = None
    depth = None


class LiveKline(msgspec.Struct, gc=False):
    open_time: Millis = field(name="t")
    interval: Interval = field(name="i")
    open: PositivePrice = field(name="o")
    close: PositivePrice = field(name="c")
    high: PositivePrice = field(name="h")
    low: PositivePrice = field(name="l")
    volume: Amount = field(name="v")
    closed: bool = field(name="x")


class LiveKlineFrame(msgspec.Struct, gc=False):
    """`@kline_<interval>`."""

    kline: LiveKline = field(name="k")


class LiveBookTicker(msgspec.Struct, gc=False):
    """`@bookTicker`; on spot without a time. An empty side is 0."""

    bid: Amount = field(name="b")
    ask: Amount = field(name="a")
    event_time: Millis = field(name="E", default=0)


# --- REST -------------------------------------------------------------------------------------------------------------


class ErrorBody(msgspec.Struct, gc=False):
    code: int
    msg: str = ""


class ServerTime(msgspec.Struct, gc=False):
    server_time: Millis = field(name="serverTime")


class RateLimit(msgspec.Struct, gc=False, rename="camel"):
    rate_limit_type: str
    interval: str
    interval_num: Annotated[int, Meta(gt=0)]
    limit: Annotated[int, Meta(gt=0)]


class SymbolFilter(msgspec.Struct, gc=False, rename="camel"):
    """Any of a symbol's filters, with the fields that are used; `notional` is the futures' name of `minNotional`."""

    filter_type: str
    min_price: str | None = None
    max_price: str | None = None
    tick_size: str | None = None
    min_qty: str | None = None
    max_qty: str | None = None
    step_size: str | None = None
    min_notional: str | None = None
    notional: str | None = None


class SymbolInfo(msgspec.Struct, gc=False, rename="camel"):
    symbol: VenueSymbol
    status: str
    base_asset: str
    quote_asset: str
    filters: list[SymbolFilter]
    is_margin_trading_allowed: bool = False


class ExchangeInfo(msgspec.Struct, gc=False, rename="camel"):
    """`GET exchangeInfo`. The symbols stay raw, so that one malformed symbol costs itself only."""

    rate_limits: list[RateLimit]
    symbols: list[msgspec.Raw]
    server_time: Millis = 0


class KlineRow(msgspec.Struct, gc=False, array_like=True):
    """One row of `GET klines`; what follows the closing time is not used."""

    open_time: Millis
    open: PositivePrice
    high: PositivePrice
    low: PositivePrice
    close: PositivePrice
    volume: Amount
    close_time: Millis


class Ticker(msgspec.Struct, gc=False, rename="camel"):
    """One row of `GET ticker/24hr`; the futures send neither bid nor ask."""

    symbol: VenueSymbol
    last_price: Amount
    close_time: Millis
    open_price: Amount | None = None
    high_price: Amount | None = None
    low_price: Amount | None = None
    volume: Amount | None = None
    quote_volume: Amount | None = None
    bid_price: Amount | None = None
    ask_price: Amount | None = None


class LastTrade(msgspec.Struct, gc=False, rename="camel"):
    """As much of `GET ticker/24hr` as tells its newest trade; -1 where there was none."""

    last_id: int


class LastAggregate(msgspec.Struct, gc=False):
    """As much of a row of `GET /fapi/v1/aggTrades` as numbers it."""

    id: int = field(name="a")


class SymbolPrice(msgspec.Struct, gc=False):
    """One row of `GET ticker/price`."""

    symbol: VenueSymbol
    price: Amount


class AccountBalance(msgspec.Struct, gc=False):
    asset: str
    free: str
    locked: str


class CommissionRates(msgspec.Struct, gc=False):
    maker: str
    taker: str


class Account(msgspec.Struct, gc=False, rename="camel"):
    """`GET account`. `can_withdraw` is the account's right, whatever the key may do."""

    can_trade: bool
    can_withdraw: bool
    balances: list[AccountBalance]
    update_time: Millis = 0
    account_type: str = ""
    permissions: list[str] = field(default_factory=list[str])
    uid: int | None = None
    commission_rates: CommissionRates | None = None


class ApiRestrictions(msgspec.Struct, gc=False, rename="camel"):
    """`GET /sapi/v1/account/apiRestrictions`: what the key itself may do."""

    ip_restrict: bool
    enable_reading: bool
    enable_withdrawals: bool
    enable_internal_transfer: bool = False
    permits_universal_transfer: bool = False
    enable_spot_and_margin_trading: bool = False
    enable_margin: bool = False
    enable_futures: bool = False
