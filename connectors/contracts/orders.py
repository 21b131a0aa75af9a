"""Orders, balances and positions: what a person owns or sends. All numbers are `Decimal`, end to end."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Literal, TypeAlias

from catalog.model import MarketType
from connectors.contracts.events import Side
from connectors.contracts.instruments import Instrument


class OrderType(StrEnum):
    """How an order trades. A venue that lacks a type refuses it with `NotSupported`."""

    LIMIT = "LIMIT"
    MARKET = "MARKET"
    LIMIT_MAKER = "LIMIT_MAKER"
    STOP_LOSS = "STOP_LOSS"
    STOP_LOSS_LIMIT = "STOP_LOSS_LIMIT"
    TAKE_PROFIT = "TAKE_PROFIT"
    TAKE_PROFIT_LIMIT = "TAKE_PROFIT_LIMIT"


class TimeInForce(StrEnum):
    """How long an order stands: until cancelled (GTC), or for what trades at once (IOC: in part, FOK: whole)."""

    GTC = "GTC"
    IOC = "IOC"
    FOK = "FOK"


class OrderFate(StrEnum):
    """What is known of an order that was sent."""

    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"
    """On positive evidence only."""
    UNKNOWN = "UNKNOWN"
    """Timeout, 5xx, disconnect, an answer that does not decode."""


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """An order to be sent. `price` goes with the limit types, `stop_price` with the stop and take-profit types.

    `client_order_id` is what the order is found by if its answer is lost; where none is given, the connector makes one.
    """

    instrument: Instrument
    side: Side
    type: OrderType
    quantity: Decimal
    price: Decimal | None = None
    stop_price: Decimal | None = None
    time_in_force: TimeInForce | None = None
    client_order_id: str | None = None
    reduce_only: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """`status` is the venue's word, upper case (NEW, PARTIALLY_FILLED, FILLED, CANCELED, REJECTED, EXPIRED)."""

    symbol: str
    side: Side
    type: str
    quantity: Decimal
    filled_quantity: Decimal
    price: Decimal | None
    status: str
    fate: OrderFate
    order_id: str | None
    client_order_id: str
    timestamp: int
    average_price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Balance:
    """What an account holds of one currency; `locked` stands in open orders."""

    currency: str
    free: Decimal
    locked: Decimal

    @property
    def total(self) -> Decimal:
        return self.free + self.locked


PositionSide: TypeAlias = Literal["long", "short"]
"""Which of two positions in one symbol, on an account that may hold both at once."""


@dataclass(frozen=True, slots=True)
class Position:
    """An open position of a derivatives account."""

    symbol: str
    quantity: Decimal
    """Negative for a short position."""
    entry_price: Decimal
    mark_price: Decimal | None = None
    unrealized_pnl: Decimal | None = None
    leverage: Decimal | None = None
    side: PositionSide | None = None
    """Which of a symbol's two positions it is, on an account that may hold both; a closed one has quantity 0."""


@dataclass(frozen=True, slots=True)
class AssetsInfo:
    """Balances, and on derivatives positions; those that are zero may be left out."""

    assets: tuple[Balance, ...]
    positions: tuple[Position, ...] = ()


@dataclass(frozen=True, slots=True)
class AccountInfo:
    """What a key belongs to and may do.

    A right is `None` where the venue cannot tell: show it as unknown, not as safe.
    """

    account_id: str | None
    market_type: MarketType
    can_read: bool | None
    can_trade: bool | None
    can_withdraw: bool | None
    ip_restricted: bool | None = None
    permissions: tuple[str, ...] = ()
    maker_fee: Decimal | None = None
    taker_fee: Decimal | None = None


@dataclass(frozen=True, slots=True)
class AccountUpdate:
    """A change of some balances or positions; what is not named is unchanged."""

    timestamp: int
    assets: tuple[Balance, ...] = ()
    positions: tuple[Position, ...] = ()
