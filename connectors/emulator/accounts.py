"""Accounts, their balances, and the keys that open them.

The keys below are made up, work on a local emulator only, and are safe to print.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

ZERO = Decimal(0)


@dataclass(slots=True)
class Holding:
    free: Decimal = ZERO
    locked: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        return self.free + self.locked


@dataclass(slots=True, eq=False)
class Account:
    """A `house` account belongs to the simulated market: it trades without limit and sets nothing aside."""

    uid: int
    name: str
    house: bool = False
    maker_fee: Decimal = ZERO
    taker_fee: Decimal = ZERO
    holdings: dict[str, Holding] = field(default_factory=dict[str, Holding])
    updated: int = 0

    def holding(self, asset: str) -> Holding:
        held = self.holdings.get(asset)
        if held is None:
            held = self.holdings[asset] = Holding()
        return held

    def lock(self, asset: str, amount: Decimal) -> None:
        held = self.holding(asset)
        held.free -= amount
        held.locked += amount

    def unlock(self, asset: str, amount: Decimal) -> None:
        self.lock(asset, -amount)

    def add(self, asset: str, amount: Decimal) -> None:
        self.holding(asset).free += amount


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key, and what it opens and may do."""

    key: str
    secret: str = field(repr=False)
    account: Account
    can_trade: bool = True
    can_withdraw: bool = False


TRADE_KEY, TRADE_SECRET = "emulator-key", "emulator-secret"
"""May read and trade, not withdraw: what a person should use."""
READ_ONLY_KEY, READ_ONLY_SECRET = "emulator-readonly-key", "emulator-readonly-secret"
WITHDRAW_KEY, WITHDRAW_SECRET = "emulator-withdraw-key", "emulator-withdraw-secret"
"""May also withdraw: a client should warn."""

FUNDS: dict[str, str] = {
    "USDT": "100000",
    "EUR": "20000",
    "BTC": "2",
    "ETH": "30",
    "BNB": "50",
    "SOL": "200",
    "XRP": "20000",
    "DOGE": "50000",
}


class Accounts:
    """All accounts and keys of one emulated venue."""

    def __init__(
        self, *, maker_fee: Decimal = Decimal("0.001"), taker_fee: Decimal = Decimal("0.001")
    ) -> None:
        self.market = Account(1, "market", house=True)
        self.fees = Account(2, "fees", house=True)
        self._maker_fee, self._taker_fee = maker_fee, taker_fee
        self._all = [self.market, self.fees]
        self._keys: dict[str, ApiKey] = {}

    def open(self, name: str, funds: Iterable[tuple[str, Decimal]] = ()) -> Account:
        """A new account with the given free balances."""
        account = Account(
            354_937_865 + len(self._all), name, maker_fee=self._maker_fee, taker_fee=self._taker_fee
        )
        for asset, amount in funds:
            account.add(asset, amount)
        self._all.append(account)
        return account

    def add_key(self, key: ApiKey) -> None:
        self._keys[key.key] = key

    def key(self, name: str) -> ApiKey | None:
        return self._keys.get(name)

    def keys(self) -> tuple[ApiKey, ...]:
        return tuple(self._keys.values())

    def total(self, asset: str) -> Decimal:
        """Over every account. Trading never changes it."""
        return sum((account.holding(asset).total for account in self._all), ZERO)


def seeded_accounts() -> Accounts:
    """The accounts every emulator starts with: one funded account behind three keys of different rights."""
    accounts = Accounts()
    account = accounts.open("trader", ((asset, Decimal(amount)) for asset, amount in FUNDS.items()))
    accounts.add_key(ApiKey(TRADE_KEY, TRADE_SECRET, account))
    accounts.add_key(ApiKey(READ_ONLY_KEY, READ_ONLY_SECRET, account, can_trade=False))
    accounts.add_key(ApiKey(WITHDRAW_KEY, WITHDRAW_SECRET, account, can_withdraw=True))
    return accounts
