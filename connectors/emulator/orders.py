"""Orders, fills and trades inside the emulator. Prices are ticks, quantities lots, times milliseconds."""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from connectors.emulator.accounts import Account
from connectors.emulator.instruments import Instrument


class Side(StrEnum):
    """Which side an order is on."""

    BUY = "BUY"
    SELL = "SELL"

    @property
    def opposite(self) -> "Side":
        return Side.SELL if self is Side.BUY else Side.BUY


class OrderType(StrEnum):
    """How an order trades."""

    LIMIT = "LIMIT"
    MARKET = "MARKET"
    LIMIT_MAKER = "LIMIT_MAKER"
    """Rests or is refused: it never takes."""


class TimeInForce(StrEnum):
    """How long an order stands."""

    GTC = "GTC"
    IOC = "IOC"
    FOK = "FOK"


class OrderStatus(StrEnum):
    NEW = "NEW"
    PARTIALLY_FILLED = "PARTIALLY_FILLED"
    FILLED = "FILLED"
    CANCELED = "CANCELED"
    EXPIRED = "EXPIRED"


class Refusal(StrEnum):
    """Why the engine refuses an order or a cancel."""

    INSUFFICIENT_BALANCE = "insufficient balance"
    WOULD_TAKE = "a maker order would take"
    DUPLICATE = "the client order id stands already"
    UNKNOWN_ORDER = "no such open order"


class OrderRefused(Exception):
    """The engine refuses an order, or what is asked of one; nothing has changed."""

    def __init__(self, reason: Refusal) -> None:
        self.reason = reason
        super().__init__(reason.value)


@dataclass(slots=True, eq=False)
class Order:
    """`quote_quantity` is the amount to spend or to earn of a market order given by value, else `None`."""

    id: int
    account: Account
    instrument: Instrument
    side: Side
    type: OrderType
    time_in_force: TimeInForce
    price: int
    quantity: int
    client_id: str
    created: int
    quote_quantity: Decimal | None = None
    filled: int = 0
    filled_notional: int = 0
    """Sum of ticks * lots over the fills."""
    locked: Decimal = Decimal(0)
    """What is still set aside for it: quote asset for a buy, base asset for a sell."""
    status: OrderStatus = OrderStatus.NEW
    updated: int = 0

    @property
    def remaining(self) -> int:
        return self.quantity - self.filled

    @property
    def open(self) -> bool:
        return self.status in (OrderStatus.NEW, OrderStatus.PARTIALLY_FILLED)


@dataclass(frozen=True, slots=True)
class Trade:
    """One match. `maker_is_buyer` tells the aggressor: the seller."""

    id: int
    instrument: Instrument
    price: int
    quantity: int
    time: int
    maker: Order
    taker: Order

    @property
    def maker_is_buyer(self) -> bool:
        return self.maker.side is Side.BUY


@dataclass(frozen=True, slots=True)
class Fill:
    """One account's side of a trade."""

    trade: Trade
    order: Order
    commission: Decimal
    commission_asset: str

    @property
    def is_maker(self) -> bool:
        return self.trade.maker is self.order


@dataclass(slots=True)
class Placement:
    """What placing an order did."""

    order: Order
    fills: list[Fill] = field(default_factory=list[Fill])
