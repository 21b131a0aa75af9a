"""The matching engine: priority, order types, balances."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.emulator.accounts import Account, Accounts
from connectors.emulator.engine import Engine
from connectors.emulator.instruments import Instrument
from connectors.emulator.orders import (
    Order,
    OrderRefused,
    OrderStatus,
    OrderType,
    Refusal,
    Side,
    TimeInForce,
    Trade,
)

PAIR = Instrument("ETHBTC", "ETH", "BTC", Decimal("0.00001"), Decimal("0.0001"), Decimal("0.0001"), 1.0, 0.01)
NOW = 1_000


class Venue:
    def __init__(self, traders: int = 2, **fees: Decimal) -> None:
        self.accounts = Accounts(**fees)
        funds = [("ETH", Decimal(1_000)), ("BTC", Decimal(1_000))]
        self.traders = [self.accounts.open(f"trader{number}", funds) for number in range(traders)]
        self.engine = Engine(self.accounts)
        self.book = self.engine.list_instrument(PAIR)
        self.trades: list[Trade] = []
        self.engine.on_trade = self.trades.append

    def limit(self, trader: int, side: Side, price: int, quantity: int, **more: object) -> Order:
        account = self.traders[trader]
        placement = self.engine.place(account, PAIR, side, NOW, price=price, quantity=quantity, **more)
        return placement.order


def test_better_prices_trade_first_and_earlier_orders_among_equals():
    venue = Venue(traders=4)
    late_best = venue.limit(0, Side.SELL, 101, 5)
    first = venue.limit(1, Side.SELL, 102, 5)
    second = venue.limit(2, Side.SELL, 102, 5)

    venue.limit(3, Side.BUY, 102, 12)

    assert [trade.maker for trade in venue.trades] == [late_best, first, second]
    assert [(trade.price, trade.quantity) for trade in venue.trades] == [(101, 5), (102, 5), (102, 2)]
    assert second.status is OrderStatus.PARTIALLY_FILLED
    assert venue.book.asks.top(5) == [(102, 3)]


def test_a_limit_order_pays_the_makers_price_and_rests_with_what_is_left():
    venue = Venue(maker_fee=Decimal(0), taker_fee=Decimal(0))
    venue.limit(0, Side.SELL, 100, 10)
    taker = venue.limit(1, Side.BUY, 110, 30)

    assert taker.status is OrderStatus.PARTIALLY_FILLED
    assert venue.book.bids.top(5) == [(110, 20)]
    btc = venue.traders[1].holding("BTC")
    assert btc.locked == PAIR.price(110) * PAIR.quantity(20)
    assert btc.free == Decimal(1_000) - btc.locked - PAIR.price(100) * PAIR.quantity(10)


def test_cancelling_gives_everything_back():
    venue = Venue()
    order = venue.limit(0, Side.BUY, 100, 10)
    venue.engine.cancel(order, NOW)

    assert order.status is OrderStatus.CANCELED
    assert venue.book.bids.best is None
    assert venue.traders[0].holding("BTC").free == 1_000
    with pytest.raises(OrderRefused) as refused:
        venue.engine.cancel(order, NOW)
    assert refused.value.reason is Refusal.UNKNOWN_ORDER


def test_immediate_or_cancel_takes_what_there_is_and_never_rests():
    venue = Venue()
    venue.limit(0, Side.SELL, 100, 4)
    order = venue.limit(1, Side.BUY, 100, 10, time_in_force=TimeInForce.IOC)

    assert (order.filled, order.status) == (4, OrderStatus.EXPIRED)
    assert venue.book.bids.best is None
    assert venue.traders[1].holding("BTC").locked == 0


@pytest.mark.parametrize(("wanted", "filled"), [(10, 10), (11, 0)])
def test_fill_or_kill_is_all_or_nothing(wanted: int, filled: int):
    venue = Venue()
    venue.limit(0, Side.SELL, 100, 4)
    venue.limit(0, Side.SELL, 101, 6)
    venue.limit(0, Side.SELL, 102, 50)
    order = venue.limit(1, Side.BUY, 101, wanted, time_in_force=TimeInForce.FOK)

    assert order.filled == filled
    assert venue.book.bids.best is None


def test_a_maker_order_that_would_take_is_refused_and_changes_nothing():
    venue = Venue()
    venue.limit(0, Side.SELL, 100, 4)
    with pytest.raises(OrderRefused) as refused:
        venue.limit(1, Side.BUY, 100, 1, order_type=OrderType.LIMIT_MAKER)

    assert refused.value.reason is Refusal.WOULD_TAKE
    assert venue.traders[1].holding("BTC").free == 1_000
    assert venue.limit(1, Side.BUY, 99, 1, order_type=OrderType.LIMIT_MAKER).open


def test_a_market_order_by_value_spends_no_more_than_the_value():
    venue = Venue()
    venue.limit(0, Side.SELL, 100, 1_000)
    venue.limit(0, Side.SELL, 200, 1_000)
    value = PAIR.tick * PAIR.lot * (100 * 1_000 + 200 * 10 + 199)
    placed = venue.engine.place(
        venue.traders[1], PAIR, Side.BUY, NOW, order_type=OrderType.MARKET, quote_quantity=value
    )

    assert placed.order.status is OrderStatus.FILLED
    assert placed.order.filled == 1_010
    assert Decimal(1_000) - venue.traders[1].holding("BTC").free <= value


def test_a_market_order_without_an_opposite_side_expires():
    venue = Venue()
    placed = venue.engine.place(
        venue.traders[0], PAIR, Side.SELL, NOW, order_type=OrderType.MARKET, quantity=5
    )

    assert placed.order.status is OrderStatus.EXPIRED
    assert venue.traders[0].holding("ETH").locked == 0


def test_who_has_too_little_is_refused():
    venue = Venue()
    with pytest.raises(OrderRefused) as refused:
        venue.limit(0, Side.SELL, 100, int(Decimal(1_001) / PAIR.lot))
    assert refused.value.reason is Refusal.INSUFFICIENT_BALANCE


def test_a_client_id_may_stand_once_and_be_used_again_afterwards():
    venue = Venue()
    first = venue.limit(0, Side.BUY, 100, 1, client_id="mine")
    with pytest.raises(OrderRefused) as refused:
        venue.limit(0, Side.BUY, 100, 1, client_id="mine")
    assert refused.value.reason is Refusal.DUPLICATE
    venue.engine.cancel(first, NOW)
    again = venue.limit(0, Side.BUY, 100, 1, client_id="mine")
    assert venue.engine.find_order(venue.traders[0], "ETHBTC", client_id="mine") is again


def test_both_sides_pay_their_own_fee_in_what_they_receive():
    venue = Venue(maker_fee=Decimal("0.001"), taker_fee=Decimal("0.002"))
    venue.limit(0, Side.SELL, 100_000, 10_000)
    venue.limit(1, Side.BUY, 100_000, 10_000)

    assert venue.traders[0].holding("BTC").total == 1_000 + Decimal("0.999")
    assert venue.traders[1].holding("ETH").total == 1_000 + Decimal("0.998")
    assert venue.accounts.fees.holding("BTC").free == Decimal("0.001")


actions = st.lists(
    st.one_of(
        st.tuples(
            st.just("place"),
            st.integers(0, 2),
            st.sampled_from(Side),
            st.integers(95, 105),
            st.integers(1, 50_000),
            st.sampled_from([*TimeInForce, OrderType.MARKET, OrderType.LIMIT_MAKER]),
        ),
        st.tuples(st.just("cancel"), st.integers(0, 2), st.integers(0, 30)),
    ),
    max_size=60,
)


def act(venue: Venue, action: tuple[object, ...]) -> None:
    match action:
        case "place", int(trader), Side() as side, int(price), int(quantity), TimeInForce() as time_in_force:
            venue.limit(trader, side, price, quantity, time_in_force=time_in_force)
        case "place", int(trader), Side() as side, int(price), int(quantity), OrderType() as kind:
            venue.limit(trader, side, price, quantity, order_type=kind)
        case "cancel", int(trader), int(which):
            orders = venue.engine.orders(venue.traders[trader])
            if orders:
                venue.engine.cancel(orders[which % len(orders)], NOW)


def locked_for_open_orders(venue: Venue, account: Account, asset: str) -> Decimal:
    orders = venue.engine.open_orders(account)
    if asset == PAIR.base:
        return sum(
            (PAIR.quantity(order.remaining) for order in orders if order.side is Side.SELL), Decimal(0)
        )
    return sum(
        (
            PAIR.price(order.price) * PAIR.quantity(order.remaining)
            for order in orders
            if order.side is Side.BUY
        ),
        Decimal(0),
    )


@given(actions)
@settings(max_examples=120, deadline=None)
def test_whatever_is_done_nothing_is_made_or_lost_and_the_book_is_sound(steps: list[tuple[object, ...]]):
    venue = Venue(traders=3)
    before = {asset: venue.accounts.total(asset) for asset in ("ETH", "BTC")}
    last_id = venue.book.update_id
    for step in steps:
        try:
            act(venue, step)
        except OrderRefused:
            assert venue.book.update_id == last_id, "a refusal changed the book"
        last_id = venue.book.update_id
        bid, ask = venue.book.bids.best, venue.book.asks.best
        assert bid is None or ask is None or bid < ask, "crossed"
    assert {asset: venue.accounts.total(asset) for asset in before} == before
    for account in venue.traders:
        for asset, holding in account.holdings.items():
            assert holding.free >= 0
            assert holding.locked == locked_for_open_orders(venue, account, asset)
    for half in (venue.book.bids, venue.book.asks):
        assert half.prices == sorted(half.levels)
        for price, level in half.levels.items():
            assert level.orders
            assert level.quantity == sum(order.remaining for order in level.orders.values())
            assert all(order.open and order.price == price for order in level.orders.values())


@given(actions)
@settings(max_examples=60, deadline=None)
def test_every_trade_is_with_the_best_price_and_the_oldest_order_there(steps: list[tuple[object, ...]]):
    venue = Venue(traders=3)

    def check(trade: Trade) -> None:
        half = venue.book.half(trade.maker.side)
        better = [price for price in half.levels if (price > trade.price) == (half.side is Side.BUY)]
        assert not [price for price in better if price != trade.price]
        # The maker has just left its level, or stands first in it.
        level = half.levels.get(trade.price)
        oldest = next(iter(level.orders.values())) if level else trade.maker
        assert trade.maker.id <= oldest.id

    venue.engine.on_trade = check
    for step in steps:
        try:
            act(venue, step)
        except OrderRefused:
            continue
