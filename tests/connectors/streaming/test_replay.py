"""Replay: recordings give what the live stream gave, and never a wrong book as a right one."""

import functools
import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.model import MarketType
from connectors.contracts import BookState
from connectors.streaming.recording import RecordingError
from tests.connectors.streaming.played import Script, Sides, captured, play, reconstruct

SPOT, FUTURES = "binance-spot-2021", "binance-futures-2021"
MARKETS = {SPOT: MarketType.SPOT, FUTURES: MarketType.FUTURES}
BOOK = "btcusdt@depth@100ms"


@functools.cache
def true_books(name: str) -> dict[str, dict[int, Sides]]:
    return reconstruct(captured(name))


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        (SPOT, {"depth@100ms": 177, "bookTicker": 84, "aggTrade": 2, "kline_1m": 2}),
        (FUTURES, {"depth@100ms": 764, "bookTicker": 613, "aggTrade": 91, "kline_1m": 67}),
    ],
)
@pytest.mark.parametrize("host", [None, "sister.example.org:8443/gateway"])
def test_a_capture_replays_whole(name: str, kinds: dict[str, int], host: str | None) -> None:
    events = captured(name)
    for event in events:
        if host is not None and event["kind"] == "http":
            event["url"] = "http://" + host + "/" + event["url"].split("/", 3)[3]
    replay, got = play(events, MARKETS[name])
    frames = [json.loads(event["data"]) for event in events if event["kind"] == "recv"]
    assert Counter(frame["stream"].partition("@")[2] for frame in frames) == kinds
    assert (replay.frames, replay.unrouted, replay.bad) == (len(frames), 0, 0)
    assert got.kinds == ["connected"]
    assert len(got.trades) == kinds["aggTrade"]
    assert len(got.prices) == kinds["bookTicker"]
    assert len(got.candles) >= kinds["kline_1m"]
    assert all(price.timestamp > 1_600_000_000_000 for price in got.prices)
    truth = true_books(name)
    assert len(truth) == 4
    final: dict[str, Any] = {}
    for symbol, state, sequence, sides in got.books:
        if state is BookState.SYNCED:
            assert truth[symbol][sequence] == sides
            final[symbol] = (sequence, sides)
    assert final == {symbol: (max(books), books[max(books)]) for symbol, books in truth.items()}
    assert all(book.state is BookState.SYNCED for book in replay.books.values())


@pytest.mark.parametrize("name", [SPOT, FUTURES])
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_recording_never_shows_a_wrong_book_as_synced(name: str, data: st.DataObject) -> None:
    events = [event for event in captured(name) if "exchangeInfo" not in event.get("url", "")][:500]
    truth = true_books(name)
    depths = [
        index
        for index, event in enumerate(events)
        if event["kind"] == "recv" and "@depth" in event["data"][:60]
    ]
    hurt = sorted(data.draw(st.sets(st.sampled_from(depths), min_size=1, max_size=6)), reverse=True)
    for index in hurt:
        match data.draw(st.sampled_from(["drop", "repeat", "swap", "garble"])):
            case "drop":
                del events[index]
            case "repeat":
                events.insert(index, events[index])
            case "swap" if index + 1 < len(events):
                events[index], events[index + 1] = events[index + 1], events[index]
            case _:
                events[index] = {**events[index], "data": events[index]["data"][:-9]}
    replay, got = play(events, MARKETS[name])
    assert replay.unrouted == 0
    for symbol, state, sequence, sides in got.books:
        if state is BookState.SYNCED:
            assert truth[symbol][sequence] == sides


def test_a_gap_is_told_and_lasts_until_the_next_snapshot() -> None:
    script = Script().open("1").ask("1", BOOK).diff("1", 9, 10).snapshot(9).diff("1", 11, 12)
    script.diff("1", 14, 15).diff("1", 16, 17).snapshot(17).diff("1", 18, 18)
    _, got = play(script.events)
    assert got.states("BTCUSDT") == ["BUFFERING", "SYNCED", "RESYNCING", "SYNCED"]
    assert got.kinds == ["connected", "gap", "resynced"]
    gap = got.statuses[1]
    assert (gap.symbol, gap.channel, gap.timestamp) == ("BTCUSDT", BOOK, 7_000)
    assert [sequence for _, state, sequence, _ in got.books if state == "SYNCED"] == [10, 12, 17, 18]


