from connectors.contracts import Candle, Price, TimeFrame
from tests.tui.market.scripted import START, candles, trades
from tui.market_store import CandleSeries, Condition, MarketStore, PaneState, TradeRing


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


def test_a_live_candle_replaces_follows_and_closes_its_predecessor() -> None:
    series = CandleSeries(TimeFrame.M1)
    series.update(live(0, 1.0))
    series.update(live(0, 1.5))
    assert [one.close for one in series.candles] == [1.5]
    version = series.version
    series.update(live(1))
    assert [one.closed for one in series.candles] == [True, False]
    assert series.version > version


def test_history_joins_what_is_live_without_overwriting_it() -> None:
    series = CandleSeries(TimeFrame.M1)
    series.update(live(3, 9.0))
    assert series.merge([live(index) for index in range(4)]) == 3
    assert [one.timestamp for one in series.candles] == [START + index * 60_000 for index in range(4)]
    assert series.candles[-1].close == 9.0
    assert [one.closed for one in series.candles] == [True, True, True, False]


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
