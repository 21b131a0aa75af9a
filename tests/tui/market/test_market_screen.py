import pytest
from textual.screen import Screen
from textual.widgets import Input

from connectors.contracts import BookState, Price, TimeFrame, Trade
from connectors.contracts.errors import BadSymbol
from tests.tui.market.pilots import driving, prepare, until
from tests.tui.market.scripted import (
    START,
    MarketApp,
    ScriptedManager,
    ScriptedStreams,
    candles,
    instrument,
    trades,
)
from tui.screens.help import HelpScreen
from tui.widgets.instrument_picker import InstrumentPicker


async def test_a_frame_shows_what_the_feed_brought_and_repaints_only_that() -> None:
    async with driving() as driver:
        before = list(driver.ladder.rows)
        driver.manager.book.apply([(driver.manager.book.view(1).bids[0][0], 9.0)], [])
        driver.manager.streams.push("book", driver.manager.book)
        assert list(driver.ladder.rows) == before
        await driver.frame()
        assert "9.00000" in driver.text(driver.ladder)
        tape = list(driver.tape.rows)
        await driver.frame()
        assert all(new is old for new, old in zip(driver.tape.rows, tape, strict=True))


async def test_the_ladders_headings_stand_over_their_columns_whatever_lies_deeper() -> None:
    async with driving() as driver:
        driver.manager.fill_book(base=99_992.0)
        await driver.frame()
        assert driver.manager.book.view(32).asks[-1][0] > 100_000
        heading, highest = driver.text(driver.ladder).splitlines()[1:3]
        assert highest.split()[1].startswith("99,99")
        assert heading.index("price") + len("price") == highest.index(" ", 2)


@pytest.mark.parametrize("size", [(80, 24), (100, 30), (120, 40), (170, 50), (200, 60)])
async def test_every_row_fills_its_pane_at_every_size(size: tuple[int, int]) -> None:
    async with driving(size=size) as driver:
        for pane in (driver.chart, driver.ladder, driver.tape):
            width, height = pane.size
            assert width > 20
            assert height > 5
            assert len(pane.rows) == height
            assert {sum(len(text) for text, _ in row) for row in pane.rows} == {width}


async def test_panes_are_reached_and_had_alone_by_key() -> None:
    async with driving(size=(80, 24)) as driver:
        await driver.pilot.press("2")
        await until(lambda: driver.ladder.has_focus)
        await driver.pilot.press("2")
        await driver.pilot.pause()
        assert driver.ladder.size.width == 80
        assert not driver.chart.display
        await driver.pilot.press("tab")
        await until(lambda: driver.tape.has_focus)
        assert (driver.tape.display, driver.ladder.display) == (True, False)
        await driver.pilot.press("1")
        await until(lambda: driver.chart.has_focus)
        await driver.pilot.press("escape")
        await driver.pilot.pause()
        assert driver.ladder.display
        assert driver.app.screen is driver.screen


async def test_the_picker_switches_the_symbol_in_place() -> None:
    manager = ScriptedManager()
    manager.connector.prices = {"ETHUSDT": Price("ETHUSDT", 3_000.0, START, open_24h=3_100.0)}
    async with driving(manager) as driver:
        await driver.pilot.press("s")
        await until(lambda: isinstance(driver.app.screen, InstrumentPicker))
        picker = driver.app.screen
        assert isinstance(picker, InstrumentPicker)
        await until(lambda: picker.query(Input) and picker.query_one(Input).has_focus)
        await driver.pilot.press("e", "t", "h")
        await until(lambda: len(picker.list.choices) == 1)
        shown = "".join(text for text, _ in picker.list.rows[0])
        assert shown.split() == ["▸", "ETHUSDT", "ETH/USDT", "3,000.00", "▼", "-3.23%"]
        await driver.pilot.press("enter")
        await until(lambda: driver.screen.store.instrument == instrument("ETHUSDT", "0.01", "0.0001"))
        await driver.frame()
        assert "ETHUSDT" in driver.text("title")
        assert "64," not in driver.text(driver.ladder) + driver.text(driver.tape) + driver.text("title")
        await driver.subscribed()


async def test_timeframes_change_by_key_and_by_click() -> None:
    async with driving() as driver:
        await driver.pilot.press("right_square_bracket")
        await until(lambda: driver.screen.store.candles.time_frame is TimeFrame.M5)
        await driver.subscribed()
        await driver.frame()
        header = driver.text(driver.chart).splitlines()[0]
        await driver.pilot.click("#chart", offset=(header.index(" 1h ") + 1, 0))
        await until(lambda: driver.screen.store.candles.time_frame is TimeFrame.H1)
        await until(lambda: len(driver.screen.store.candles) > 0)


