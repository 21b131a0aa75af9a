"""Pictures of the market screen, from a scripted market with a still clock. One picture a test."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from connectors.contracts import BookState, Price, TimeFrame
from connectors.contracts.errors import BadSymbol, VenueUnavailable
from tests.tui.market.pilots import Driver, prepare, until
from tests.tui.market.scripted import START, MarketApp, ScriptedManager, instrument, trades
from tui import history_fill
from tui.widgets.instrument_picker import InstrumentPicker

SnapCompare = Callable[..., bool]
Act = Callable[[Driver], Awaitable[None]]


def hook(act: Act | None = None, *, fill: bool = True) -> Callable[[Pilot[None]], Awaitable[None]]:
    async def run(pilot: Pilot[None]) -> None:
        driver = await prepare(pilot, fill=fill)
        if act is not None:
            await act(driver)
            await driver.frame()

    return run


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)], ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("theme", ["barfinex-dark", "barfinex-light"])
def test_market(snap_compare: SnapCompare, size: tuple[int, int], theme: str) -> None:
    app = MarketApp(ScriptedManager(), theme=theme)
    assert snap_compare(app, terminal_size=size, run_before=hook())


def test_market_without_colour(snap_compare: SnapCompare, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert snap_compare(MarketApp(ScriptedManager()), terminal_size=(120, 40), run_before=hook())


def test_market_in_the_terminals_colours(snap_compare: SnapCompare) -> None:
    app = MarketApp(ScriptedManager(), theme="ansi-dark")
    assert snap_compare(app, terminal_size=(120, 40), run_before=hook())


def test_market_on_the_live_venue(snap_compare: SnapCompare) -> None:
    app = MarketApp(ScriptedManager(environment="live"))
    assert snap_compare(app, terminal_size=(80, 24), run_before=hook())


def test_market_empty(snap_compare: SnapCompare) -> None:
    manager = ScriptedManager()
    manager.connector.history.clear()
    assert snap_compare(MarketApp(manager), terminal_size=(120, 40), run_before=hook(fill=False))


def test_market_loading(snap_compare: SnapCompare, monkeypatch: pytest.MonkeyPatch) -> None:
    async def never_answers(*_: Any, **__: Any) -> None:
        await asyncio.get_running_loop().create_future()

    app = MarketApp(ScriptedManager())
    monkeypatch.setattr(app.manager.streams, "_subscribe", never_answers)

    async def run(pilot: Pilot[None]) -> None:
        await prepare(pilot, fill=False, subscribed=False)

    assert snap_compare(app, terminal_size=(80, 24), run_before=run)


def test_market_with_errors(snap_compare: SnapCompare) -> None:
    manager = ScriptedManager()
    manager.connector.history_error = VenueUnavailable("503: [maintenance] until 04:00 UTC")
    manager.streams.failures["trade"] = BadSymbol("Invalid symbol")
    manager.streams.failures["book"] = BadSymbol("Invalid symbol")
    assert snap_compare(MarketApp(manager), terminal_size=(80, 24), run_before=hook(fill=False))


def test_market_stale(snap_compare: SnapCompare) -> None:
    async def act(driver: Driver) -> None:
        driver.manager.streams.status("stale", "no data for 30 s")
        driver.manager.book.set_state(BookState.RESYNCING)

    assert snap_compare(MarketApp(ScriptedManager()), terminal_size=(120, 40), run_before=hook(act))


def test_market_reconnecting(snap_compare: SnapCompare) -> None:
    async def act(driver: Driver) -> None:
        connection = driver.manager.streams.connection
        connection.state, connection.last_error = "RECONNECTING", "connection refused"
        connection.retry_at, connection.reconnects = driver.app.now + 7, 2

    assert snap_compare(MarketApp(ScriptedManager()), terminal_size=(80, 24), run_before=hook(act))


def test_market_held_grouped_and_pointed_at(snap_compare: SnapCompare) -> None:
    async def act(driver: Driver) -> None:
        for _ in range(6):
            driver.ladder.action_group(1)
        driver.ladder.action_scroll_rows(-3)
        for _ in range(4):
            driver.tape.action_choose(1)
        driver.manager.streams.push("trade", *trades(5, seed=9, base=driver.manager.last_close))
        driver.chart.action_zoom(1)
        for _ in range(5):
            driver.chart.action_cross(-1)

    assert snap_compare(MarketApp(ScriptedManager()), terminal_size=(120, 40), run_before=hook(act))


def test_market_one_pane(snap_compare: SnapCompare) -> None:
    async def act(driver: Driver) -> None:
        driver.screen.action_pane("ladder")
        await until(lambda: driver.ladder.has_focus)
        driver.screen.action_alone()

    assert snap_compare(MarketApp(ScriptedManager()), terminal_size=(80, 24), run_before=hook(act))


def test_instrument_picker(snap_compare: SnapCompare) -> None:
    symbols = ("BTCUSDT", "ETHUSDT", "WBTCUSDT", "BTCSTUSDT", "1000BTTCUSDT", "日本円USDT")
    manager = ScriptedManager(
        *(instrument(symbol) for symbol in symbols), instrument("BTTUSDT", status="HALT", tradable=False)
    )
    manager.connector.prices = {
        symbol: Price(symbol, 1_000.5 + place, START, open_24h=1_002.0)
        for place, symbol in enumerate(symbols)
    }

    async def act(driver: Driver) -> None:
        driver.screen.action_pick()
        await until(lambda: isinstance(driver.app.screen, InstrumentPicker))
        await driver.pilot.press("b", "t", "down")

    assert snap_compare(MarketApp(manager), terminal_size=(80, 24), run_before=hook(act))


def test_chart_with_what_is_missing(snap_compare: SnapCompare, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_fill, "SETTLE_SECONDS", 0.0)
    monkeypatch.setattr(history_fill, "FIRST_PAUSE", 30.0)

    async def act(driver: Driver) -> None:
        history = driver.manager.connector.history[TimeFrame.M1]
        driver.manager.connector.history_error = VenueUnavailable("503 maintenance")
        newest = replace(history[-1], timestamp=history[-1].timestamp + 5 * TimeFrame.M1.milliseconds)
        driver.manager.streams.push("candle", newest)
        condition = driver.screen.store.candles.condition
        await until(lambda: "503" in condition.cause)
        driver.chart.focus()
        await driver.pilot.press("plus")

    assert snap_compare(MarketApp(ScriptedManager()), terminal_size=(120, 40), run_before=hook(act))
