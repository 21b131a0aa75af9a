"""Candles: every interval agrees with every other, the made-up past included."""

import itertools
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.emulator.candles import DAY, HOUR, MINUTE, QUARTER, Bar, join, split
from connectors.emulator.history import LISTED, History
from connectors.emulator.intervals import INTERVALS, next_open, previous_open
from connectors.emulator.market import Market
from tests.connectors.emulator.support import START


@st.composite
def bars(draw: st.DrawFn) -> Bar:
    low = draw(st.integers(1, 10_000_000))
    high = low + draw(st.integers(0, 100_000))
    prices = st.integers(low, high)
    sums = st.integers(0, 10**12)
    return Bar(0, draw(prices), high, low, draw(prices), *(draw(sums) for _ in range(5)))


@given(bars(), st.sampled_from([(HOUR, 24), (QUARTER, 4), (MINUTE, 15), (1_000, 60)]), st.text(max_size=5))
@settings(max_examples=60, deadline=None)
def test_a_split_bar_joins_to_itself(bar: Bar, shape: tuple[int, int], seed: str):
    grain, count = shape
    parts = split(bar, grain, count, seed)
    assert join(parts, 0) == bar
    assert [part.start for part in parts] == [index * grain for index in range(count)]
    for part in parts:
        assert part.low <= min(part.open, part.close) <= max(part.open, part.close) <= part.high
        assert min(part.volume, part.notional, part.trades, part.taker_buy_volume) >= 0


@pytest.fixture(scope="module")
def market() -> Market:
    market = Market(seed=2, start=START)
    market.step(START + 65_000)
    return market


@pytest.mark.parametrize("interval", INTERVALS)
def test_every_interval_has_a_past_as_long_as_the_listing(market: Market, interval: str):
    history = market.listings["BTCUSDT"].history
    shown = history.bars(interval, market.now, 1_000)
    assert len(shown) == 1_000 or shown[0].start <= next_open(interval, LISTED)
    assert len(shown) > 100
    opens = [bar.start for bar in shown]
    assert all(next_open(interval, before) == after for before, after in itertools.pairwise(opens))
    assert opens[-1] == previous_open(interval, market.now)
    assert shown[-1].close == market.listings["BTCUSDT"].last_price
    for bar in shown:
        assert bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high


@pytest.mark.parametrize(
    "pair",
    ["1m/1s", "3m/1m", "5m/1m", "15m/5m", "1h/15m", "4h/1h", "12h/30m", "1d/1h", "1d/12h", "1w/1d", "1M/1d"],
)
def test_a_long_candle_is_the_join_of_its_short_ones(market: Market, pair: str):
    long, short = pair.split("/")
    history = market.listings["ETHUSDT"].history
    for whole in history.bars(long, market.now, 3):
        parts = history.bars(
            short, market.now, 1_000, start=whole.start, end=next_open(long, whole.start) - 1
        )
        assert join(parts, whole.start) == whole


def test_live_candles_hold_exactly_the_live_trades(market: Market):
    listing = market.listings["BTCUSDT"]
    opened = previous_open("1m", market.now)
    bar = listing.history.bar(opened, opened + MINUTE, market.now)
    trades = [trade for trade in listing.tape.trades if trade.time >= opened]
    assert (bar.trades, bar.volume) == (len(trades), sum(trade.quantity for trade in trades))
    assert bar.high == max(trade.price for trade in trades)
    assert bar.low == min(trade.price for trade in trades)
    assert bar.taker_buy_volume == sum(trade.quantity for trade in trades if not trade.maker_is_buyer)


def test_what_is_past_does_not_change_as_time_goes_on():
    market = Market(seed=4, start=START)
    history = market.listings["BTCUSDT"].history
    end = previous_open("1m", market.now)
    seen = {interval: history.bars(interval, market.now, 50, end=end - 1)[:-1] for interval in INTERVALS}
    market.step(START + MINUTE)
    for interval, bars_before in seen.items():
        again = history.bars(interval, market.now, 50, end=end - 1)
        assert again[: len(bars_before)] == bars_before, interval


def test_the_order_of_questions_does_not_matter():
    asked = []
    for intervals in (("1M", "1m", "1d"), ("1d", "1M", "1m")):
        history = History("BTCUSDT", START, 6_500_000, 10_000_000, seed=9)
        answers = {interval: history.bars(interval, START, 200) for interval in intervals}
        asked.append([answers[interval] for interval in ("1m", "1d", "1M")])
    assert asked[0] == asked[1]


def test_the_day_ticker_covers_a_day(market: Market):
    listing = market.listings["BTCUSDT"]
    bar = listing.history.last_day(market.now)
    minute = market.now - market.now % MINUTE
    assert bar == listing.history.bar(minute - DAY, minute + MINUTE, market.now)


@given(st.sampled_from(INTERVALS), st.integers(LISTED, START))
@settings(max_examples=200, deadline=None)
def test_candles_tile_the_time(interval: str, moment: int):
    opened = previous_open(interval, moment)
    assert opened <= moment < next_open(interval, moment)
    assert previous_open(interval, opened) == opened
    assert previous_open(interval, next_open(interval, moment) - 1) == opened
    when = datetime.fromtimestamp(opened / 1_000, UTC)
    if interval == "1w":
        assert when.weekday() == 0
    if interval == "1M":
        assert when.day == 1
