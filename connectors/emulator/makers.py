"""The simulated participants of one pair: makers that keep a ladder around the fair price, takers that trade."""

from math import ceil, floor
from random import Random

from connectors.emulator.accounts import Account
from connectors.emulator.book import HalfBook
from connectors.emulator.engine import Engine
from connectors.emulator.listing import Listing
from connectors.emulator.orders import Order, Side, TimeInForce

LEVELS = 160
"""Price levels a side that the makers aim for, unless it is said otherwise."""
_SPAN = 0.004
"""How far from the touch the ladder reaches, as a share of the price."""
_HALF_SPREAD = 3e-6
_REPAIRS = 24


class Participants:
    def __init__(self, engine: Engine, listing: Listing, seed: str, levels: int = LEVELS) -> None:
        self._engine = engine
        self._levels = levels
        self._account: Account = engine.accounts.market
        self._listing = listing
        self._random = Random(seed)

    def build(self, fair: float, now: int) -> None:
        """Lay the whole ladder around `fair`, a price in ticks."""
        bid, ask = self._touch(fair)
        levels, span = self._levels, self._span(fair)
        offsets = {max(index, int(span * (index / levels) ** 2)) for index in range(levels)}
        for offset in sorted(offsets):
            self._rest(Side.BUY, bid - offset, offset, now)
            self._rest(Side.SELL, ask + offset, offset, now)

    def quote(self, fair: float, now: int) -> None:
        """Makers follow the fair price: what is on the wrong side of it goes, the touch and the ladder are renewed."""
        bid, ask = self._touch(fair)
        book = self._listing.book
        self._withdraw(book.bids, bid, now)
        self._withdraw(book.asks, ask, now)
        span = self._span(fair)
        for half, touch, away in ((book.bids, bid, -1), (book.asks, ask, 1)):
            if half.best != touch:
                self._rest(half.side, touch, 0, now)
            missing = self._levels - len(half.prices)
            for _ in range(min(_REPAIRS, max(1, missing // 2))):
                offset = int(span * self._random.random() ** 3)
                self._renew(half, touch + away * offset, offset, now)
            for _ in range(min(_REPAIRS, max(1, -missing // 2))):
                self._withdraw_any(half, now)

    def trade(self, now: int) -> None:
        """One taker crosses the spread."""
        random, instrument = self._random, self._listing.instrument
        side = Side.BUY if random.random() < 0.5 else Side.SELL
        best = self._listing.book.half(side.opposite).best
        if best is None:
            return
        reach = max(2, int(best * _SPAN / 8))
        price = best + reach if side is Side.BUY else max(1, best - reach)
        value = instrument.typical_notional * random.lognormvariate(0.0, 1.1) * 0.6
        lots = max(1, int(value / (best * float(instrument.tick) * float(instrument.lot))))
        self._engine.place(
            self._account,
            instrument,
            side,
            now,
            price=price,
            quantity=min(lots, instrument.max_quantity),
            time_in_force=TimeInForce.IOC,
        )

    def _span(self, fair: float) -> float:
        return max(2 * self._levels, fair * _SPAN)

    def _touch(self, fair: float) -> tuple[int, int]:
        half = max(0.5, fair * _HALF_SPREAD * (0.3 + self._random.random()))
        bid = max(1, floor(fair - half))
        return bid, max(bid + 1, ceil(fair + half))

    def _renew(self, half: HalfBook, price: int, offset: int, now: int) -> None:
        """Rest at `price`, in place of what a maker has there already."""
        level = half.levels.get(price)
        if level is not None:
            first = next(iter(level.orders.values()))
            if first.account is self._account:
                self._engine.cancel(first, now)
        self._rest(half.side, price, offset, now)

    def _rest(self, side: Side, price: int, offset: int, now: int) -> None:
        if price < 1:
            return
        instrument = self._listing.instrument
        far = 1 + 6 * min(1.0, offset / max(1.0, price * _SPAN))
        value = instrument.typical_notional * self._random.lognormvariate(0.0, 0.9) * far
        lots = max(1, int(value / (price * float(instrument.tick) * float(instrument.lot))))
        self._engine.place(
            self._account, instrument, side, now, price=price, quantity=min(lots, instrument.max_quantity)
        )

    def _withdraw(self, half: HalfBook, touch: int, now: int) -> None:
        """Cancel the house's orders that are better than `touch`."""
        beyond: list[Order] = []
        for price, level in half.from_best():
            if price <= touch if half.side is Side.BUY else price >= touch:
                break
            beyond.extend(order for order in level.orders.values() if order.account is self._account)
        for order in beyond:
            self._engine.cancel(order, now)

    def _withdraw_any(self, half: HalfBook, now: int) -> None:
        if len(half.prices) < 2:
            return
        index = int(self._random.random() * (len(half.prices) - 1))
        price = half.prices[index if half.side is Side.BUY else index + 1]
        for order in half.levels[price].orders.values():
            if order.account is self._account:
                self._engine.cancel(order, now)
                return