def test_a_snapshot_that_is_too_old_is_not_taken() -> None:
    script = Script().open("1").ask("1", BOOK).diff("1", 9, 10).snapshot(5)
    replay, got = play(script.events)
    assert got.states("BTCUSDT") == ["BUFFERING"]
    assert replay.books["BTCUSDT"].view().bids == []
    _, got = play(script.snapshot(10).events)
    assert got.states("BTCUSDT") == ["BUFFERING", "SYNCED"]


def test_neither_a_probe_nor_an_error_nor_what_comes_while_synced_is_taken_for_a_snapshot() -> None:
    script = Script().open("1").ask("1", BOOK).diff("1", 9, 10).snapshot(10, limit=5)
    script.snapshot(10, status=429).add("http", url="https://venue/api/v3/depth?symbol=BTCUSDT", data="oh")
    replay, got = play(script.events)
    assert got.states("BTCUSDT") == ["BUFFERING"]
    assert replay.bad == 1
    replay, got = play(script.snapshot(10).diff("1", 11, 11).snapshot(3).events)
    assert replay.books["BTCUSDT"].view().sequence == 11
    assert got.states("BTCUSDT") == ["BUFFERING", "SYNCED"]


def test_a_book_that_never_changes_is_right_all_the_same() -> None:
    _, got = play(Script().open("1").ask("1", BOOK).snapshot(10).events)
    assert got.states("BTCUSDT") == ["BUFFERING", "SYNCED"]


def test_a_lost_connection_ends_the_sync_until_the_next_one_has_a_snapshot() -> None:
    script = Script().open("1").ask("1", BOOK, "btcusdt@trade").snapshot(10).trade("1", 5).close("1", "gone")
    script.snapshot(10).open("2").ask("2", BOOK, "btcusdt@trade").diff("2", 15, 16).trade("2", 9).snapshot(15)
    _, got = play(script.events)
    assert got.states("BTCUSDT") == ["BUFFERING", "SYNCED", "STALE", "RESYNCING", "SYNCED"]
    assert got.kinds == ["connected", "lost", "connected", "gap", "resynced"]
    assert got.statuses[1].reason == "gone"
    assert got.statuses[3].count == 3
    assert got.books[-1][2] == 16


def test_a_channel_that_was_left_is_no_longer_right_and_comes_back_when_asked_for() -> None:
    script = Script().open("1").ask("1", BOOK).snapshot(10).ask("1", BOOK, method="UNSUBSCRIBE")
    _, got = play(script.events)
    assert got.states("BTCUSDT")[-1] == "STALE"
    _, got = play(script.ask("1", BOOK).snapshot(20).events)
    assert got.states("BTCUSDT")[-2:] == ["RESYNCING", "SYNCED"]


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 12), st.integers(0, 12), st.randoms(use_true_random=False))
def test_a_rotation_loses_and_repeats_nothing(before: int, both: int, rng: Any) -> None:
    """The new connection has the same events from some point on; each comes at its own pace."""
    streams = (BOOK, "btcusdt@trade", "btcusdt@kline_1m")
    script = Script().open("1").ask("1", *streams).snapshot(0)

    def all_of(conn: str, number: int) -> None:
        script.diff(conn, number, number).trade(conn, number)
        candle = {"t": 0, "T": 59_999, "s": "BTCUSDT", "i": "1m", "o": "1", "c": "1", "h": "1", "l": "1"}
        kline = {**candle, "v": str(number), "n": 1, "x": False, "q": "1", "V": "1", "Q": "1"}
        script.frame(conn, streams[2], {"e": "kline", "E": number, "s": "BTCUSDT", "k": kline})

    for number in range(1, before + 1):
        all_of("1", number)
    script.open("2").ask("2", *streams)
    # What both carry, interleaved in any way that keeps each in order; the old one may go first or last.
    old, new = (
        list(range(before + 1, before + both + 1)),
        list(range(before + rng.randint(0, 1), before + both + 1)),
    )
    while old or new:
        conn, queue = ("1", old) if old and (not new or rng.random() < 0.5) else ("2", new)
        all_of(conn, queue.pop(0))
    script.close("1", "closed by us")
    last = before + both + 3
    for number in range(before + both + 1, last + 1):
        all_of("2", number)
    _, got = play(script.events)
    assert [int(trade.trade_id) for trade in got.trades] == list(range(1, last + 1))
    assert [candle.volume for candle in got.candles] == list(range(1, last + 1))
    assert [sequence for _, state, sequence, _ in got.books if state == "SYNCED"] == list(range(last + 1))
    assert "gap" not in got.kinds


