"""Feeds of lists: order, each event once, and none lost to another's fault."""

import pytest

from connectors.contracts.events import Candle, StreamStatus, Trade
from connectors.streaming.dialect import Channel
from connectors.streaming.feeds import Listener
from connectors.streaming.list_feeds import CandleListFeed, TradeListFeed

CHANNEL = Channel("x", "X")


def trades_of(frame: bytes) -> list[Trade]:
    return [Trade("X", 1.0, 1.0, int(number), "buy", number) for number in frame.decode().split()]


def heard(consecutive: bool) -> tuple[TradeListFeed, list[int], list[StreamStatus]]:
    feed = TradeListFeed(CHANNEL, trades_of, consecutive=consecutive)
    numbers: list[int] = []
    statuses: list[StreamStatus] = []
    feed.add(Listener(lambda trade: numbers.append(int(trade.trade_id)), statuses.append))
    return feed, numbers, statuses


@pytest.mark.parametrize("consecutive", [True, False])
def test_lists_that_overlap_give_each_trade_once_in_order(consecutive: bool):
    feed, numbers, statuses = heard(consecutive)
    for frame in (b"1 2 3", b"2 3 4", b"", b"4", b"3 4 5 6"):
        feed.frame(frame)
    assert numbers == [1, 2, 3, 4, 5, 6]
    assert statuses == []


def test_numbers_that_are_missing_between_two_lists_are_told():
    feed, numbers, statuses = heard(consecutive=True)
    for frame in (b"1 2", b"5 6", b"4 5 6 7"):
        feed.frame(frame)
    assert numbers == [1, 2, 5, 6, 4, 7]
    assert [(status.kind, status.count) for status in statuses] == [("gap", 2)]


@pytest.mark.parametrize("consecutive", [True, False])
def test_from_now_the_first_list_is_only_remembered(consecutive: bool):
    feed = TradeListFeed(CHANNEL, trades_of, consecutive=consecutive, from_now=True)
    numbers: list[str] = []
    statuses: list[StreamStatus] = []
    feed.add(Listener(lambda trade: numbers.append(trade.trade_id), statuses.append))
    for frame in (b"1 2 3", b"2 3 4", b"4 5"):
        feed.frame(frame)
    assert (numbers, statuses) == (["4", "5"], [])


@pytest.mark.parametrize("consecutive", [True, False])
def test_a_list_longer_than_the_usual_memory_is_known_again_whole(consecutive: bool):
    feed, numbers, _ = heard(consecutive)
    for first in range(1, 20_000, 500):
        feed.frame(b" ".join(b"%d" % number for number in range(first, first + 6_000)))
    assert numbers == list(range(1, numbers[-1] + 1))


def test_what_a_consumer_raises_at_one_trade_costs_none_after_it():
    feed, numbers, _ = heard(consecutive=False)

    def raise_at_two(trade: Trade) -> None:
        if trade.trade_id == "2":
            raise RuntimeError("a consumer's fault")

    feed.add(Listener(raise_at_two, None))
    with pytest.raises(RuntimeError, match="a consumer's fault"):
        feed.frame(b"1 2 3")
    feed.frame(b"2 3 4")
    assert numbers == [1, 2, 3, 4]


def test_candles_of_lists_come_in_order_and_closed_ones_once():
    def candle(minute: int, close: float, closed: bool) -> Candle:
        return Candle("X", "1m", minute * 60_000, 1.0, 9.0, 1.0, close, 5.0, closed)

    lists = [
        [candle(0, 2.0, True), candle(1, 3.0, False)],
        [candle(0, 2.0, True), candle(1, 4.0, False)],
        [candle(1, 5.0, True), candle(2, 6.0, False)],
        [candle(1, 5.0, True), candle(2, 7.0, False)],
    ]
    feed = CandleListFeed(CHANNEL, lambda frame: lists[int(frame)])
    told: list[tuple[int, float, bool]] = []
    feed.add(Listener(lambda one: told.append((one.timestamp // 60_000, one.close, one.closed)), None))
    for index in range(len(lists)):
        feed.frame(b"%d" % index)
    assert told == [
        (0, 2.0, True),
        (1, 3.0, False),
        (1, 4.0, False),
        (1, 5.0, True),
        (2, 6.0, False),
        (2, 7.0, False),
    ]
