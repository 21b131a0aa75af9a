"""The health screen by its keys, over scripted connectors."""

import logging

import pytest
from textual.screen import Screen
from textual.widgets import Input

from tests.tui.health.pilots import driving
from tests.tui.health.scripted import Running, Source, budgets, connection, logged, subscription
from tests.tui.market.pilots import until
from tui.widgets.health_log import LogPane


async def test_everything_active_is_shown():
    async with driving() as driver:
        assert "1 instance · 2 connections · 5 subscriptions" in driver.text("health-title")
        assert "binance-spot-account-1" in driver.text("connections")
        assert "btcusdt@depth@100ms" in driver.text("subscriptions")
        assert "431/6,000" in driver.text("budgets")
        assert "14 ms behind" in driver.text("budgets")
        assert "for 12m" not in driver.text("connections")
        assert "for 12m" in driver.text("details")


async def test_rates_come_from_the_difference():
    async with driving() as driver:
        driver.source.running[0].connections[0].messages += 2_500
        await driver.poll(seconds=4)
        assert "500" in driver.text("connections")


async def test_a_fault_is_seen_and_its_end():
    async with driving() as driver:
        stream = driver.source.running[0].connections[0]
        stream.state, stream.last_error, stream.retry_at = "RECONNECTING", "refused", driver.app.now + 9
        stream.subscriptions[0].state = "PENDING"
        await driver.poll()
        assert "○ RECONNECTING in 8s" in driver.text("connections")
        assert "refused" in driver.text("details")
        assert "1 connection reconnecting" in driver.text("health-title")
        stream.state, stream.retry_at, stream.reconnects = "CONNECTED", None, 1
        await driver.poll()
        assert "● all well" in driver.text("health-title")


async def test_details_follow_the_choice_and_the_pane():
    async with driving() as driver:
        await driver.press("down")
        assert driver.text("details").splitlines()[1].strip() == "binance-spot-account-1"
        await driver.go_to("subscriptions")
        await driver.press("down")
        assert driver.text("details").splitlines()[1].strip() == "btcusdt@depth@100ms"
        await driver.go_to("budgets")
        assert "request weight" in driver.text("details")
        await driver.press("end")
        assert "skew" in driver.text("details")
        await driver.go_to("log")
        await driver.press("up")
        assert "connectors.streaming.faults" in driver.text("details")


async def test_the_choice_stays_on_its_item_whatever_comes_before_it():
    async with driving() as driver:
        await driver.press("down")
        driver.source.running.insert(0, Running("okx", connections=[connection("okx-spot-1")]))
        await driver.poll()
        assert driver.text("details").splitlines()[1].strip() == "binance-spot-account-1"
        del driver.source.running[1]
        await driver.poll()
        assert driver.text("details").splitlines()[1].strip() == "okx-spot-1"


async def test_a_long_list_scrolls_with_the_choice():
    many = [subscription(f"c{number:04}") for number in range(1_000)]
    async with driving(Source([Running(connections=[connection(subscriptions=many)])])) as driver:
        await driver.go_to("subscriptions")
        assert "c0000" in driver.text("subscriptions")
        await driver.press("end")
        assert "c0999" in driver.text("subscriptions")
        assert "c0000" not in driver.text("subscriptions")
        await driver.press("pageup", "pageup", "home")
        assert "c0000" in driver.text("subscriptions")


async def test_a_connection_is_replaced_on_request():
    async with driving() as driver:
        await driver.press("r")
        assert driver.source.running[0].rotated == ["binance-spot-1"]
        assert "no event is lost" in driver.app.toast_texts()[-1]


@pytest.mark.parametrize(
    ("running", "words"),
    [
        (Running(connections=[connection(state="RECONNECTING")]), "only a live connection"),
        (Running(connections=[connection()], rotates=False), "cannot replace"),
        (Running(), "Choose a connection"),
    ],
)
async def test_a_connection_that_cannot_be_replaced_says_why(running, words):
    async with driving(Source([running])) as driver:
        await driver.press("r")
        assert words in driver.app.toast_texts()[-1]


# --- panes -------------------------------------------------------------------------------------------------------


async def test_a_pane_alone_and_back():
    async with driving() as driver:
        await driver.press("2")
        await until(lambda: driver.screen.query_one("#subscriptions").has_focus)
        await driver.press("2")
        assert driver.shown("subscriptions")
        assert not driver.shown("connections")
        assert driver.screen.query_one("#subscriptions").size.height == 38
        await driver.press("escape")
        assert driver.shown("connections")
        assert driver.screen.query_one("#connections").size.height == 4


async def test_details_take_the_screen_where_it_is_narrow():
    async with driving(size=(80, 24)) as driver:
        assert not driver.shown("details")
        await driver.press("enter")
        await until(lambda: driver.screen.query_one("#details").has_focus)
        await driver.frame()
        assert driver.shown("details")
        assert not driver.shown("connections")
        assert "binance-spot-1" in driver.text("details")
        await driver.press("escape")
        await until(lambda: driver.screen.query_one("#connections").has_focus)
        assert not driver.shown("details")


