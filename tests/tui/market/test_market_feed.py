import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from msgspec.structs import replace

from catalog.model import MarketType
from connectors.contracts import ConnectionHealth, SubscriptionHealth, TimeFrame
from connectors.contracts.errors import (
    BadSymbol,
    NotActive,
    NotSupported,
    RateLimited,
    SubscriptionFailed,
    UnknownSymbol,
    VenueUnavailable,
)
from tests.tui.market.scripted import ScriptedManager, candles, instrument, trades
from tui import history_fill, market_feed
from tui.default_symbol import default_symbol
from tui.link_health import read_link
from tui.market_feed import MarketFeed
from tui.pane_state import PaneState


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - any condition, whoever brings it about
            await asyncio.sleep(0)


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_fill, "SETTLE_SECONDS", 0.0)
    monkeypatch.setattr(history_fill, "FIRST_PAUSE", 0.001)


MINUTE = 60_000


def offline(manager: ScriptedManager, minutes: int) -> int:
    """The venue goes on for so many minutes; the time of its newest candle then."""
    newest = manager.connector.history[TimeFrame.M1][-1].timestamp + minutes * MINUTE
    manager.connector.history[TimeFrame.M1] = candles(900 + minutes, end=newest)
    return newest


def contiguous(feed: MarketFeed, newest: int) -> bool:
    times = [one.timestamp for one in feed.store.candles.candles]
    return times == list(range(times[0], newest + 1, MINUTE))


def feed_of(manager: ScriptedManager) -> MarketFeed:
    return MarketFeed(lambda: manager.bundle("scripted", MarketType.SPOT), MarketType.SPOT)


@asynccontextmanager
async def running(feed: MarketFeed) -> AsyncIterator[MarketFeed]:
    task = asyncio.create_task(feed.run())
    try:
        yield feed
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def watching(manager: ScriptedManager, feed: MarketFeed) -> None:
    await until(lambda: all(one.state is PaneState.LIVE for one in feed.store.conditions()))


async def test_a_symbol_is_subscribed_to_and_its_history_loaded() -> None:
    manager = ScriptedManager()
    async with running(feed_of(manager)) as feed:
        feed.select("BTCUSDT")
        await watching(manager, feed)
        assert sorted(one.channel for one in manager.streams.open) == ["book", "candle", "price", "trade"]
        assert len(feed.store.candles) == history_fill.HISTORY_PAGE
        manager.fill(trade_count=7)
        assert feed.store.trades.total == 7
    assert manager.streams.open == []


async def test_a_venue_that_streams_no_candles_is_asked_for_them() -> None:
    manager = ScriptedManager()
    manager.streams.failures["candle"] = NotSupported("it streams no candles")
    feed = MarketFeed(
        lambda: manager.bundle("scripted", MarketType.SPOT), MarketType.SPOT, history_every=0.001
    )
    async with running(feed):
        feed.select("BTCUSDT")
        await watching(manager, feed)
        series, history = feed.store.candles, manager.connector.history[TimeFrame.M1]
        assert len(series) == history_fill.HISTORY_PAGE
        last = history[-1]
        history[-1] = replace(last, close=last.high, closed=True)
        history.append(replace(last, timestamp=last.timestamp + 60_000, closed=False))
        await until(lambda: list(series.candles)[-2:] == history[-2:])
        manager.connector.history_error = VenueUnavailable("down for a moment")
        await until(lambda: series.condition.state is PaneState.STALE)
        assert series.condition.cause == "down for a moment"
        manager.connector.history_error = None
        await until(lambda: series.condition.state is PaneState.LIVE)
        asked = len(manager.connector.asked)
        feed.select("ETHUSDT")
        await until(lambda: {one[0] for one in manager.connector.asked[asked:]} >= {"ETHUSDT"})
    assert not [task for task in asyncio.all_tasks() if task.get_name() == "history poll"]


async def test_a_venue_without_history_has_a_chart_from_now_on() -> None:
    manager = ScriptedManager()
    manager.connector.history_error = NotSupported("it has no history")
    async with running(feed_of(manager)) as feed:
        feed.select("BTCUSDT")
        await watching(manager, feed)
        (stream,) = manager.streams.of("candle")
        stream.handler(candles(1)[0])
        assert len(feed.store.candles) == 1
        feed.load_older()
        assert not feed.store.candles.loading_older


async def test_a_venue_without_any_candles_says_so() -> None:
    manager = ScriptedManager()
    manager.streams.failures["candle"] = NotSupported("it streams no candles")
    manager.connector.history_error = NotSupported("it has no history")
    async with running(feed_of(manager)) as feed:
        feed.select("BTCUSDT")
        await until(lambda: feed.store.candles.condition.state is PaneState.ERROR)
        assert feed.store.candles.condition.cause == "it has no history"
        await until(lambda: feed.store.book_condition.state is PaneState.LIVE)


