"""A book's channel: what its subscription is told and what its book tells are two things."""

import asyncio

from connectors.contracts.errors import ConnectionFailed
from connectors.contracts.events import BookState, OrderBookUpdate, StreamStatus
from connectors.streaming.book_feed import BookFeed
from connectors.streaming.book_sync import BookSettings
from connectors.streaming.dialect import Channel
from connectors.streaming.feeds import Listener
from connectors.streaming.sequencing import RangeSequencing, UnnumberedSequencing
from tests.connectors.streaming.scripted import until

SETTINGS = BookSettings(backoff_base=0.001, backoff_cap=0.002, budget=3, slow_retry=0.2)


def decode(frame: bytes) -> OrderBookUpdate:
    number = int(frame)
    return OrderBookUpdate("X", [(1.0, 1.0)], [], 0, first_sequence=number, last_sequence=number)


async def test_a_book_that_is_given_up_for_a_while_is_not_tried_at_once_by_the_next_update():
    fetches, failing, statuses = 0, True, []

    async def fetch(timeout: float) -> OrderBookUpdate:
        nonlocal fetches
        fetches += 1
        if failing:
            raise ConnectionFailed("no answer")
        return OrderBookUpdate("X", [(1.0, 1.0)], [(2.0, 1.0)], 0, is_snapshot=True, last_sequence=10**6)

    feed = BookFeed(Channel("x", "X"), decode, RangeSequencing(), fetch, SETTINGS)
    feed.add(Listener(lambda book: None, statuses.append))
    feed.opened()
    await until(lambda: [event.kind for event in statuses] == ["stale"])
    began, number = asyncio.get_running_loop().time(), 0
    while asyncio.get_running_loop().time() - began < 0.15:
        number += 1
        feed.frame(b"%d" % number)
        await asyncio.sleep(0.002)
    assert fetches == 3
    assert statuses == [StreamStatus("stale", statuses[0].reason, statuses[0].timestamp, "X", "x")]
    failing = False
    await until(lambda: feed.book.state is BookState.SYNCED)
    await feed.stop()


def test_a_book_whose_checksum_is_not_the_venues_is_read_as_synced_no_more():
    """The checksum here: how many bids there are."""

    def decode_checked(frame: bytes) -> OrderBookUpdate:
        price, checksum = frame.split()
        return OrderBookUpdate(
            "X", [(float(price), 1.0)], [], 0, is_snapshot=checksum == b"1", checksum=int(checksum)
        )

    feed = BookFeed(
        Channel("x", "X"),
        decode_checked,
        UnnumberedSequencing(),
        None,
        checksum=lambda book: len(book.bids),
    )
    feed.opened()
    states: list[BookState] = []
    for frame in (b"9 1", b"8 2", b"7 4"):
        feed.frame(frame)
        states.append(feed.book.state)
    assert states == [BookState.SYNCED, BookState.SYNCED, BookState.RESYNCING]


def test_a_silent_book_is_compared_by_number_and_where_that_moves_by_itself_by_its_levels():
    bids, asks = [(1.0, 1.0), (0.5, 2.0)], [(2.0, 1.0), (3.0, 1.0)]

    def told(sequence: int, best_bid: float = 1.0) -> OrderBookUpdate:
        levels = [(best_bid, 1.0)]
        return OrderBookUpdate("X", levels, asks[:1], 0, is_snapshot=True, last_sequence=sequence)

    feed = BookFeed(Channel("x", "X"), decode, RangeSequencing(), None)
    assert feed.knows(5), "nothing is claimed by a book that is not in sync"
    feed.opened()
    feed.offer(OrderBookUpdate("X", bids, asks, 0, is_snapshot=True, last_sequence=7))
    assert feed.knows(7)
    assert not feed.knows(8)
    assert feed.knows(told(8))
    assert feed.knows(told(6, best_bid=0.9))
    assert not feed.knows(told(8, best_bid=0.9))
