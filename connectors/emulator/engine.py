"""The matching engine: price-time priority over whole ticks and lots, with balances and fees.

It knows no venue: a dialect checks its venue's own rules first and words the refusals. Self-trading is allowed.
"""

from collections.abc import Callable
from decimal import ROUND_DOWN, Decimal

from connectors.emulator.accounts import ZERO, Account, Accounts
from connectors.emulator.book import Book
from connectors.emulator.instruments import Instrument
from connectors.emulator.orders import (
    Fill,
    Order,
    OrderRefused,
    OrderStatus,
    OrderType,
    Placement,
    Refusal,
    Side,
    TimeInForce,
    Trade,
)

_EIGHT_DIGITS = Decimal("1e-8")

OrderEvent = Callable[[Order, Fill | None], None]


class Engine:
    """All books of one venue. Times are given by the caller, in milliseconds."""

    def __init__(self, accounts: Accounts, *, first_trade_id: int = 1, first_order_id: int = 1) -> None:
        self.accounts = accounts
        self.books: dict[str, Book] = {}
        self.last_trade_ids: dict[str, int] = {}
        self._first_trade_id = first_trade_id
        self._next_order_id = first_order_id
        self._orders: dict[Account, dict[int, Order]] = {}
        self.on_trade: Callable[[Trade], None] = _ignore
        """Called for every trade, in order."""
        self.on_order: OrderEvent = _ignore_order
        """Called when an order of an account that is not the house's is accepted, filled, cancelled or expires."""

    def list_instrument(self, instrument: Instrument, *, first_update_id: int = 0) -> Book:
        book = self.books[instrument.symbol] = Book(first_update_id)
        self.last_trade_ids[instrument.symbol] = self._first_trade_id - 1
        return book

    # --- placing ---------------------------------------------------------------------------------------------------

    def place(
        self,
        account: Account,
        instrument: Instrument,
        side: Side,
        now: int,
        *,
        order_type: OrderType = OrderType.LIMIT,
        quantity: int = 0,
        price: int = 0,
        time_in_force: TimeInForce = TimeInForce.GTC,
        quote_quantity: Decimal | None = None,
        client_id: str = "",
    ) -> Placement:
        """Match and rest an order. A market order is given by `quantity` or by `quote_quantity`.

        Raises `OrderRefused`; then nothing changed.
        """
        book = self.books[instrument.symbol]
        if client_id and self.open_order(account, instrument.symbol, client_id=client_id):
            raise OrderRefused(Refusal.DUPLICATE)
        if order_type is OrderType.LIMIT_MAKER and book.half(side.opposite).crosses(price):
            raise OrderRefused(Refusal.WOULD_TAKE)
        if quote_quantity is not None:
            quantity = self._quantity_for(book, instrument, side, quote_quantity)
        order = Order(
            self._next_order_id,
            account,
            instrument,
            side,
            order_type,
            time_in_force,
            price,
            quantity,
            client_id or f"e{self._next_order_id}",
            now,
            quote_quantity,
            updated=now,
        )
        self._lock(book, order)
        self._next_order_id += 1
        account.updated = now
        if not account.house:
            self._orders.setdefault(account, {})[order.id] = order
            self.on_order(order, None)
        placement = Placement(order)
        if time_in_force is not TimeInForce.FOK or self._fillable(book, order):
            self._match(book, order, now, placement.fills)
        if order.quantity and not order.remaining:
            self._finish(order, OrderStatus.FILLED)
        elif order_type is OrderType.MARKET or time_in_force is not TimeInForce.GTC:
            self._finish(order, OrderStatus.EXPIRED)
            self._tell(order)
        else:
            book.add(order)
        return placement

    def _quantity_for(self, book: Book, instrument: Instrument, side: Side, value: Decimal) -> int:
        """How many lots `value` of the quote asset buys (or must be sold for) at the present book."""
        left = int(value / (instrument.tick * instrument.lot))
        lots = 0
        for price, level in book.half(side.opposite).from_best():
            taken = min(level.quantity, left // price)
            lots += taken
            left -= taken * price
            if taken < level.quantity:
                break
        return lots

    def _lock(self, book: Book, order: Order) -> None:
        if order.account.house:
            return
        asset, amount = self._needed(book, order)
        if order.account.holding(asset).free < amount:
            raise OrderRefused(Refusal.INSUFFICIENT_BALANCE)
        order.account.lock(asset, amount)
        order.locked = amount

    def _needed(self, book: Book, order: Order) -> tuple[str, Decimal]:
        instrument = order.instrument
        if order.side is Side.SELL:
            return instrument.base, instrument.quantity(order.quantity)
        if order.type is not OrderType.MARKET:
            return instrument.quote, instrument.price(order.price) * instrument.quantity(order.quantity)
        cost, left = 0, order.quantity
        for price, level in book.asks.from_best():
            taken = min(level.quantity, left)
            cost += taken * price
            left -= taken
            if not left:
                break
        return instrument.quote, instrument.tick * instrument.lot * cost

    def _fillable(self, book: Book, order: Order) -> bool:
        left = order.remaining
        for price, level in book.half(order.side.opposite).from_best():
            if left <= 0 or not self._reaches(order, price):
                break
            left -= level.quantity
        return left <= 0

    @staticmethod
    def _reaches(order: Order, price: int) -> bool:
        if order.type is OrderType.MARKET:
            return True
        return price <= order.price if order.side is Side.BUY else price >= order.price

    def _match(self, book: Book, order: Order, now: int, fills: list[Fill]) -> None:
        half = book.half(order.side.opposite)
        while order.remaining:
            price = half.best
            if price is None or not self._reaches(order, price):
                return
            maker = next(iter(half.levels[price].orders.values()))
            lots = min(order.remaining, maker.remaining)
            symbol = order.instrument.symbol
            trade_id = self.last_trade_ids[symbol] = self.last_trade_ids[symbol] + 1
            trade = Trade(trade_id, order.instrument, price, lots, now, maker, order)
            taken, made = self._settle(trade)
            book.reduce(maker, lots)
            fills.append(taken)
            self.on_trade(trade)
            if not maker.account.house:
                self.on_order(maker, made)
            if not order.account.house:
                self.on_order(order, taken)

    def _settle(self, trade: Trade) -> tuple[Fill, Fill]:
        """Move assets and fees; gives the taker's and the maker's fill."""
        instrument = trade.instrument
        base = instrument.quantity(trade.quantity)
        exact = instrument.price(trade.price) * base
        quote = exact.quantize(_EIGHT_DIGITS, ROUND_DOWN)
        fills: list[Fill] = []
        for order, is_taker in ((trade.taker, True), (trade.maker, False)):
            order.filled += trade.quantity
            order.filled_notional += trade.price * trade.quantity
            order.updated = trade.time
            account = order.account
            account.updated = trade.time
            if order.side is Side.BUY:
                paid_asset, paid, got_asset, got = instrument.quote, quote, instrument.base, base
                reserve = exact if order.type is OrderType.MARKET else instrument.price(order.price) * base
            else:
                paid_asset, paid, got_asset, got = instrument.base, base, instrument.quote, quote
                reserve = base
            if not account.house:
                account.unlock(paid_asset, reserve)
                order.locked -= reserve
            account.add(paid_asset, -paid)
            rate = account.taker_fee if is_taker else account.maker_fee
            fee = (got * rate).quantize(_EIGHT_DIGITS, ROUND_DOWN) if rate else ZERO
            account.add(got_asset, got - fee)
            if fee:
                self.accounts.fees.add(got_asset, fee)
            order.status = OrderStatus.PARTIALLY_FILLED if order.remaining else OrderStatus.FILLED
            fills.append(Fill(trade, order, fee, got_asset))
        return fills[0], fills[1]

    # --- ending ----------------------------------------------------------------------------------------------------

    def cancel(self, order: Order, now: int) -> Order:
        """Raises `OrderRefused` where the order does not stand any more."""
        if not order.open:
            raise OrderRefused(Refusal.UNKNOWN_ORDER)
        self.books[order.instrument.symbol].remove(order)
        order.updated = order.account.updated = now
        self._finish(order, OrderStatus.CANCELED)
        self._tell(order)
        return order

    def _finish(self, order: Order, status: OrderStatus) -> None:
        order.status = status
        if order.locked:
            asset = order.instrument.quote if order.side is Side.BUY else order.instrument.base
            order.account.unlock(asset, order.locked)
            order.locked = ZERO

    def _tell(self, order: Order) -> None:
        if not order.account.house:
            self.on_order(order, None)

    # --- looking up ------------------------------------------------------------------------------------------------

    def orders(self, account: Account, symbol: str | None = None) -> list[Order]:
        """Every order the account placed, oldest first."""
        every = self._orders.get(account, {}).values()
        return [order for order in every if symbol is None or order.instrument.symbol == symbol]

    def open_orders(self, account: Account, symbol: str | None = None) -> list[Order]:
        return [order for order in self.orders(account, symbol) if order.open]

    def open_order(self, account: Account, symbol: str, *, client_id: str) -> Order | None:
        if account.house:
            return None
        for order in self._orders.get(account, {}).values():
            if order.open and order.client_id == client_id and order.instrument.symbol == symbol:
                return order
        return None

    def find_order(
        self, account: Account, symbol: str, *, order_id: int | None = None, client_id: str | None = None
    ) -> Order | None:
        """The order of that id, or the newest of that client id; both must agree where both are given."""
        for order in reversed(self.orders(account, symbol)):
            if (order_id is None or order.id == order_id) and (
                client_id is None or order.client_id == client_id
            ):
                return order
        return None


def _ignore(_trade: Trade) -> None:
    """Nobody listens yet."""


def _ignore_order(_order: Order, _fill: Fill | None) -> None:
    """Nobody listens yet."""
