from msgspec.structs import replace

from connectors.contracts import Candle, Price, TimeFrame
from tests.tui.market.scripted import START, candles, trades
from tui.candle_series import CandleSeries
from tui.market_store import MarketStore, TradeRing
from tui.pane_state import Condition, PaneState


def live(index: int, close: float = 1.0, interval: str = "1m") -> Candle:
    return Candle("BTCUSDT", interval, START + index * 60_000, 1.0, 2.0, 0.5, close, 1.0)


def test_trades_are_bounded_and_what_went_is_counted() -> None:
    ring = TradeRing(kept=10)
    made = trades(25)
    for one in made:
        ring.add(one)
    assert (len(ring), ring.total, ring.evicted) == (10, 25, 15)
    assert ring.newest(3) == made[:-4:-1]
    assert ring.newest(100, skip=8) == [made[16], made[15]]


def test_a_giant_trade_fades_from_the_scale() -> None:
    ring = TradeRing()
    first, *others = trades(2_000)
    ring.add(type(first)(first.symbol, 1.0, 1e6, START, "buy", "x"))
    for one in others:
        ring.add(one)
    assert ring.largest < 1_000


def closed(index: int, volume: float = 1.0) -> Candle:
    return replace(live(index), volume=volume, closed=True)


def test_a_live_candle_replaces_and_follows() -> None:
    series = CandleSeries(TimeFrame.M1)
    series.update(live(0, 1.0))
    series.update(live(0, 1.5))
    assert [one.close for one in series.candles] == [1.5]
    version = series.version
    series.update(closed(0))
    series.update(live(1))
    assert [one.closed for one in series.candles] == [True, False]
    assert series.version > version
    assert not series.torn


def test_history_joins_what_is_live_without_overwriting_it() -> None:
    series = CandleSeries(TimeFrame.M1)
    series.update(live(3, 9.0))
    assert series.merge([*(closed(index) for index in range(3)), live(3)]) == 3
    assert [one.timestamp for one in series.candles] == [START + index * 60_000 for index in range(4)]
    assert series.candles[-1].close == 9.0
    assert [one.closed for one in series.candles] == [True, True, True, False]


def test_history_of_before_the_minutes_edge_does_not_overwrite_the_last_figures() -> None:
    series = CandleSeries(TimeFrame.M1)
    series.update(closed(0, 42.0))
    series.update(live(1))
    for asked_before in (replace(live(0), volume=7.0), closed(0, 7.0), replace(live(0), volume=42.0)):
        series.merge([asked_before])
        assert series.candles[0] == closed(0, 42.0)


def test_unfinished_history_does_not_overwrite_newer_live_figures() -> None:
    series = CandleSeries(TimeFrame.M1)
    series.update(replace(live(0), volume=42.0))
    series.merge([replace(live(0), volume=7.0)])
    series.merge([closed(0, 7.0)])
    assert (series.candles[0].volume, series.candles[0].closed) == (42.0, False)


def test_history_repairs_a_candle_that_was_cut_off() -> None:
    series = CandleSeries(TimeFrame.M1)
    series.update(replace(live(0), volume=7.0))
    series.update(live(1))
    assert series.torn
    assert series.newest_hole() == (START, START + 60_000)
    series.merge([closed(0, 42.0), replace(live(1), volume=1.5)])
    assert [one.volume for one in series.candles] == [42.0, 1.5]
    assert series.newest_hole() is None


def test_the_venues_own_last_word_wins_whenever_it_comes() -> None:
    series = CandleSeries(TimeFrame.M1)
    series.merge([closed(0, 7.0)])
    series.update(live(1))
    late = replace(closed(0, 42.0), correction=True)
    series.update(late)
    series.update(replace(live(0), volume=8.0))
    assert series.candles[0] is late


def test_a_hole_is_there_until_the_venue_was_asked() -> None:
    series = CandleSeries(TimeFrame.M1)
    series.merge([closed(index) for index in (0, 1, 5, 6, 9)])
    at = [START + index * 60_000 for index in range(10)]
    assert series.missing() == 5
    assert series.newest_hole() == (at[7], at[9])
    series.merge([closed(8)], answers=(at[8], at[9]))
    assert series.newest_hole() == (at[7], at[8])
    series.merge([], answers=(at[7], at[8]))
    assert series.newest_hole() == (at[2], at[5])
    assert series.answered(at[7])
    assert not series.answered(at[3])
    series.merge([], answers=(0, at[5]))
    assert series.newest_hole() is None
    assert series.missing() == 0


def test_a_late_candle_finds_its_place() -> None:
    series = CandleSeries(TimeFrame.M1)
    for index in (0, 1, 3):
        series.update(live(index))
    shape = series.shape
    series.update(live(2))
    assert [series.index_at(START + index * 60_000) for index in range(4)] == [0, 1, 2, 3]
    assert len(series) == 4
    assert series.shape > shape


def test_a_page_with_nothing_new_ends_the_history() -> None:
    series = CandleSeries(TimeFrame.M1)
    page = candles(20)
    assert series.merge(page[10:]) == 10
    assert not series.complete
    assert series.merge(page[:10], older=True) == 10
    assert not series.complete
    assert series.merge([], older=True) == 0
    assert series.complete


def test_candles_are_bounded() -> None:
    series = CandleSeries(TimeFrame.M1, kept=50)
    for index in range(80):
        series.update(live(index))
    assert len(series) == 50
    assert series.oldest == START + 30 * 60_000


def test_candles_of_another_interval_are_refused() -> None:
    store = MarketStore()
    store.on_candle(live(0, interval="5m"))
    assert len(store.candles) == 0


def test_the_last_price_moves_with_trades_and_says_which_way() -> None:
    store = MarketStore()
    store.on_price(Price("BTCUSDT", 10.0, START))
    assert store.last == 10.0
    first, second = trades(2)
    store.on_trade(first)
    store.on_trade(second)
    assert store.last == second.price
    assert store.last_rising is (second.price > first.price)
    version = store.last_version
    store.on_price(Price("BTCUSDT", 99.0, START))
    assert (store.last, store.last_version) == (second.price, version)


def test_a_condition_counts_changes_only() -> None:
    condition = Condition()
    condition.set(PaneState.LIVE)
    condition.set(PaneState.LIVE)
    assert condition.version == 1
    condition.set(PaneState.STALE, "no data for 30 s")
    assert condition.version == 2
    assert condition.stale
