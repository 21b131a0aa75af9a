"""The oracle itself: what it calls right and wrong, whatever the venue's protocol."""

import pytest

from connectors.conformance.truth import DEPTHS, Truth, shape_fault
from connectors.contracts.events import BookState, OrderBook, Trade
from connectors.emulator.emulator import Emulator
from connectors.emulator.listing import Listing
from connectors.emulator.orders import Side
from connectors.emulator.testing import pass_time
from tests.connectors.emulator.support import still_emulator


def watched(emulator: Emulator) -> tuple[Truth, Listing]:
    listing = emulator.market.listings["BTCUSDT"]
    return Truth(emulator, emulator.market, [listing]), listing


def view_of(truth: Truth, listing: Listing, depth: int = 20) -> OrderBook:
    bids, asks = truth.book(listing)
    return OrderBook("BTCUSDT", BookState.SYNCED, list(bids[:depth]), list(asks[:depth]), 0)


@pytest.mark.parametrize("depth", DEPTHS)
async def test_a_book_that_was_is_right_for_ever(depth: int):
    async with still_emulator(rate=50.0) as emulator:
        truth, listing = watched(emulator)
        before = view_of(truth, listing, depth)
        pass_time(emulator, 1_000)
        assert view_of(truth, listing, depth) != before
        assert truth.book_fault(listing, before) is None
        assert truth.book_fault(listing, view_of(truth, listing, depth)) is None


async def test_a_book_that_never_was_is_wrong():
    async with still_emulator(rate=50.0) as emulator:
        truth, listing = watched(emulator)
        first = view_of(truth, listing)
        pass_time(emulator, 1_000)
        second = view_of(truth, listing)
        mixed = OrderBook("BTCUSDT", BookState.SYNCED, first.bids, second.asks, 0)
        assert truth.book_fault(listing, mixed) is not None
        price, quantity = second.bids[7]
        bids = [*second.bids[:7], (price, quantity + 0.001), *second.bids[8:]]
        altered = OrderBook("BTCUSDT", BookState.SYNCED, bids, second.asks, 0)
        assert "never had this book" in (truth.book_fault(listing, altered) or "")
        shallow = view_of(truth, listing, 3)
        assert "the venue has more" in (truth.book_fault(listing, shallow) or "")


@pytest.mark.parametrize(
    ("bids", "asks", "fault"),
    [
        ([(2.0, 1.0)], [(2.0, 1.0)], "crossed"),
        ([(1.0, 1.0), (2.0, 1.0)], [(3.0, 1.0)], "best first"),
        ([(2.0, 1.0)], [(3.0, 1.0), (3.0, 2.0)], "one comes twice"),
        ([(2.0, 0.0)], [(3.0, 1.0)], "above zero"),
        ([(2.0, float("nan"))], [(3.0, 1.0)], "above zero"),
        ([(2.0, 1.0)], [(3.0, 1.0)], None),
    ],
)
def test_shapes(bids, asks, fault: str | None):
    found = shape_fault(OrderBook("X", BookState.SYNCED, bids, asks, 0))
    assert (found is None) if fault is None else fault in (found or "")


def told(truth: Truth, listing: Listing, way: int) -> list[Trade]:
    return [
        Trade("BTCUSDT", made.price, made.quantity, made.time, made.side, str(number))
        for number, made in enumerate(truth.trades(listing)[way])
    ]


@pytest.mark.parametrize("way", [0, 1], ids=["one by one", "put together"])
async def test_trades(way: int):
    async with still_emulator(rate=50.0) as emulator:
        truth, listing = watched(emulator)
        pass_time(emulator, 2_000)
        trades = told(truth, listing, way)
        assert len(trades) > 20
        assert truth.trades_fault(listing, trades) is None
        assert truth.trades_fault(listing, trades[5:]) is None, "who comes later hears from there"
        without = [*trades[:9], *trades[10:]]
        assert "missing" in (truth.trades_fault(listing, without) or "")
        assert truth.trades_fault(listing, without, gaps=True) is None
        doubled = [*trades[:9], trades[8], *trades[9:]]
        assert "twice" in (truth.trades_fault(listing, doubled, gaps=True) or "")
        foreign = [*trades[:9], Trade("BTCUSDT", 1.0, 1.0, trades[9].timestamp, "buy", "x")]
        assert "never made" in (truth.trades_fault(listing, foreign) or "")


async def test_fills_of_one_order_at_one_price_may_be_put_together():
    async with still_emulator() as emulator:
        truth, listing = watched(emulator)
        market, instrument = emulator.market, listing.instrument
        best = listing.book.asks.best
        assert best is not None
        offered = listing.book.asks.quantity(best)
        place = market.engine.place
        place(market.accounts.market, instrument, Side.SELL, market.now, price=best, quantity=3)
        place(market.accounts.market, instrument, Side.BUY, market.now, price=best, quantity=offered + 2)
        single, joined = truth.trades(listing)
        assert len(single) == 2
        assert [one.quantity for one in joined] == [float(instrument.quantity_text(offered + 2))]
        assert (joined[0].side, joined[0].price) == ("buy", float(instrument.price_text(best)))
