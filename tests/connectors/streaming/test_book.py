"""The book and its sequencing, against references kept apart."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.contracts.events import BookState, OrderBookUpdate
from connectors.streaming import book_side
from connectors.streaming.book import Book
from connectors.streaming.sequencing import (
    BinanceFuturesSequencing,
    PlainSequencing,
    PreviousSequencing,
    RangeSequencing,
    UnnumberedSequencing,
    Verdict,
)

prices = st.integers(1, 40).map(lambda ticks: ticks / 4)
levels = st.lists(st.tuples(prices, st.sampled_from([0.0, 1.0, 2.5])), max_size=12)


@settings(max_examples=60)
@given(st.lists(st.tuples(levels, levels, st.booleans()), max_size=20))
def test_the_book_equals_a_plain_dictionary_whenever_it_is_read(updates):
    book, bids, asks = Book("X"), {}, {}
    for bid_levels, ask_levels, read in updates:
        book.apply(bid_levels, ask_levels)
        for side, changes in ((bids, bid_levels), (asks, ask_levels)):
            for price, quantity in changes:
                side[price] = quantity
                if not quantity:
                    del side[price]
        if read:
            view = book.view(5)
            assert view.bids == sorted(bids.items(), reverse=True)[:5]
            assert view.asks == sorted(asks.items())[:5]
        assert book.crossed == bool(bids and asks and max(bids) >= min(asks))


def test_a_view_carries_the_state_and_the_version_grows_with_book_and_state():
    book = Book("X")
    assert (book.view().state, book.version) == (BookState.EMPTY, 0)
    book.replace([(1.0, 2.0)], [(3.0, 4.0)])
    book.set_state(BookState.SYNCED)
    version = book.version
    view = book.view()
    assert (view.state, view.bids, view.asks) == (BookState.SYNCED, [(1.0, 2.0)], [(3.0, 4.0)])
    book.set_state(BookState.STALE)
    assert book.version > version
    assert book.view().state is BookState.STALE


def test_an_unchanged_book_is_not_sorted_again_and_a_changed_one_is():
    book = Book("X")
    book.apply([(float(n), 1.0) for n in range(1, 50)], [])
    view = book.view(10)
    assert book.view(10) is view
    assert len(book.view(20).bids) == 20
    book.apply([(100.0, 1.0)], [])
    assert book.view(10).bids[0] == (100.0, 1.0)


def test_far_levels_do_not_gather_for_ever():
    book = Book("X")
    total = 3 * book_side._PRUNE_ABOVE
    for start in range(0, total, 100):
        book.apply([(float(n), 1.0) for n in range(start, start + 100)], [(1e6 + start, 1.0)])
    assert len(book.bids) < book_side._PRUNE_ABOVE + 1_000
    assert len(book.asks) == total // 100
    assert book.view(3).bids == [(float(total - 1), 1.0), (float(total - 2), 1.0), (float(total - 3), 1.0)]


@settings(max_examples=40)
@given(st.integers(0, 2**32), st.integers(1, 30), st.booleans())
def test_the_top_is_right_however_the_price_moves_through_a_deep_book(seed, depth, rising):
    rng = random.Random(seed)
    middle, book = 50_000, Book("X")
    bids = {middle - n / 10: 1.0 for n in range(1, 400)}
    asks = {middle + n / 10: 1.0 for n in range(1, 400)}
    book.replace(bids.items(), asks.items())
    for _ in range(60):
        middle += rng.choice([0, 1, 3] if rising else [0, -1, -3])
        taken_asks = [(price, 0.0) for price in asks if price <= middle]
        taken_bids = [(price, 0.0) for price in bids if price >= middle]
        new_bids = [(middle - rng.randint(1, 60) / 10, float(rng.randint(0, 3))) for _ in range(8)]
        new_asks = [(middle + rng.randint(1, 60) / 10, float(rng.randint(0, 3))) for _ in range(8)]
        assert book.apply(taken_bids + new_bids, taken_asks + new_asks)
        for side, changes in ((bids, taken_bids + new_bids), (asks, taken_asks + new_asks)):
            for price, quantity in changes:
                side[price] = quantity
                if not quantity:
                    del side[price]
        if rng.random() < 0.3:
            view = book.view(depth)
            assert view.bids == sorted(bids.items(), reverse=True)[:depth]
            assert view.asks == sorted(asks.items())[:depth]
    assert book.view(10_000).bids == sorted(bids.items(), reverse=True)


def spot(first: int, last: int) -> OrderBookUpdate:
    return OrderBookUpdate("X", [], [], 0, first_sequence=first, last_sequence=last)


def futures(first: int, last: int, previous: int) -> OrderBookUpdate:
    return OrderBookUpdate(
        "X", [], [], 0, first_sequence=first, last_sequence=last, previous_sequence=previous
    )


def chained(last: int, previous: int) -> OrderBookUpdate:
    return OrderBookUpdate("X", [], [], 0, last_sequence=last, previous_sequence=previous)


def snapshot(last: int | None) -> OrderBookUpdate:
    return OrderBookUpdate("X", [], [], 0, is_snapshot=True, last_sequence=last)


APPLY, IGNORE, GAP = Verdict.APPLY, Verdict.IGNORE, Verdict.GAP


@pytest.mark.parametrize(
    ("at", "updates", "verdicts"),
    [
        (160, [spot(157, 160), spot(161, 165), spot(166, 166)], [IGNORE, APPLY, APPLY]),
        (160, [spot(158, 161), spot(162, 162)], [APPLY, APPLY]),
        (160, [spot(161, 161)], [APPLY]),
        (160, [spot(162, 163)], [GAP]),
        (160, [spot(161, 165), spot(161, 165), spot(167, 170)], [APPLY, IGNORE, GAP]),
        (160, [spot(161, 165), spot(163, 168), spot(169, 169)], [APPLY, APPLY, APPLY]),
        (160, [spot(165, 161)], [GAP]),
    ],
)
def test_binance_spot(at, updates, verdicts):
    rule = RangeSequencing()
    rule.start(snapshot(at))
    assert [rule.judge(update) for update in updates] == verdicts


@pytest.mark.parametrize(
    ("at", "updates", "verdicts"),
    [
        (
            160,
            [futures(150, 159, 149), futures(157, 163, 156), futures(170, 175, 163)],
            [IGNORE, APPLY, APPLY],
        ),
        (160, [futures(155, 160, 154), futures(162, 165, 160)], [APPLY, APPLY]),
        (160, [futures(162, 165, 161)], [GAP]),
        (160, [futures(162, 165, 160)], [APPLY]),
        (160, [futures(157, 163, 156), futures(170, 175, 164)], [APPLY, GAP]),
        (
            160,
            [futures(157, 163, 156), futures(157, 163, 156), futures(164, 166, 163)],
            [APPLY, IGNORE, APPLY],
        ),
    ],
)
def test_binance_futures(at, updates, verdicts):
    rule = BinanceFuturesSequencing()
    rule.start(snapshot(at))
    assert [rule.judge(update) for update in updates] == verdicts


@pytest.mark.parametrize(
    ("updates", "verdicts"),
    [
        ([chained(12, 10), chained(13, 12), chained(13, 13)], [APPLY, APPLY, APPLY]),
        ([chained(12, 10), chained(12, 10), chained(14, 13)], [APPLY, IGNORE, GAP]),
        ([chained(3, 10), chained(5, 3)], [APPLY, APPLY]),  # the venue's numbers started anew
        ([chained(3, 10), chained(7, 5)], [APPLY, GAP]),
        ([chained(9, 8)], [GAP]),
    ],
)
def test_previous_sequence(updates, verdicts):
    rule = PreviousSequencing()
    rule.start(snapshot(10))
    assert [rule.judge(update) for update in updates] == verdicts


def test_plain_sequence():
    rule = PlainSequencing()
    rule.start(snapshot(10))
    assert [rule.judge(chained(n, 0)) for n in (9, 11, 11, 12, 14)] == [IGNORE, APPLY, IGNORE, APPLY, GAP]


def test_updates_without_numbers_are_all_taken():
    rule = UnnumberedSequencing()
    rule.start(snapshot(None))
    assert rule.judge(OrderBookUpdate("X", [], [], 0)) is APPLY


@pytest.mark.parametrize(
    "rule", [RangeSequencing, BinanceFuturesSequencing, PreviousSequencing, PlainSequencing]
)
def test_an_update_before_any_snapshot_or_without_numbers_is_never_applied(rule):
    assert rule().judge(futures(1, 2, 0)) is GAP
    started = rule()
    started.start(snapshot(10))
    assert started.judge(OrderBookUpdate("X", [], [], 0)) is GAP


@settings(max_examples=60)
@given(st.integers(0, 2**32), st.sampled_from(["spot", "futures", "previous", "plain"]))
def test_every_lost_update_is_noticed_and_every_repeat_ignored(seed, kind):
    rng = random.Random(seed)
    rule = {
        "spot": RangeSequencing,
        "futures": BinanceFuturesSequencing,
        "previous": PreviousSequencing,
        "plain": PlainSequencing,
    }[kind]()
    updates, last = [], 100
    for _ in range(20):
        newest = last + (1 if kind == "plain" else rng.randint(1, 5))
        first = last + 1
        updates.append(futures(first, newest, last))
        last = newest
    rule.start(snapshot(100))
    lost = rng.randrange(1, 19)
    for update in updates[:lost]:
        assert rule.judge(update) is APPLY
    assert rule.judge(updates[lost - 1]) is IGNORE
    assert rule.judge(updates[lost + 1]) is GAP
