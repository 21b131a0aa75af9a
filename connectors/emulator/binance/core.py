"""What every part of the dialect shares: the market, venue time, limits, and what its operations look like."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

import msgspec

from connectors.emulator.accounts import Account, ApiKey
from connectors.emulator.binance.errors import BAD_KEY_FORMAT, BAD_SYMBOL, VenueRefusal
from connectors.emulator.binance.limits import Limits
from connectors.emulator.binance.params import Params
from connectors.emulator.clock import Clock
from connectors.emulator.listing import Listing
from connectors.emulator.market import Market
from connectors.emulator.orders import Fill


class Security(Enum):
    NONE = auto()
    KEY = auto()
    """The key's header alone, no signature."""
    USER_DATA = auto()
    TRADE = auto()


class Core:
    def __init__(self, market: Market, clock: Clock, limits: Limits | None = None) -> None:
        self.market = market
        self.clock = clock
        self.limits = limits or Limits()
        self.fills: dict[Account, list[Fill]] = {}
        """Every fill of every customer, oldest first."""

    def now(self) -> int:
        """What the venue says the time is, in milliseconds."""
        return self.clock.now() + self.clock.offset

    def stamp(self, time: int) -> int:
        """A moment of the market as the venue dates it."""
        return time + self.clock.offset

    def listing(self, symbol: str) -> Listing:
        """The pair, with its market at work. Raises the venue's refusal where there is none."""
        if symbol not in self.market.listings:
            raise VenueRefusal(*BAD_SYMBOL)
        return self.market.activate(symbol)


@dataclass(frozen=True, slots=True)
class Call:
    """One authenticated request, from REST or the WebSocket API alike."""

    params: Params
    now: int
    """The market's time."""
    key: ApiKey | None = None

    @property
    def signed_by(self) -> ApiKey:
        if self.key is None:
            raise VenueRefusal(*BAD_KEY_FORMAT, status=401)
        return self.key

    @property
    def account(self) -> Account:
        return self.signed_by.account


Weight = int | Callable[[Params], int]


@dataclass(frozen=True, slots=True)
class Operation:
    """`params` are the names it reads; `places_order` counts against the order limits."""

    run: Callable[[Call], Any]
    weight: Weight
    params: frozenset[str] = frozenset()
    security: Security = Security.NONE
    places_order: bool = field(default=False)

    def weight_of(self, params: Params) -> int:
        return self.weight if isinstance(self.weight, int) else self.weight(params)


def names(text: str) -> frozenset[str]:
    return frozenset(text.split())


def by_symbol_count(one: int, every: int) -> Callable[[Params], int]:
    """The weight of a call that may name one symbol or none."""

    def weight(params: Params) -> int:
        return one if "symbol" in params or "symbols" in params else every

    return weight


def chosen(core: Core, call: Call) -> tuple[list[Listing], bool]:
    """The pairs a ticker call asks for (`symbol`, `symbols` or all), and whether it is one alone."""
    if "symbol" in call.params:
        return [core.listing(call.params.symbol())], True
    if "symbols" in call.params:
        try:
            wanted: Iterable[str] = msgspec.json.decode(call.params.text("symbols"), type=list[str])
        except msgspec.MsgspecError:
            raise VenueRefusal(-1100, "Illegal characters found in parameter 'symbols'.") from None
        return [core.listing(symbol) for symbol in wanted], False
    return list(core.market.listings.values()), False