async def test_a_switch_ends_what_was_before_and_nothing_old_reaches_the_new_store() -> None:
    manager = ScriptedManager()
    async with running(feed_of(manager)) as feed:
        feed.select("BTCUSDT")
        await watching(manager, feed)
        (before,) = manager.streams.of("trade")
        old = feed.store
        feed.select("ETHUSDT")
        before.handler(trades(1)[0])
        assert feed.store.trades.total == 0
        assert old.trades.total == 1
        await watching(manager, feed)
        assert len(manager.streams.ended) == 4
        assert {one.options.instruments[0].symbol for one in manager.streams.of("trade")} == {"ETHUSDT"}


async def test_a_timeframe_switch_touches_candles_alone() -> None:
    manager = ScriptedManager()
    async with running(feed_of(manager)) as feed:
        feed.select("BTCUSDT")
        await watching(manager, feed)
        feed.select_time_frame(TimeFrame.M5)
        feed.select_time_frame(TimeFrame.H1)
        await until(lambda: len(feed.store.candles) > 0)
        await watching(manager, feed)
        assert [one.options.interval for one in manager.streams.of("candle")] == [TimeFrame.H1]
        assert {one.channel for one in manager.streams.ended} == {"candle"}
        assert {one.interval for one in feed.store.candles.candles} == {"1h"}


async def test_older_history_is_loaded_on_demand() -> None:
    manager = ScriptedManager()
    async with running(feed_of(manager)) as feed:
        feed.select("BTCUSDT")
        await watching(manager, feed)
        oldest = feed.store.candles.oldest
        assert oldest is not None
        feed.load_older()
        feed.load_older()
        await until(lambda: not feed.store.candles.loading_older)
        assert len(feed.store.candles) == 900
        assert manager.connector.asked[-1] == ("BTCUSDT", TimeFrame.M1, oldest - 1)
        assert len(manager.connector.asked) == 2
        feed.load_older()
        await until(lambda: feed.store.candles.complete)


async def test_a_refusal_is_shown_and_retried_on_demand() -> None:
    manager = ScriptedManager()
    manager.streams.failures["trade"] = BadSymbol("no such symbol")
    async with running(feed_of(manager)) as feed:
        feed.select("BTCUSDT")
        condition = feed.store.trades.condition
        await until(lambda: condition.state is PaneState.ERROR)
        assert (condition.cause, condition.retry_at) == ("no such symbol", None)
        manager.streams.failures.clear()
        feed.retry()
        await watching(manager, feed)
        assert len(manager.streams.of("trade")) == 1


async def test_a_passing_fault_is_tried_again_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(market_feed, "FIRST_RETRY", 0.01)
    manager = ScriptedManager()
    manager.streams.failures["book"] = SubscriptionFailed("no acknowledgement in time")
    manager.connector.history_error = VenueUnavailable("503 maintenance")
    async with running(feed_of(manager)) as feed:
        feed.select("BTCUSDT")
        await until(lambda: feed.store.candles.condition.state is PaneState.ERROR)
        assert feed.store.candles.condition.cause == "503 maintenance"
        assert feed.store.candles.condition.retry_at is not None
        manager.streams.failures.clear()
        manager.connector.history_error = None
        await watching(manager, feed)
        assert len(manager.streams.of("candle")) == 1


async def test_a_connectors_own_bug_stays_in_its_pane() -> None:
    manager = ScriptedManager()
    manager.streams.failures["trade"] = KeyError("e")
    async with running(feed_of(manager)) as feed:
        feed.select("BTCUSDT")
        await until(lambda: feed.store.trades.condition.state is PaneState.ERROR)
        assert feed.store.trades.condition.cause.startswith("KeyError")
        await until(lambda: feed.store.book_condition.state is PaneState.LIVE)


async def test_a_call_without_an_answer_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(market_feed, "ANSWER_SECONDS", 0.01)
    manager = ScriptedManager()

    async def never(*_: object, **__: object) -> None:
        await asyncio.get_running_loop().create_future()

    monkeypatch.setattr(manager.connector, "get_candles", never)
    async with running(feed_of(manager)) as feed:
        feed.select("BTCUSDT")
        await until(lambda: feed.store.candles.condition.state is PaneState.ERROR)
        assert "no answer" in feed.store.candles.condition.cause


