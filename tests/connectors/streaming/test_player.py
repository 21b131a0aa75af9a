"""The player: wherever it is sent, the stage holds exactly what had happened by then."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.model import MarketType
from connectors.contracts import (
    BookState,
    CandleOptions,
    OrderBookOptions,
    PriceOptions,
    StreamOptions,
    StreamStatus,
    TimeFrame,
    Trade,
    TradeOptions,
)
from connectors.contracts.errors import NotSupported, UnknownSymbol, UnsupportedTimeFrame
from connectors.runtime.replay_bundle import replay_bundle
from connectors.streaming.feeds import Listener
from connectors.streaming.outline import Outline, outline_of
from connectors.streaming.player import SPEEDS, Player
from connectors.streaming.recording import RecordedEvent
from connectors.streaming.replay_stage import ReplayStage
from connectors.venues.binance.replay import BinanceReplay
from tests.connectors.streaming.played import Script, as_event
from tests.connectors.streaming.scripted import until

SPOT = MarketType.SPOT
SECOND = 1_000_000_000
BOOK, TRADES = "btcusdt@depth@100ms", "btcusdt@trade"


def a_market() -> list[RecordedEvent]:
    """Events a second apart: a book, trades, candles, a lost connection and a new one."""
    script = Script().open("1").ask("1", BOOK, TRADES, "btcusdt@kline_1m").snapshot(0)
    for number in range(1, 21):
        script.diff("1", number, number).trade("1", number)
        kline = {"t": number // 5 * 60_000, "T": number // 5 * 60_000 + 59_999, "s": "BTCUSDT", "i": "1m"}
        prices = {
            "o": "1",
            "c": "1",
            "h": "1",
            "l": "1",
            "v": str(number),
            "n": 1,
            "q": "1",
            "V": "1",
            "Q": "1",
        }
        data = {"e": "kline", "E": number, "s": "BTCUSDT", "k": {**kline, **prices, "x": False}}
        script.frame("1", "btcusdt@kline_1m", data)
    script.close("1", "gone").open("2").ask("2", BOOK, TRADES).snapshot(30)
    for number in range(31, 36):
        script.diff("2", number, number).trade("2", number)
    return [as_event(event) for event in script.events]


EVENTS = a_market()
START, END = EVENTS[0].ts_ns, EVENTS[-1].ts_ns


def made(stage: ReplayStage, events: list[RecordedEvent] = EVENTS, **options: Any) -> Player:
    return Player(
        events,
        lambda: BinanceReplay(SPOT),
        stage,
        start_ns=events[0].ts_ns,
        end_ns=events[-1].ts_ns,
        **options,
    )


@asynccontextmanager
async def running(player: Player) -> AsyncIterator[Player]:
    async with asyncio.TaskGroup() as group:
        task = group.create_task(player.run())
        yield player
        task.cancel()


def shown(stage: ReplayStage) -> Any:
    books = {
        symbol: (book.state, book.view().sequence, book.view(1_000).bids)
        for symbol, book in stage.last_books.items()
    }
    trades = {symbol: list(kept) for symbol, kept in stage.last_trades.items()}
    candles = {key: dict(kept) for key, kept in stage.last_candles.items()}
    return books, trades, candles, dict(stage.last_prices), stage.lost


async def played_to(target: int) -> Any:
    stage = ReplayStage()
    player = made(stage, [event for event in EVENTS if event.ts_ns <= target])
    player.set_speed(0)
    player.play()
    async with running(player):
        await until(lambda: player.ended and not player.playing)
    return shown(stage)


async def test_played_to_its_end_it_shows_the_end() -> None:
    stage = ReplayStage()
    player = made(stage)
    heard: list[Trade] = []
    stage.trades.join(["BTCUSDT"], Listener(heard.append, None))
    player.set_speed(0)
    player.play()
    async with running(player):
        await until(lambda: player.ended and not player.playing)
        assert player.position_ns == END
        assert [int(trade.trade_id) for trade in heard] == [*range(1, 21), *range(31, 36)]
        assert stage.last_books["BTCUSDT"].state is BookState.SYNCED
        player.play()
        await until(lambda: len(heard) == 50)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(START - SECOND, END + SECOND), min_size=1, max_size=4))
def test_a_seek_shows_exactly_what_had_happened(targets: list[int]) -> None:
    async def main() -> None:
        stage = ReplayStage()
        jumps: list[int] = []
        player = made(stage)
        player.on_jump = lambda: jumps.append(player.position_ns)
        async with running(player):
            for number, target in enumerate(targets, start=1):
                player.seek(target)
                await until(lambda: len(jumps) == number)  # noqa: B023 - awaited at once
                reached = min(max(target, START), END)
                assert player.position_ns == reached
                assert not player.playing
                assert shown(stage) == await played_to(reached)

    asyncio.run(main())


async def test_nobody_hears_what_is_passed_on_the_way() -> None:
    stage = ReplayStage()
    heard: list[Trade] = []
    stage.trades.join(["BTCUSDT"], Listener(heard.append, None))
    player = made(stage)
    arrived = asyncio.Event()
    player.on_jump = arrived.set
    async with running(player):
        player.seek(END)
        await arrived.wait()
        assert heard == []
        assert len(stage.last_trades["BTCUSDT"]) == 25


async def test_a_step_is_one_event_that_shows_and_pauses() -> None:
    stage = ReplayStage()
    player = made(stage)
    async with running(player):
        player.play()
        player.step()
        await until(lambda: stage.changes == 1)
        for count in range(2, 12):
            player.step()
            await until(lambda: stage.changes == count)  # noqa: B023 - awaited at once
        assert not player.playing


async def test_time_runs_at_the_speed_and_stands_while_paused() -> None:
    now = [0.0]
    stage = ReplayStage()
    player = made(stage, clock=lambda: now[0])
    async with running(player):
        player.set_speed(2.0)
        player.play()
        await until(lambda: player.replay.now_ns == START)
        now[0] += 0.4
        assert player.position_ns == START + int(0.8 * SECOND)
        player.set_speed(4.0)
        assert player.position_ns == START + int(0.8 * SECOND)
        player.pause()
        now[0] += 100.0
        assert player.position_ns == START + int(0.8 * SECOND)
        player.play()
        await until(lambda: player.replay.now_ns >= START)
        now[0] += 0.02
        assert player.position_ns <= START + SECOND


async def test_real_seconds_pass_between_the_events() -> None:
    stage = ReplayStage()
    player = made(stage, EVENTS[:5])
    loop = asyncio.get_running_loop()
    async with running(player):
        before = loop.time()
        player.set_speed(16.0)
        player.play()
        await until(lambda: player.ended)
        assert 0.24 <= loop.time() - before < 5


def test_the_speeds_go_from_a_quarter_to_as_fast_as_can_be() -> None:
    player = made(ReplayStage())
    player.faster(-20)
    assert player.speed == SPEEDS[0] == 0.25
    player.faster(3)
    assert player.speed == 2.0
    player.faster(20)
    assert player.speed == 0.0


async def test_a_damaged_recording_plays_up_to_the_damage_and_says_why() -> None:
    bad = RecordedEvent(END + 1, "recv", conn="2", data="?", b64=True)
    player = made(ReplayStage(), [*EVENTS, bad])
    async with running(player):
        player.set_speed(0)
        player.play()
        await until(lambda: player.failure)
        assert "base64" in (player.failure or "")


# --- the bundle -------------------------------------------------------------------------------------------------------


def outlined(events: list[RecordedEvent] = EVENTS) -> Outline:
    return outline_of(events, BinanceReplay(SPOT))


def test_the_outline_tells_what_there_is() -> None:
    outline = outlined()
    assert (outline.start_ns, outline.end_ns, outline.events) == (START, END, len(EVENTS))
    assert (outline.symbols, outline.intervals, outline.instruments) == (("BTCUSDT",), ("1m",), {})


async def test_a_spectator_begins_with_what_is_on_the_stage_and_hears_the_rest() -> None:
    stage = ReplayStage()
    player = made(stage)
    bundle = replay_bundle(player, stage, outlined(), SPOT)
    instruments = [bundle.client.instrument("btc/usdt")]
    arrived = asyncio.Event()
    player.on_jump = arrived.set
    trades: list[Trade] = []
    statuses: dict[str, list[str]] = {"trades": [], "book": []}

    def into(name: str) -> Callable[[StreamStatus], None]:
        return lambda status: statuses[name].append(status.kind)

    async with running(player):
        player.seek(START + 30 * SECOND)
        await arrived.wait()
        options = TradeOptions(market_type=SPOT, instruments=instruments, on_status=into("trades"))
        end = await bundle.ws.subscribe_to_trade(options, trades.append)
        books: list[Any] = []
        await bundle.ws.subscribe_to_order_book(
            OrderBookOptions(market_type=SPOT, instruments=instruments, on_status=into("book")), books.append
        )
        candles: list[Any] = []
        minute = CandleOptions(market_type=SPOT, instruments=instruments, interval=TimeFrame.M1)
        await bundle.ws.subscribe_to_candles(minute, candles.append)
        before = len(trades)
        assert before == len(stage.last_trades["BTCUSDT"]) > 5
        assert len(books) == 1
        assert len(candles) == len(await bundle.market_api.get_candles(instruments[0], TimeFrame.M1)) > 1
        player.set_speed(0)
        player.play()
        await until(lambda: player.ended)
        assert len(trades) == 25
        assert statuses["trades"] == ["lost", "connected", "gap"]
        assert statuses["book"] == ["lost", "connected", "resynced"]
        await end()
        await end()
        player.play()
        await until(lambda: player.replay.now_ns == END and player.ended)
        assert len(trades) == 25


async def test_the_connection_is_shown_lost_where_it_was() -> None:
    stage = ReplayStage()
    player = made(stage)
    bundle = replay_bundle(player, stage, outlined(), SPOT)
    close = next(event.ts_ns for event in EVENTS if event.kind == "close")
    arrived = asyncio.Event()
    player.on_jump = arrived.set
    async with running(player):
        for target, state in ((close - 1, "CONNECTED"), (close, "RECONNECTING"), (END, "CONNECTED")):
            arrived.clear()
            player.seek(target)
            await arrived.wait()
            assert [one.state for one in bundle.ws.health()] == [state]


async def test_what_a_recording_cannot_do_is_refused() -> None:
    stage = ReplayStage()
    bundle = replay_bundle(made(stage), stage, outlined(), SPOT)
    with pytest.raises(UnknownSymbol):
        bundle.client.instrument("ETHUSDT")
    with pytest.raises(UnsupportedTimeFrame, match="1m"):
        bundle.adapters.convert_time_frame(TimeFrame.H1)
    for call in (
        bundle.account_api.get_account_info(),
        bundle.ws.subscribe_to_account(StreamOptions(market_type=SPOT), lambda _: None),
        bundle.order_api.get_open_orders(),
    ):
        with pytest.raises(NotSupported):
            await call
    assert await bundle.market_api.get_prices() == {}
    end = await bundle.ws.subscribe_to_instrument_prices(PriceOptions(market_type=SPOT), lambda _: None)
    await end()


@pytest.mark.parametrize("start_in_it", [False, True])
async def test_a_hole_is_passed_over_and_told(start_in_it: bool) -> None:
    hours = 2 * 3600 * SECOND
    times = [START, START + SECOND // 50, START + hours, START + hours + SECOND // 50]
    events = [RecordedEvent(at, "open", str(at), "wss://v") for at in times]
    stage = ReplayStage()
    holes: list[int] = []
    player = made(stage, events, max_idle=0.1)
    player.on_hole = holes.append
    async with running(player):
        if start_in_it:
            player.seek(START + hours // 2)
            await until(lambda: not player.seeking)
        player.play()
        await until(lambda: player.ended and not player.playing)
    assert player.position_ns == times[-1]
    assert holes == [times[2] - times[1]]
