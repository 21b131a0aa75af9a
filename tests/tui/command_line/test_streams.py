import asyncio

import pytest

from connectors.contracts import BookState, Candle, OrderBook, Price, StreamStatus, Trade
from tui.command_line.streams import Outbox, Quota


def trade(number: int, symbol: str = "BTCUSDT") -> Trade:
    return Trade(symbol, 65000.0 + number, 0.5, 1_700_000_000_000 + number, "buy", str(number))


def price(number: int) -> Price:
    return Price("BTCUSDT", 65000.0 + number, 1_700_000_000_000 + number)


def candle(number: int) -> Candle:
    return Candle("BTCUSDT", "1m", 1_700_000_000_000 + 60_000 * number, 1.0, 2.0, 0.5, 1.5, 10.0)


def status(kind: str) -> StreamStatus:
    return StreamStatus(kind, "because", 1_700_000_000_000)


class Book:
    """A live book that the test moves by hand."""

    def __init__(self, symbol: str = "BTCUSDT") -> None:
        self.symbol = symbol
        self.state = BookState.EMPTY
        self.version = 0
        self.views = 0

    def change(self, state: BookState = BookState.SYNCED) -> None:
        self.state = state
        self.version += 1

    def view(self, depth: int = 20) -> OrderBook:
        self.views += 1
        bids = [(100.0 - level, 1.0) for level in range(30)]
        asks = [(101.0 + level, 1.0) for level in range(30)]
        return OrderBook(self.symbol, self.state, bids[:depth], asks[:depth], 1_700_000_000_000, self.version)


async def test_events_leave_in_the_order_they_came() -> None:
    outbox = Outbox(depth=5)
    book = Book()
    book.change()
    outbox.status(status("connected"))
    outbox.trade(trade(1))
    outbox.book(book)
    outbox.price(price(1))
    outbox.candle(candle(1))
    outbox.trade(trade(2))
    heard = await outbox.batch()
    assert [channel for channel, _, _ in heard] == ["status", "trades", "book", "prices", "candles", "trades"]


async def test_a_batch_waits_for_the_first_event() -> None:
    outbox = Outbox(depth=5)
    waiting = asyncio.create_task(outbox.batch())
    await asyncio.wait([waiting], timeout=0.05)
    assert not waiting.done()
    outbox.trade(trade(1))
    assert [event for _, _, event in await waiting] == [trade(1)]


async def test_books_and_prices_are_conflated_to_their_newest_state() -> None:
    outbox = Outbox(depth=3)
    book = Book()
    for number in range(50):
        book.change()
        outbox.book(book)
        outbox.price(price(number))
    heard = await outbox.batch()
    assert [channel for channel, _, _ in heard] == ["book", "prices"]
    view, newest = heard[0][2], heard[1][2]
    assert isinstance(view, OrderBook)
    assert view.sequence == 50
    assert len(view.bids) == len(view.asks) == 3
    assert newest == price(49)
    assert book.views == 1


async def test_a_book_that_is_not_synced_or_unchanged_is_not_printed() -> None:
    outbox = Outbox(depth=3)
    book = Book()
    book.change()
    outbox.book(book)
    assert len(await outbox.batch()) == 1
    outbox.book(book)  # marked again without a change
    outbox.trade(trade(1))
    assert [channel for channel, _, _ in await outbox.batch()] == ["trades"]
    book.change(BookState.STALE)
    outbox.book(book)
    outbox.trade(trade(2))
    assert [channel for channel, _, _ in await outbox.batch()] == ["trades"]
    book.change(BookState.SYNCED)
    outbox.book(book)
    assert [channel for channel, _, _ in await outbox.batch()] == ["book"]


async def test_what_does_not_fit_is_dropped_counted_and_told_where_it_is_missing() -> None:
    outbox = Outbox(depth=3, capacity=10)
    for number in range(25):
        outbox.trade(trade(number))
    outbox.price(price(1))
    heard = await outbox.batch()
    assert [event for channel, _, event in heard if channel == "trades"] == [trade(n) for n in range(10)]
    last = heard[-1][2]
    assert isinstance(last, StreamStatus)
    assert (last.kind, last.channel, last.count) == ("dropped", "trades", 15)
    outbox.trade(trade(99))
    assert [event for _, _, event in await outbox.batch()] == [trade(99)]


async def test_what_every_subscription_tells_of_their_connection_is_printed_once() -> None:
    outbox = Outbox(depth=3)
    for event in (status("lost"), status("lost"), status("connected"), status("lost"), status("connected")):
        outbox.status(event)
    own = StreamStatus("gap", "because", 1_700_000_000_000, symbol="BTCUSDT", channel="book")
    outbox.status(own)
    outbox.status(own)
    assert [event for _, _, event in await outbox.batch()] == [status("lost"), status("connected"), own, own]


def lines_by_channel(quota: Quota, stream: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [key for key in stream if quota.take(*key)]  # type: ignore[arg-type]  # the tuples are channels


def test_without_a_count_everything_is_printed() -> None:
    quota = Quota(None, [("trades", "A"), ("candles", "A")])
    assert len(lines_by_channel(quota, [("trades", "A")] * 1000)) == 1000
    assert not quota.spent


@pytest.mark.parametrize("count", [4, 5, 20, 200])
def test_a_busy_channel_leaves_a_line_for_each_quiet_one(count: int) -> None:
    quiet = [("book", "A"), ("candles", "A"), ("prices", "A")]
    quota = Quota(count, [("trades", "A"), *quiet])  # type: ignore[list-item]  # the tuples are channels
    printed = lines_by_channel(quota, [("trades", "A")] * 1000)
    assert len(printed) == count - 3
    printed += lines_by_channel(quota, quiet)
    assert len(printed) == count
    assert quota.spent
    assert lines_by_channel(quota, [("trades", "A"), ("status", "")]) == []


def test_a_count_below_the_number_of_channels_is_still_kept() -> None:
    quota = Quota(2, [("trades", "A"), ("book", "A"), ("candles", "A")])
    printed = lines_by_channel(quota, [("trades", "A"), ("trades", "A"), ("book", "A"), ("candles", "A")])
    assert printed == [("trades", "A"), ("book", "A")]
    assert quota.spent


def test_a_status_is_always_told_and_takes_no_line_of_what_was_asked_for() -> None:
    quota = Quota(1, [("trades", "A"), ("book", "A")])
    assert quota.take("status", "")
    assert quota.take("status", "")
    assert not quota.spent
    assert quota.take("trades", "A")
    assert quota.spent
    assert not quota.take("status", "")


def test_what_is_not_heard_in_time_no_longer_holds_lines_back() -> None:
    quota = Quota(3, [("trades", "A"), ("candles", "A")])
    assert len(lines_by_channel(quota, [("trades", "A")] * 5)) == 2
    quota.release()
    assert len(lines_by_channel(quota, [("trades", "A")] * 5)) == 1
    assert quota.spent