async def test_what_was_missed_is_loaded_after_a_reconnect() -> None:
    manager = ScriptedManager()
    async with running(feed_of(manager)) as feed:
        feed.select("BTCUSDT")
        await watching(manager, feed)
        asked = len(manager.connector.asked)
        manager.streams.status("connected")
        manager.streams.status("lost", "connection reset")
        assert feed.store.link.lost
        assert feed.store.link.cause == "connection reset"
        manager.streams.status("reconnecting", "connection reset", retry_in_ms=4_000)
        assert feed.store.link.retry_at is not None
        later = candles(903, end=candles(1)[0].timestamp + 3 * 60_000)
        manager.connector.history[TimeFrame.M1] = later
        manager.streams.status("connected")
        await until(lambda: len(feed.store.candles) == history_fill.HISTORY_PAGE + 3)
        assert len(manager.connector.asked) == asked + 1
        feed.poll()
        assert not feed.store.link.lost


async def test_twelve_hours_offline_are_filled_with_as_many_pages_as_it_takes() -> None:
    manager = ScriptedManager()
    async with running(feed_of(manager)) as feed:
        feed.select("BTCUSDT")
        await watching(manager, feed)
        asked = len(manager.connector.asked)
        manager.streams.status("lost", "connection reset")
        newest = offline(manager, 720)
        manager.streams.status("connected")
        await until(lambda: contiguous(feed, newest))
        assert len(feed.store.candles) == 500 + 720
        assert len(manager.connector.asked) == asked + 2
        await watching(manager, feed)


async def test_a_history_call_that_fails_is_asked_again_and_the_pane_is_not_called_live() -> None:
    manager = ScriptedManager()
    async with running(feed_of(manager)) as feed:
        feed.select("BTCUSDT")
        await watching(manager, feed)
        condition = feed.store.candles.condition
        manager.streams.status("lost", "connection reset")
        newest = offline(manager, 5)
        manager.connector.history_error = VenueUnavailable("503 maintenance")
        manager.streams.status("connected")
        assert condition.state is PaneState.INCOMPLETE
        await until(lambda: "503 maintenance; asked again in" in condition.cause)
        asked = len(manager.connector.asked)
        await until(lambda: len(manager.connector.asked) > asked + 2)
        assert condition.state is PaneState.INCOMPLETE
        manager.streams.push("candle", candles(1, end=newest)[0])
        await until(lambda: condition.cause.startswith("5 candles are missing: 503"))
        manager.connector.history_error = None
        await until(lambda: contiguous(feed, newest))
        await until(lambda: condition.state is PaneState.LIVE)


async def test_the_pause_that_a_venue_asks_for_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    manager = ScriptedManager()
    async with running(feed_of(manager)) as feed:
        feed.select("BTCUSDT")
        await watching(manager, feed)
        manager.connector.history_error = RateLimited("too many", retry_after=77.0)
        manager.streams.status("lost", "connection reset")
        asked = len(manager.connector.asked)
        manager.streams.status("connected")
        await until(lambda: "too many; asked again in 77 s" in feed.store.candles.condition.cause)
        assert len(manager.connector.asked) == asked + 1


async def test_a_stream_that_stalled_alone_is_refilled() -> None:
    manager = ScriptedManager()
    async with running(feed_of(manager)) as feed:
        feed.select("BTCUSDT")
        await watching(manager, feed)
        manager.streams.status("stale", "no data although the connection lives")
        newest = offline(manager, 7)
        manager.streams.status("live", "data flows again")
        await until(lambda: contiguous(feed, newest))
        await watching(manager, feed)


async def test_a_stall_that_nobody_noticed_is_refilled() -> None:
    manager = ScriptedManager()
    async with running(feed_of(manager)) as feed:
        feed.select("BTCUSDT")
        await watching(manager, feed)
        newest = offline(manager, 4)
        manager.streams.push("candle", manager.connector.history[TimeFrame.M1][-1])
        assert feed.store.candles.condition.state is PaneState.INCOMPLETE
        await until(lambda: contiguous(feed, newest))
        await watching(manager, feed)


async def test_history_that_has_not_the_last_figures_yet_is_asked_again() -> None:
    manager = ScriptedManager()
    async with running(feed_of(manager)) as feed:
        feed.select("BTCUSDT")
        await watching(manager, feed)
        newest = offline(manager, 4)
        history = manager.connector.history[TimeFrame.M1]
        last = history[-2]
        history[-2] = replace(last, volume=last.volume / 2, closed=False)
        manager.streams.push("candle", history[-1])
        condition = feed.store.candles.condition
        await until(lambda: "has not the last figures yet; asked again" in condition.cause)
        assert condition.state is PaneState.INCOMPLETE
        history[-2] = last
        await until(lambda: contiguous(feed, newest))
        await watching(manager, feed)
        assert feed.store.candles.candles[-2] == last