async def test_tab_goes_through_the_panes_that_are_seen():
    async with driving(size=(80, 24)) as driver:
        seen = []
        for _ in range(4):
            await driver.press("tab")
            await driver.frame()
            assert driver.screen.focused is not None
            seen.append(driver.screen.focused.id)
        assert seen == ["subscriptions", "budgets", "log", "connections"]


async def test_nothing_active():
    async with driving(Source(), log=False) as driver:
        assert "nothing is active" in driver.text("connections")
        assert "no request limit is known" in driver.text("budgets")
        assert "nothing was logged yet" in driver.text("log")
        assert "nothing is chosen" in driver.text("details")
        await driver.press("down", "enter", "c", "r")


async def test_the_screen_rests_under_another():
    async with driving() as driver:
        assert driver.screen.polls is not None
        driver.screen.polls.resume()
        driver.app.push_screen(Screen())
        await until(lambda: driver.app.screen is not driver.screen)
        await until(lambda: driver.screen.polls is not None and not driver.screen.polls._active.is_set())
        await driver.app.pop_screen()
        await until(lambda: driver.screen.polls is not None and driver.screen.polls._active.is_set())


# --- log ---------------------------------------------------------------------------------------------------------


async def test_the_log_follows_until_it_is_held():
    async with driving() as driver:
        await driver.go_to("log")
        assert "handler failed" in driver.text("log")
        await driver.press("up")
        logged(driver.app.ring, *((logging.INFO, "x", f"news {number}") for number in range(30)))
        await driver.frame()
        assert "news" not in driver.text("log")
        await driver.press("down")
        assert "HELD 30 new" in driver.text("log")
        await driver.press("escape")
        assert "news 29" in driver.text("log")
        assert "HELD" not in driver.text("log")


async def test_the_log_pauses():
    async with driving() as driver:
        await driver.go_to("log")
        await driver.press("p")
        logged(driver.app.ring, (logging.ERROR, "x", "while paused"))
        await driver.frame()
        assert "while paused" not in driver.text("log")
        await driver.press("p")
        assert "while paused" in driver.text("log")


async def test_the_log_by_level():
    async with driving() as driver:
        await driver.go_to("log")
        assert "book synced" not in driver.text("log")
        await driver.press("l")
        assert "warning and above" in driver.text("log")
        assert "instruments loaded" not in driver.text("log")
        await driver.press("l")
        assert "bad frame" not in driver.text("log")
        await driver.press("l")
        assert "debug and above" in driver.text("log")
        assert "book synced" in driver.text("log")
        assert driver.app.ring.recorded == logging.DEBUG
        await driver.press("l")
        assert driver.app.ring.recorded == logging.INFO


async def test_the_log_by_text():
    async with driving() as driver:
        await driver.press("slash", *"BAD")
        assert "bad frame" in driver.text("log")
        assert "instruments loaded" not in driver.text("log")
        await driver.press("enter")
        assert isinstance(driver.screen.focused, LogPane)
        logged(driver.app.ring, (logging.INFO, "x", "not this"), (logging.INFO, "x", "a bad one"))
        await driver.frame()
        assert "a bad one" in driver.text("log")
        assert "not this" not in driver.text("log")
        await driver.press("slash", "escape")
        assert "instruments loaded" in driver.text("log")
        assert driver.screen.query_one("#log-filter", Input).value == ""


async def test_rows_are_copied_as_text():
    async with driving() as driver:
        await driver.press("c")
        assert "binance-spot-1" in driver.app.clipboard
        await driver.go_to("log")
        await driver.press("up", "c")
        assert driver.app.clipboard.endswith("handler failed channel=btcusdt@depth@100ms")
        await driver.go_to("details")
        await driver.press("c")
        assert "handler failed" in driver.app.clipboard


async def test_markup_in_names_and_records_is_plain_text():
    evil = "[bold]x[/] [/ [@click=app.quit]y"
    source = Source([Running(connections=[connection(evil[:38])], client=budgets())])
    async with driving(source) as driver:
        logged(driver.app.ring, (logging.INFO, "[b]", evil))
        await driver.frame()
        assert evil in driver.text("log")
        assert "[bold]x[/]" in driver.text("connections")
        await driver.press("r")
        assert driver.app.toast_texts()[-1].startswith("[bold]x[/]")


async def test_a_click_chooses():
    async with driving() as driver:
        await driver.pilot.click("#connections", offset=(5, 3))
        await driver.frame()
        assert driver.text("details").splitlines()[1].strip() == "binance-spot-account-1"
        await driver.pilot.click("#subscriptions", offset=(5, 4))
        await driver.frame()
        assert driver.text("details").splitlines()[1].strip() == "btcusdt@kline_1m"
