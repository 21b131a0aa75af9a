"""Futures accounts: wallets and positions, their margin, and the funding they pay.

There are no orders here, so positions are those the account was opened with.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from connectors.emulator.accounts import ZERO, Account
from connectors.emulator.binance.core import Core
from connectors.emulator.binance.usdm.prices import funding_rate, mark_price
from connectors.emulator.listing import Listing

_EIGHT_DIGITS = Decimal("1e-8")
MAINTENANCE = Decimal("0.005")
"""The margin below which a position is closed, as a share of its value."""
MOST_LEVERAGE = 125
_FUNDS = {"USDT": Decimal("50000.00000000"), "BNB": Decimal("12.50000000")}
_POSITIONS = (("BTCUSDT", "0.250", "0.98", 20, False), ("ETHUSDT", "-3.000", "1.01", 10, True))
"""Symbol, quantity, entry as a share of the first price, leverage, isolated."""


def rounded(amount: Decimal) -> Decimal:
    return amount.quantize(_EIGHT_DIGITS)


@dataclass(slots=True)
class Position:
    """`isolated_wallet` is what stands behind it alone; `None` where the whole wallet does."""

    listing: Listing
    quantity: Decimal
    entry: Decimal
    leverage: int
    isolated_wallet: Decimal | None
    updated: int

    def notional(self, mark: Decimal) -> Decimal:
        return rounded(self.quantity * mark)

    def profit(self, mark: Decimal) -> Decimal:
        return rounded(self.quantity * (mark - self.entry))

    def initial_margin(self, mark: Decimal) -> Decimal:
        return rounded(abs(self.notional(mark)) / self.leverage)

    def maintenance_margin(self, mark: Decimal) -> Decimal:
        return rounded(abs(self.notional(mark)) * MAINTENANCE)


@dataclass(slots=True)
class Wallet:
    """All of one account. Positions settle in USDT."""

    alias: str
    funds: dict[str, Decimal]
    updated: int
    positions: list[Position] = field(default_factory=list[Position])

    def isolated(self, asset: str) -> Decimal:
        held = (position.isolated_wallet for position in self.positions if asset == "USDT")
        return sum((amount for amount in held if amount is not None), ZERO)

    def cross(self, asset: str) -> Decimal:
        """The wallet without what stands behind isolated positions."""
        return self.funds[asset] - self.isolated(asset)


FundingListener = Callable[[Account, Wallet, Position, Decimal], None]


class Wallets:
    """The accounts by the spot account they belong to, opened when first asked for."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._wallets: dict[Account, Wallet] = {}
        self.on_funding: FundingListener = lambda _account, _wallet, _position, _amount: None
        """Called when a position has paid, or was paid, so much."""

    def of(self, account: Account) -> Wallet:
        wallet = self._wallets.get(account)
        if wallet is None:
            wallet = self._wallets[account] = self._opened()
        return wallet

    def _opened(self) -> Wallet:
        now = self._core.market.now
        wallet = Wallet("SgsRfzAuXqFz", dict(_FUNDS), now)
        for symbol, quantity, share, leverage, isolated in _POSITIONS:
            listing = self._core.listing(symbol)
            entry = mark_price(self._core, listing) * Decimal(share)
            entry = entry // listing.instrument.tick * listing.instrument.tick
            position = Position(listing, Decimal(quantity), entry, leverage, None, now)
            if isolated:
                position.isolated_wallet = position.initial_margin(entry) * 2
            wallet.positions.append(position)
        return wallet

    def mark(self, position: Position) -> Decimal:
        return mark_price(self._core, position.listing)

    def margin(self, wallet: Wallet, asset: str) -> tuple[Decimal, Decimal, Decimal, Decimal]:
        """Cross profit, profit of all positions, initial and maintenance margin, in the asset."""
        marked = [(position, self.mark(position)) for position in wallet.positions if asset == "USDT"]
        crossed = [(position, mark) for position, mark in marked if position.isolated_wallet is None]
        return (
            sum((position.profit(mark) for position, mark in crossed), ZERO),
            sum((position.profit(mark) for position, mark in marked), ZERO),
            sum((position.initial_margin(mark) for position, mark in marked), ZERO),
            sum((position.maintenance_margin(mark) for position, mark in marked), ZERO),
        )

    def available(self, wallet: Wallet, asset: str) -> Decimal:
        """What new positions could use."""
        crossed = [held for held in wallet.positions if asset == "USDT" and held.isolated_wallet is None]
        bound = sum((held.initial_margin(self.mark(held)) for held in crossed), ZERO)
        profit = sum((held.profit(self.mark(held)) for held in crossed), ZERO)
        return max(ZERO, wallet.cross(asset) + profit - bound)

    def settle_funding(self) -> None:
        """Every position pays or is paid for the last eight hours."""
        for account, wallet in self._wallets.items():
            for position in wallet.positions:
                rate = funding_rate(position.listing.instrument)
                if rate is None:
                    continue
                amount = -rounded(position.notional(self.mark(position)) * rate)
                wallet.funds["USDT"] += amount
                wallet.updated = self._core.market.now
                if position.isolated_wallet is not None:
                    position.isolated_wallet += amount
                self.on_funding(account, wallet, position, amount)