def test_frames_say_by_themselves_which_channel_they_are_of() -> None:
    script = Script().diff("1", 9, 10).snapshot(10).diff("1", 11, 11).trade("1", 1)
    _, got = play(script.events)
    assert got.states("BTCUSDT") == ["BUFFERING", "SYNCED"]
    assert len(got.trades) == 1


def test_what_is_unknown_or_broken_is_counted_and_harms_nothing() -> None:
    script = Script().open("1").ask("1", BOOK).snapshot(10)
    script.frame("1", "btcusdt@nonsense", {"e": "nonsense"}).frame("1", "btcusdt@nonsense", {})
    script.add("recv", conn="1", data='{"stream":"btcusdt@trade","data":{"e":"trade"}}')
    script.add("recv", conn="1", data="\x00").diff("1", 11, 11)
    script.add("sent", conn="1", data="[" * 100_000).add("recv", conn="1", data="[" * 100_000)
    replay, got = play(script.events)
    assert (replay.frames, replay.unrouted, replay.bad) == (7, 2, 3)
    assert got.books[-1][2] == 11


def test_an_address_that_is_none_is_counted_and_harms_nothing() -> None:
    script = Script().open("1").ask("1", BOOK).snapshot(10)
    script.add("open", conn="2", url="wss://[::1/stream?streams=a").add("http", url="https://[::1", data="{}")
    replay, got = play(script.diff("1", 11, 11).events)
    assert replay.bad == 2
    assert got.books[-1][2] == 11


def test_damaged_base64_is_an_error() -> None:
    with pytest.raises(RecordingError, match="base64"):
        play(Script().add("recv", conn="1", data="?", b64=True).events)


def test_a_candle_cut_off_in_a_recording_is_told_as_a_gap_and_not_as_closed() -> None:
    script = Script().open("c1").ask("c1", "btcusdt@kline_1m").candle("c1", 0, 10.0).close("c1")
    script.open("c2").ask("c2", "btcusdt@kline_1m").candle("c2", 3, 1.0)
    _, collected = play(script.events)
    assert [(one.timestamp, one.closed) for one in collected.candles] == [(0, False), (180_000, False)]
    gaps = [one for one in collected.statuses if one.kind == "gap"]
    assert [(one.channel, one.symbol, one.count) for one in gaps] == [("btcusdt@kline_1m", "BTCUSDT", 3)]


def test_the_last_figures_of_a_candle_win_when_they_come_late_in_a_recording() -> None:
    script = Script().open("c1").ask("c1", "btcusdt@kline_1m").candle("c1", 0, 1.0)
    script.candle("c1", 1, 1.0).candle("c1", 0, 9.0, closed=True)
    _, collected = play(script.events)
    told = [(one.timestamp, one.volume, one.closed, one.correction) for one in collected.candles]
    assert told == [(0, 1.0, False, False), (60_000, 1.0, False, False), (0, 9.0, True, True)]
