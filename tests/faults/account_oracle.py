"""The truth of the futures accounts, and a listener that holds a connector's account stream to it."""

from collections import Counter
from decimal import Decimal

from connectors.contracts import AccountUpdate, StreamStatus
from connectors.emulator.accounts import Account
from connectors.emulator.binance.usdm.venue import UsdM
from connectors.emulator.binance.usdm.wallets import Position, Wallet

_SETTLED_EVERY = 10
"""Steps of the market: funding is what changes an account where there are no orders."""


class AccountTruth:
    """Remembers every balance that funding made, in order."""

    def __init__(self, venue: UsdM) -> None:
        self.balances: dict[Decimal, int] = {}
        """By what was left, the when-manyeth payment it was."""
        self._wallets = venue._wallets
        self._steps = 0
        self._tell = self._wallets.on_funding
        self._wallets.on_funding = self._paid

    def step(self) -> None:
        """To be called at every step of the market."""
        self._steps += 1
        if self._steps % _SETTLED_EVERY == 0:
            self._wallets.settle_funding()

    def _paid(self, account: Account, wallet: Wallet, position: Position, amount: Decimal) -> None:
        self.balances[wallet.funds["USDT"]] = len(self.balances)
        self._tell(account, wallet, position, amount)


class AccountWitness:
    """The handlers of one connector's account stream. It notes every lie in `wrong`."""

    def __init__(self, truth: AccountTruth) -> None:
        self.wrong: list[str] = []
        self.told: Counter[str] = Counter()
        self.updates = 0
        self.last = -1
        """Which payment it heard of last."""
        self._truth = truth

    def update(self, update: AccountUpdate) -> None:
        self.updates += 1
        (balance,) = update.assets
        number = self._truth.balances.get(balance.total)
        if number is None:
            self.wrong.append(f"the account never had {balance.total} {balance.currency}")
        elif number <= self.last:
            self.wrong.append(f"payment {number} was told after {self.last}")
        else:
            self.last = number

    def status(self, event: StreamStatus) -> None:
        self.told[event.kind] += 1
        if not event.reason:
            self.wrong.append(f"a status without a reason: {event}")