async def test_the_ladder_groups_by_key_and_keeps_the_step_of_each_symbol() -> None:
    async with driving() as driver:
        driver.ladder.focus()
        await driver.pilot.press("plus", "plus", "plus")
        assert driver.ladder.step == 10
        assert "- 0.10 +" in driver.text(driver.ladder)
        driver.screen.feed.select("ETHUSDT")
        driver.ladder.show(driver.screen.store)
        assert driver.ladder.step == 1
        driver.screen.feed.select("BTCUSDT")
        driver.ladder.show(driver.screen.store)
        assert driver.ladder.step == 10
        await driver.pilot.press("minus")
        assert driver.ladder.step == 5


async def test_scrolling_the_ladder_holds_it_and_a_key_centres_it() -> None:
    async with driving() as driver:
        driver.ladder.focus()
        rows = driver.text(driver.ladder).splitlines()
        await driver.pilot.press("up", "up")
        assert not driver.ladder.locked
        held = driver.text(driver.ladder).splitlines()
        assert held[4].split()[1] == rows[2].split()[1]
        middle = held[2 + (driver.ladder.size.height - 2) // 2]
        driver.manager.fill_book(base=driver.manager.last_close - 0.4)
        await driver.frame()
        now = driver.text(driver.ladder).splitlines()[2 + (driver.ladder.size.height - 2) // 2]
        assert abs(float(now.split()[1].replace(",", "")) - float(middle.split()[1].replace(",", ""))) < 1
        await driver.pilot.press("c")
        assert driver.ladder.locked
        assert "mid" in driver.text(driver.ladder).splitlines()[2 + (driver.ladder.size.height - 2) // 2]


async def test_a_coarse_step_reads_deeper_into_the_book() -> None:
    async with driving(size=(200, 60)) as driver:
        driver.ladder.focus()
        await driver.pilot.press(*["plus"] * 6)
        assert driver.ladder.step == 100
        filled = [row for row in driver.text(driver.ladder).splitlines()[2:] if row.strip()]
        assert len(filled) == driver.ladder.size.height - 2


@pytest.mark.parametrize("state", [BookState.BUFFERING, BookState.RESYNCING, BookState.STALE])
async def test_a_book_that_is_not_synced_says_so(state: BookState) -> None:
    async with driving() as driver:
        assert "SYNCED ✓" in driver.text(driver.ladder)
        driver.manager.book.set_state(state)
        await driver.frame()
        assert state.value in driver.text(driver.ladder).splitlines()[0]
        assert "✓" not in driver.text(driver.ladder)
        assert driver.ladder.dimmed() or not driver.ladder.has_data()
        driver.manager.book.set_state(BookState.SYNCED)
        await driver.frame()
        assert not driver.ladder.dimmed()


async def test_no_price_of_the_tape_is_cut_where_the_newest_is_the_shortest() -> None:
    async with driving(fill=False) as driver:
        for number, price in enumerate((1_000.01, 999.99)):
            driver.manager.streams.push("trade", Trade("BTCUSDT", price, 1.0, START, "buy", str(number)))
            await driver.frame()
        newest, older = driver.text(driver.tape).splitlines()[2:4]
        assert "▲   999.99 " in newest
        assert "▲ 1,000.01 " in older


async def test_the_tape_is_held_and_counts_what_is_new() -> None:
    async with driving() as driver:
        driver.tape.focus()
        await driver.pilot.press("p")
        shown = driver.text(driver.tape).splitlines()[1:]
        driver.manager.streams.push("trade", *trades(7, seed=8))
        await driver.frame()
        assert driver.text(driver.tape).splitlines()[1:] == shown
        assert "↑ 7 new" in driver.text(driver.tape).splitlines()[0]
        await driver.pilot.press("p")
        assert driver.tape.new_count == 0
        assert driver.text(driver.tape).splitlines()[1:] != shown


async def test_scrolling_the_tape_breaks_the_tail_and_a_click_returns() -> None:
    async with driving() as driver:
        driver.tape.action_scroll_rows(3)
        driver.manager.streams.push("trade", *trades(2, seed=8))
        await driver.frame()
        header = driver.text(driver.tape).splitlines()[0]
        await driver.pilot.click("#tape", offset=(header.index("2 new"), 0))
        assert driver.tape.new_count == 0
        driver.tape.action_scroll_rows(2)
        driver.tape.action_scroll_rows(-3)
        assert "new" not in driver.text(driver.tape).splitlines()[0]


async def test_a_trade_is_chosen_and_copied() -> None:
    async with driving() as driver:
        driver.tape.focus()
        await driver.pilot.click("#tape", offset=(5, 4))
        await driver.pilot.press("down", "y")
        chosen = driver.manager.connector, driver.tape.chosen
        assert chosen[1] is not None
        assert driver.app.clipboard.split("\t")[1:3] == ["BTCUSDT", chosen[1].side]
        assert driver.app.toast_texts() == ["Trade copied to the clipboard."]
        await driver.pilot.press("escape")
        assert driver.tape.chosen is None
        assert driver.app.screen is driver.screen


async def test_the_crosshair_shows_its_candle_by_key_and_by_mouse() -> None:
    async with driving() as driver:
        driver.chart.focus()
        await driver.pilot.press("left", "left", "left")
        pointed = driver.screen.store.candles.candles[-3]
        assert f"O {pointed.open:,.2f}" in driver.text(driver.chart).splitlines()[1]
        await driver.pilot.press("escape")
        newest = driver.screen.store.candles.candles[-1]
        assert f"O {newest.open:,.2f}" in driver.text(driver.chart).splitlines()[1]
        plot_right = driver.chart.size.width - len("64,254.21") - 2
        await driver.pilot.hover("#chart", offset=(plot_right - 3, 10))
        pointed = driver.screen.store.candles.candles[-2]
        assert f"O {pointed.open:,.2f}" in driver.text(driver.chart).splitlines()[1]
        await driver.pilot.hover("#ladder", offset=(3, 3))
        assert f"O {newest.open:,.2f}" in driver.text(driver.chart).splitlines()[1]


async def test_history_is_loaded_at_the_left_edge_and_the_view_stays() -> None:
    async with driving(size=(200, 60)) as driver:
        driver.chart.focus()
        while not driver.screen.store.candles.loading_older and len(driver.screen.store.candles) == 500:
            await driver.pilot.press("pageup")
        await until(lambda: len(driver.screen.store.candles) == 900)
        await driver.frame()
        assert "history" in driver.text(driver.chart).splitlines()[0]
        shown = driver.text(driver.chart).splitlines()[-1]
        driver.manager.streams.push("candle", *candles(2, end=START + 60_000)[1:])
        await driver.frame()
        assert driver.text(driver.chart).splitlines()[-1] == shown
        await driver.pilot.press("end")
        assert "history" not in driver.text(driver.chart).splitlines()[0]


async def test_a_live_candle_moves() -> None:
    async with driving() as driver:
        last = driver.screen.store.candles.candles[-1]
        moved = type(last)(
            last.symbol, "1m", last.timestamp, last.open, last.high + 90, last.low, last.high + 90, 99.0
        )
        before = driver.text(driver.chart)
        driver.manager.streams.push("candle", moved)
        await driver.frame()
        assert driver.text(driver.chart) != before
        assert f"H {moved.high:,.2f}" in driver.text(driver.chart)


async def test_a_lost_connection_dims_the_panes_and_recovery_restores_them() -> None:
    async with driving() as driver:
        connection = driver.manager.streams.connection
        connection.state, connection.last_error, connection.retry_at = "RECONNECTING", "refused", 1_007.0
        await driver.frame()
        assert "RECONNECTING in 7s: refused" in driver.text("status")
        assert "reconnects" not in driver.text("title")
        for pane in (driver.chart, driver.ladder, driver.tape):
            assert pane.dimmed()
            assert "RECONNECTING: refused" in driver.text(pane)
        driver.app.now += 2
        await driver.frame()
        assert "RECONNECTING in 5s" in driver.text("status")
        connection.state, connection.retry_at, connection.reconnects = "CONNECTED", None, 1
        await driver.frame()
        assert "● CONNECTED" in driver.text("status")
        assert "reconnects 1" in driver.text("status")
        assert not any(pane.dimmed() for pane in (driver.chart, driver.ladder, driver.tape))


async def test_an_error_is_shown_as_text_and_retried_by_key() -> None:
    manager = ScriptedManager()
    manager.streams.failures["trade"] = BadSymbol("Invalid [bold]symbol[/] \x1b[31m")
    async with driving(manager, fill=False) as driver:
        assert "✗ Invalid [bold]symbol[/]" in driver.text(driver.tape)
        assert "\x1b" not in driver.text(driver.tape)
        manager.streams.failures.clear()
        await driver.pilot.press("r")
        await until(lambda: manager.streams.of("trade"))
        await driver.subscribed()
        await driver.frame()
        assert "no trades yet" in driver.text(driver.tape)


async def test_an_inactive_connector_is_no_crash_and_recovers() -> None:
    manager = ScriptedManager()
    manager.active = False
    async with driving(manager, fill=False) as driver:
        assert "not active" in driver.text(driver.chart)
        assert "INACTIVE" in driver.text("status")
        await driver.pilot.press("s")
        assert driver.app.screen is driver.screen
        manager.active = True
        await driver.pilot.press("r")
        await until(lambda: manager.streams.of("trade"))
        await driver.subscribed()
        manager.fill()
        await driver.frame()
        assert "SYNCED ✓" in driver.text(driver.ladder)


async def test_a_market_under_which_the_connector_was_activated_anew_is_subscribed_to_anew() -> None:
    manager = ScriptedManager()
    async with driving(manager) as driver:
        manager.active = False
        await driver.frame()
        assert "INACTIVE" in driver.text("status")
        manager.streams = ScriptedStreams()
        manager.active = True
        await driver.frame()
        await until(lambda: manager.streams.of("trade") and manager.streams.of("candle"))
        await driver.subscribed()
        manager.fill()
        await driver.frame()
        assert "SYNCED ✓" in driver.text(driver.ladder)
        assert "INACTIVE" not in driver.text("status")


@pytest.mark.parametrize("key", ["r", "p"])
async def test_a_market_never_shows_what_comes_from_another_environment(key: str) -> None:
    manager = ScriptedManager()
    async with driving(manager) as driver:
        manager.streams = ScriptedStreams()
        manager.environment = "live"
        await driver.pilot.press(key)
        await driver.frame()
        await driver.frame()
        assert not manager.streams.open
        assert driver.text("title").startswith(" LOCAL")
        assert "INACTIVE" in driver.text("status")
        assert "runs on live now" in driver.text(driver.chart)
        assert all(pane.dimmed() for pane in (driver.chart, driver.ladder, driver.tape))


async def test_leaving_the_screen_ends_every_subscription() -> None:
    async with driving() as driver:
        await driver.pilot.press("escape")
        await until(lambda: driver.app.screen is not driver.screen)
        await until(lambda: not driver.manager.streams.open)


async def test_frames_stop_while_another_screen_covers_this_one() -> None:
    app = MarketApp(ScriptedManager())
    async with app.run_test(size=(120, 40)) as pilot:
        await until(lambda: app.market.frames is not None)
        await app.push_screen(Screen())
        await until(lambda: app.market.frames is not None and not app.market.frames._active.is_set())
        await app.pop_screen()
        await until(lambda: app.screen is app.market)
        await until(lambda: app.market.frames is not None and app.market.frames._active.is_set())
        await prepare(pilot)


async def test_another_theme_repaints_in_its_colours() -> None:
    async with driving() as driver:
        before = driver.ladder.render_line(4)
        driver.app.theme = "barfinex-light"
        await driver.frame()
        after = driver.ladder.render_line(4)
        assert before.text == after.text
        assert [segment.style for segment in before] != [segment.style for segment in after]


async def test_the_panes_go_on_behind_a_dialog_and_say_how_things_stand() -> None:
    async with driving() as driver:
        screen = driver.screen
        for timer in (screen.frames, screen.polls):
            assert timer is not None
            timer.resume()
        await driver.pilot.press("s")
        await until(lambda: isinstance(driver.app.screen, InstrumentPicker))
        before, polled = driver.text(driver.tape), screen.store.health_version
        driver.manager.streams.push("trade", trades(1, base=66_000.0)[0])
        await until(lambda: driver.text(driver.tape) != before)
        await until(lambda: screen.store.health_version > polled)


async def test_a_covered_market_rests_and_is_right_at_once_when_it_is_seen_again() -> None:
    async with driving() as driver:
        screen, pilot = driver.screen, driver.pilot
        for timer in (screen.frames, screen.polls):
            assert timer is not None
            timer.resume()
        covering: Screen[None] = Screen()
        await driver.app.push_screen(covering)
        await pilot.pause()
        await driver.app.push_screen(HelpScreen(covering))
        await pilot.pause()
        before, polled = driver.text(driver.tape), screen.store.health_version
        driver.manager.streams.push("trade", trades(1, base=66_000.0)[0])
        screen._tick()
        screen._poll()
        assert driver.text(driver.tape) == before
        assert screen.store.health_version == polled
        await driver.app.pop_screen()
        await driver.app.pop_screen()
        await until(lambda: driver.text(driver.tape) != before)
        assert screen.store.health_version > polled


async def test_the_tape_names_its_key_only_where_the_key_does_something() -> None:
    async with driving() as driver:
        assert driver.chart.has_focus
        assert "p pauses" not in driver.text(driver.tape)
        driver.tape.focus()
        await until(lambda: "p pauses" in driver.text(driver.tape))
        await driver.pilot.press("p")
        await until(lambda: "PAUSED" in driver.text(driver.tape))
