"""Binance's connector on an emulator, over real sockets, with the emulator's own books as the oracle."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from catalog.model import MarketType
from connectors.contracts import (
    BookState,
    ConnectorContext,
    LiveBook,
    OrderBookOptions,
    StreamStatus,
    Trade,
    TradeOptions,
)
from connectors.emulator.server import Emulator
from connectors.runtime.market_endpoints import of_market
from connectors.streaming.book_sync import BookSettings
from connectors.streaming.settings import SessionSettings
from connectors.venues.binance.client import BinanceClientService
from connectors.venues.binance.market import BinanceMarketApi
from connectors.venues.binance.ws import BinanceWsManager
from tests.connectors.streaming.scripted import until

SPOT = MarketType.SPOT
QUICK = SessionSettings(
    subscribe_timeout=5.0,
    ack_timeout=1.0,
    close_timeout=0.3,
    ping_interval=1.0,
    ping_timeout=1.0,
    watch_interval=0.02,
    backoff_base=0.02,
    backoff_cap=0.2,
    overlap=1.0,
    max_frame=256 * 1024,
)
QUICK_BOOKS = BookSettings(
    fetch_timeout=1.0, backoff_base=0.005, backoff_cap=0.05, budget=20, slow_retry=0.1, budget_period=5.0
)


class Connector:
    """The streams of one connector on an emulator, and what they told."""

    def __init__(self, emulator: Emulator, market_type: MarketType = SPOT, **options: object) -> None:
        context = ConnectorContext(
            connector_type="binance",
            market_type=market_type,
            environment="local",
            endpoints=of_market(emulator.endpoints, market_type),
        )
        self.emulator = emulator
        self.client = BinanceClientService(context)
        self.ws = BinanceWsManager(
            self.client,
            BinanceMarketApi(self.client),
            **{"settings": QUICK, "book_settings": QUICK_BOOKS, **options},  # type: ignore[arg-type]
        )
        self.statuses: list[StreamStatus] = []
        self.books: dict[str, LiveBook] = {}

    def instruments(self, *symbols: str):
        return [self.client.instrument(symbol) for symbol in symbols]

    @property
    def kinds(self) -> list[str]:
        return [event.kind for event in self.statuses]

    async def watch_books(self, *symbols: str):
        def changed(book: LiveBook) -> None:
            self.books[book.symbol] = book

        options = OrderBookOptions(
            market_type=SPOT, instruments=self.instruments(*symbols), on_status=self.statuses.append
        )
        return await self.ws.subscribe_to_order_book(options, changed)

    async def watch_trades(self, symbol: str, into: list[Trade]):
        options = TradeOptions(
            market_type=SPOT, instruments=self.instruments(symbol), on_status=self.statuses.append
        )
        return await self.ws.subscribe_to_trade(options, into.append)

    async def synced(self, *symbols: str) -> None:
        await until(
            lambda: all(s in self.books and self.books[s].state is BookState.SYNCED for s in symbols), 10
        )


@asynccontextmanager
async def connector_on(emulator: Emulator, **options: object) -> AsyncIterator[Connector]:
    connector = Connector(emulator, **options)
    try:
        await connector.client.ensure_ready()
        yield connector
    finally:
        await connector.ws.destroy()
        await connector.client.close()
        left = [task.get_name() for task in asyncio.all_tasks() if "binance" in task.get_name()]
        assert left == []


def truth(emulator: Emulator, symbol: str, depth: int = 20):
    """The venue's own book: its last update id, bids and asks."""
    listing = emulator.market.listings[symbol]
    instrument, book = listing.instrument, listing.book
    sides = [
        [
            (float(instrument.price_text(price)), float(instrument.quantity_text(lots)))
            for price, lots in half.top(depth)
        ]
        for half in (book.bids, book.asks)
    ]
    return book.update_id, *sides


async def is_true(connector: Connector, symbol: str) -> None:
    """The book, once it has caught up with the venue, equals the venue's."""

    def caught_up() -> bool:
        view = connector.books[symbol].view(20)
        if view.state is not BookState.SYNCED:
            return False
        at, bids, asks = truth(connector.emulator, symbol)
        return (view.sequence, view.bids, view.asks) == (at, bids, asks)

    await until(caught_up, 10)


async def advance(emulator: Emulator, ticks: int) -> None:
    """Move the market by so many tenths of a second."""
    for _ in range(ticks):
        emulator.advance(emulator._next_tick)
        await asyncio.sleep(0)