async def test_a_minute_without_trades_is_asked_for_once() -> None:
    manager = ScriptedManager()
    async with running(feed_of(manager)) as feed:
        feed.select("BTCUSDT")
        await watching(manager, feed)
        newest = offline(manager, 4)
        history = manager.connector.history[TimeFrame.M1]
        history[-5] = replace(history[-5], closed=True)
        del history[-4:-1]
        asked = len(manager.connector.asked)
        manager.streams.push("candle", history[-1])
        await watching(manager, feed)
        series = feed.store.candles
        assert series.newest_hole() is None
        assert series.answered(newest - MINUTE)
        after = len(manager.connector.asked)
        assert asked < after <= asked + 2
        manager.streams.push("candle", replace(history[-1], close=history[-1].high))
        manager.streams.status("gap", "the candle before was late")
        await until(lambda: len(manager.connector.asked) > after)
        await watching(manager, feed)
        assert len(manager.connector.asked) == after + 1


async def test_older_history_that_fails_is_asked_again_with_pauses() -> None:
    manager = ScriptedManager()
    async with running(feed_of(manager)) as feed:
        feed.select("BTCUSDT")
        await watching(manager, feed)
        series = feed.store.candles
        manager.connector.history_error = VenueUnavailable("503 maintenance")
        feed.load_older()
        await until(lambda: "503 maintenance" in series.older_trouble)
        assert series.loading_older, "nobody asks besides"
        manager.connector.history_error = None
        await until(lambda: len(series) == 900)
        assert (series.loading_older, series.older_trouble) == (False, "")


async def test_what_the_venue_refuses_for_good_is_said_and_asked_again_by_hand() -> None:
    manager = ScriptedManager()
    async with running(feed_of(manager)) as feed:
        feed.select("BTCUSDT")
        await watching(manager, feed)
        newest = offline(manager, 3)
        manager.connector.history_error = BadSymbol("no such symbol")
        manager.streams.push("candle", manager.connector.history[TimeFrame.M1][-1])
        condition = feed.store.candles.condition
        await until(lambda: condition.cause == "3 candles are missing: no such symbol")
        assert condition.state is PaneState.INCOMPLETE
        manager.connector.history_error = None
        feed.retry()
        await until(lambda: contiguous(feed, newest))


async def test_a_stall_is_told_and_withdrawn() -> None:
    manager = ScriptedManager()
    async with running(feed_of(manager)) as feed:
        feed.select("BTCUSDT")
        await watching(manager, feed)
        manager.streams.status("stale", "no data for 30 s\x1b[31m")
        assert feed.store.trades.condition.stale
        assert feed.store.trades.condition.cause == "no data for 30 s [31m"
        manager.streams.status("live")
        assert feed.store.trades.condition.state is PaneState.LIVE


async def test_what_does_not_exist_changes_nothing() -> None:
    manager = ScriptedManager()
    async with running(feed_of(manager)) as feed:
        store = feed.select("BTCUSDT")
        with pytest.raises(UnknownSymbol):
            feed.select("NOSUCH")
        assert feed.store is store
        manager.active = False
        with pytest.raises(NotActive):
            feed.select("ETHUSDT")
        feed.poll()
        assert feed.store.link.state == "INACTIVE"


def test_bitcoin_in_dollars_is_the_default() -> None:
    listed = {one: instrument(one) for one in ("AAVEUSDT", "BTCUSDT")}
    assert default_symbol(listed) == "BTCUSDT"
    assert default_symbol({"X": instrument("X", tradable=False), "Y": instrument("Y")}) == "Y"
    assert default_symbol({}) == ""


def test_the_worst_connection_speaks_for_all() -> None:
    good = ConnectionHealth("a", "CONNECTED", 1, 0.1, 20.0, 100, 1, 2, 0)
    bad = ConnectionHealth(
        "b", "RECONNECTING", 2, 9.0, None, 50, 3, 0, 1, last_error="refused\n", retry_at=10.0
    )
    good.subscriptions = [
        SubscriptionHealth("trade", "BTCUSDT", "ACTIVE", 0.5, 9),
        SubscriptionHealth("trade", "ETHUSDT", "ACTIVE", 0.1, 9),
    ]
    link = read_link([good, bad], "BTCUSDT", now=4.0)
    assert (link.state, link.cause, link.retry_at, link.lost) == ("RECONNECTING", "refused", 10.0, True)
    assert (link.messages, link.reconnects, link.dropped, link.latency_ms) == (150, 4, 3, 20.0)
    assert (link.data_age, link.byte_age) == (0.5, 0.1)
    assert read_link([], None, 0.0).state == "CONNECTING"
