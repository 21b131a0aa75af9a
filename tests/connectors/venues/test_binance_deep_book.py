"""A book many times as deep as its snapshot, over real sockets: never wrong, wherever the price goes."""

import asyncio

import pytest

from catalog.model import MarketType
from connectors.contracts import BookState, LiveBook, OrderBookOptions
from connectors.emulator.listing import Listing
from connectors.emulator.testing import running_emulator
from connectors.venues.binance.ws import SNAPSHOT_DEPTH
from tests.connectors.streaming.scripted import until
from tests.connectors.venues.binance_rig import advance, connector_on

LEVELS = 4_000
TOP = 20


class Venue:
    """The best levels that a book had at every one of its update ids."""

    def __init__(self, listing: Listing) -> None:
        self.listing = listing
        self.tops: dict[int, object] = {}
        self.look(listing)

    def look(self, listing: Listing) -> None:
        if listing is self.listing:
            instrument, book = listing.instrument, listing.book
            self.tops[book.update_id] = [
                [(float(price), float(lots)) for price, lots in instrument.level_texts(half.top(TOP))]
                for half in (book.bids, book.asks)
            ]

    def had(self, book: LiveBook) -> bool:
        view = book.view(TOP)
        return self.tops.get(view.sequence or 0) == [view.bids, view.asks]


@pytest.mark.parametrize("market_type", [MarketType.SPOT, MarketType.FUTURES])
@pytest.mark.parametrize(("steps", "ticks"), [(50, -30), (50, 30), (1, None)])
async def test_a_book_is_right_wherever_the_price_goes(market_type, steps, ticks):
    async with (
        running_emulator(levels=LEVELS, live=1, warm_up_ms=500, drive=False) as emulator,
        connector_on(emulator, market_type=market_type) as connector,
    ):
        market = emulator.market if market_type is MarketType.SPOT else emulator.dialect.futures
        assert market is not None
        listing = market.listings["BTCUSDT"]
        assert min(len(listing.book.bids.prices), len(listing.book.asks.prices)) > 0.8 * LEVELS
        if ticks is None:
            bids = listing.book.bids.prices
            ticks = -3 * (bids[-1] - bids[-SNAPSHOT_DEPTH]) // 2
        venue = Venue(listing)
        market.book_watchers.append(venue.look)
        states: list[BookState] = []
        wrong: list[object] = []
        edges: set[float | None] = set()

        def changed(book: LiveBook) -> None:
            connector.books[book.symbol] = book
            states.append(book.state)
            edges.add(book.view(TOP).known_bid if ticks < 0 else book.view(TOP).known_ask)
            if book.state is BookState.SYNCED and not venue.had(book):
                wrong.append(book.view(3))

        await connector.ws.subscribe_to_order_book(
            OrderBookOptions(
                market_type=market_type,
                instruments=connector.instruments("BTCUSDT"),
                on_status=connector.statuses.append,
            ),
            changed,
        )
        await connector.synced("BTCUSDT")
        began = len(states)
        for _ in range(steps):
            market.shift("BTCUSDT", ticks)
            version = connector.books["BTCUSDT"].version
            for _ in range(100):
                await advance(emulator, 3)
                if connector.books["BTCUSDT"].version != version:
                    break
            await asyncio.sleep(0.002)
        for _ in range(20):
            await advance(emulator, 5)
            await asyncio.sleep(0.002)
        await until(lambda: connector.books["BTCUSDT"].sequence == listing.book.update_id, 10)
        await connector.synced("BTCUSDT")
        assert wrong == []
        assert len(edges - {None}) > 1, "the snapshot was fetched anew"
        assert venue.had(connector.books["BTCUSDT"])
        if steps > 1:
            assert set(states[began:]) == {BookState.SYNCED}, "in time"
            assert connector.kinds.count("gap") == 0
        else:
            assert BookState.RESYNCING in states[began:], "it says so where it cannot know the best price"
