"""The shapes that USD-M futures have of their own: the account, over REST and in its stream.

Amounts stay text here and become `Decimal` where they are read.
Source: USD-M futures, account endpoints and user data streams.
"""

from typing import Literal, TypeAlias

import msgspec
from msgspec import field

from connectors.venues.binance.wire import Millis, VenueSymbol

PositionSide: TypeAlias = Literal["BOTH", "LONG", "SHORT"]
"""In hedge mode a symbol has two positions; `BOTH` is the only one there is in the other mode."""


class FuturesBalance(msgspec.Struct, gc=False, rename="camel"):
    """One row of `GET /fapi/v3/balance`. `balance` is the wallet's; what can be used now may be more or less."""

    asset: str
    balance: str
    available_balance: str
    account_alias: str = ""


class FuturesPosition(msgspec.Struct, gc=False, rename="camel"):
    """One row of `GET /fapi/v3/positionRisk`: one a symbol, or in hedge mode one a side."""

    symbol: VenueSymbol
    position_amt: str
    entry_price: str
    mark_price: str
    un_realized_profit: str
    position_side: PositionSide = "BOTH"


class ChangedBalance(msgspec.Struct, gc=False):
    asset: str = field(name="a")
    wallet: str = field(name="wb")
    cross_wallet: str = field(name="cw")


class ChangedPosition(msgspec.Struct, gc=False):
    symbol: VenueSymbol = field(name="s")
    amount: str = field(name="pa")
    entry_price: str = field(name="ep")
    unrealized_profit: str = field(name="up")
    side: PositionSide = field(name="ps", default="BOTH")


class AccountChanges(msgspec.Struct, gc=False):
    balances: list[ChangedBalance] = field(name="B", default_factory=list[ChangedBalance])
    positions: list[ChangedPosition] = field(name="P", default_factory=list[ChangedPosition])


class FuturesAccountUpdate(msgspec.Struct, gc=False):
    """`ACCOUNT_UPDATE`."""

    event_time: Millis = field(name="E")
    changes: AccountChanges = field(name="a")


class ListenKeyAnswer(msgspec.Struct, gc=False, rename="camel"):
    listen_key: str
