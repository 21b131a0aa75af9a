"""Streams on the emulator: once each, restored, and never a wrong book."""

import json

import frames
import venue
from barfinex_exchange_bitstamp.live import WholeBookFeed

from catalog.model import MarketType
from connectors.contracts.events import BookState, StreamStatus, Trade
from connectors.contracts.services import LiveBook, OrderBookOptions, TradeOptions
from connectors.emulator.toolkit import Emulator, ManualClock, Rule, pass_time
from connectors.toolkit import BookParts, Channel, Listener

START = 1_790_000_123_400


def subscriptions(emulator: Emulator) -> list[str]:
    """What the venue's clients listen to, by its own names."""
    return sorted(
        name for socket in emulator.sockets if socket.session for name in socket.session.subscriptions
    )


async def test_trades_are_those_of_the_market_once_each_over_a_lost_connection_and_a_request_to_reconnect():
    heard: list[Trade] = []
    statuses: list[StreamStatus] = []
    async with venue.connected(rate=20) as (emulator, bundle):
        options = TradeOptions(
            market_type=MarketType.SPOT,
            instruments=[bundle.client.instrument("BTCUSDT")],
            on_status=statuses.append,
        )
        unsubscribe = await bundle.ws.subscribe_to_trade(options, heard.append)
        assert subscriptions(emulator) == ["live_trades_btcusdt"]
        await venue.until(lambda: len(heard) > 5)
        emulator.inject(Rule("close", now=True))
        await venue.until(lambda: [each.kind for each in statuses].count("connected") == 2)
        told = len(heard)
        await venue.until(lambda: len(heard) > told + 5)
        emulator.inject(Rule("shutdown", milliseconds=5_000))
        await venue.until(lambda: statuses[-1].kind == "rotated")
        told = len(heard)
        await venue.until(lambda: len(heard) > told + 5)
        await unsubscribe()
        assert subscriptions(emulator) == []
        made = {str(trade.id): trade for trade in emulator.market.listings["BTCUSDT"].tape.trades}
    assert len({trade.trade_id for trade in heard}) == len(heard)
    for trade in heard:
        truth = made[trade.trade_id]
        assert trade.price == float(truth.instrument.price(truth.price))
        assert trade.quantity == float(truth.instrument.quantity(truth.quantity))
        assert trade.side == ("sell" if truth.maker_is_buyer else "buy")
        assert trade.timestamp == truth.time


async def test_a_book_begins_over_rest_and_follows_the_market():
    books: list[LiveBook] = []
    async with venue.connected(drive=False, clock=ManualClock(START), rate=20) as (emulator, bundle):
        options = OrderBookOptions(
            market_type=MarketType.SPOT, instruments=[bundle.client.instrument("ETHBTC")]
        )
        await bundle.ws.subscribe_to_order_book(options, books.append)
        listing = emulator.market.listings["ETHBTC"]
        for milliseconds in (0, 300, 5_000):
            pass_time(emulator, milliseconds)
            bids = [
                (float(listing.instrument.price(price)), float(listing.instrument.quantity(lots)))
                for price, lots in listing.book.bids.top(20)
            ]
            await venue.until(
                lambda bids=bids: (
                    books and books[-1].state is BookState.SYNCED and books[-1].view(20).bids == bids
                )
            )


def fed() -> tuple[WholeBookFeed, list[str]]:
    """A book's feed that waits for its first book, and the states that its listener sees."""
    states: list[str] = []
    feed = WholeBookFeed(Channel("order_book_btcusd", "BTCUSD"), BookParts())
    feed.add(Listener(lambda book: states.append(book.state.value), None))
    feed.opened()
    return feed, states


def book(micros: int, bid: str = "8732.02") -> bytes:
    frame = json.loads(frames.BOOK)
    frame["data"]["microtimestamp"] = str(micros)
    frame["data"]["bids"][0][0] = bid
    return json.dumps(frame).encode()


def test_a_crossed_book_is_not_believed_until_the_next_one_comes():
    feed, states = fed()
    feed.frame(book(1))
    feed.frame(book(2, bid="9000"))
    assert states[-2:] == ["SYNCED", "RESYNCING"]
    feed.frame(book(3))
    assert states[-1] == "SYNCED"
    assert feed.book.view().bids[0] == (8732.02, 0.00002478)


def test_a_book_that_was_on_its_way_when_the_snapshot_was_taken_changes_nothing():
    feed, _ = fed()
    feed.frame(book(10_000_000))
    feed.frame(book(9_000_000, bid="8000"))
    assert feed.book.sequence == 10_000_000
    feed.frame(book(10_000_001, bid="8733"))
    assert feed.book.view().bids[0][0] == 8733.0
    feed.frame(book(1_000_000, bid="8001"))
    assert feed.book.sequence == 1_000_000, "the venue's clock was set back"
