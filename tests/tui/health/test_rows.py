"""What the health screen's rows say, without a screen."""

import logging

import pytest

from connectors.contracts import LagPercentiles, RequestBudget, StreamStatus
from tests.tui.health.scripted import Running, Source, budgets, connection, healthy, subscription
from tests.tui.market.scripted import START
from tui.health_model import ClockView, ConnectionView, HealthModel, HealthView, Rates, SubscriptionView
from tui.log_ring import LogLine
from tui.widgets.columns import Column, fitting, item_row, title_row
from tui.widgets.health_detail_rows import detail_rows
from tui.widgets.health_log import copied_line, log_row
from tui.widgets.health_rows import (
    budget_row,
    clock_row,
    connection_columns,
    health_title,
    lag_text,
    milliseconds,
    rate_text,
    subscription_columns,
)
from tui.widgets.rows import row_text, row_width, wrapped


def polled(source: Source, *times: float) -> HealthView:
    now = 0.0
    model = HealthModel(source, lambda: now)
    for now in times or (1_000.0,):  # noqa: B007 - read by the model's clock
        model.poll()
    return model.view


def connection_text(view: ConnectionView, width: int = 118, now: float = 1_000.0) -> str:
    return row_text(item_row(fitting(connection_columns(now), width), view, width))


# --- columns -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [20, 40, 60, 80, 100, 120, 200])
@pytest.mark.parametrize("selected", [False, True])
def test_every_row_is_exactly_as_wide_as_its_pane(width, selected):
    view = polled(healthy())
    for columns, items in (
        (connection_columns(0.0), view.connections),
        (subscription_columns(), view.subscriptions),
    ):
        shown = fitting(columns, width)
        assert row_width(title_row(shown, width)) == width
        for item in items:
            assert row_width(item_row(shown, item, width, selected=selected)) == width
    for budget in view.budgets:
        assert row_width(budget_row(budget, width, selected=selected)) == width
    assert row_width(health_title(view, width)) == width


def test_the_least_important_columns_go_first():
    columns = tuple(
        Column(name, 5, lambda _: ("", "text"), rank=rank)
        for name, rank in zip("abc", (0, 2, 1), strict=True)
    )
    assert [column.title for column in fitting(columns, 18)] == ["a", "b", "c"]
    assert [column.title for column in fitting(columns, 12)] == ["a", "c"]
    assert [column.title for column in fitting(columns, 3)] == ["a"]


def test_the_chosen_row_is_told_by_a_mark_too():
    columns = (Column("a", 3, lambda text: (text, "error")),)
    assert row_text(item_row(columns, "x", 5, selected=True)).startswith("▸")
    assert item_row(columns, "x", 5, selected=True)[1][1] == "error.row"


# --- connections -------------------------------------------------------------------------------------------------


def test_a_healthy_connection():
    [view, account] = polled(healthy()).connections
    text = connection_text(view)
    for part in ("binance-spot-1", "LOCAL", "● CONNECTED", "0.1s", "24", "11/38/92"):
        assert part in text
    assert "–" in connection_text(account)


def test_a_lost_connection_counts_down_and_says_why():
    lost = connection(state="RECONNECTING", retry_at=1_007.0, last_error="refused", reconnects=3, lag=None)
    [view] = polled(Source([Running(connections=[lost])])).connections
    assert "○ RECONNECTING in 7s" in connection_text(view)
    assert "in 0s" in connection_text(view, now=2_000.0)
    details = "\n".join(row_text(row) for row in detail_rows(view, 60, 1_000.0))
    assert "refused" in details
    assert "3 times" in details
    assert "unknown" in details


def test_an_instance_without_a_connection_is_shown_with_its_state():
    source = Source([Running(), Running("okx", status="ERROR", error="no answer")])
    idle, failed = polled(source).connections
    assert "binance:spot (no stream)" in connection_text(idle)
    assert "✗ ERROR" in connection_text(failed)
    assert "no answer" in "\n".join(row_text(row) for row in detail_rows(failed, 60, 0.0))


def test_a_connector_that_cannot_tell_its_health_harms_no_other():
    source = Source([Running("bad", fault=RuntimeError("boom")), *healthy().running])
    view = polled(source)
    assert (view.connections[0].state, view.connections[0].cause) == ("ERROR", "RuntimeError: boom")
    assert len(view.connections) == 3


def test_words_from_outside_are_cleaned():
    bad = [subscription("chan\x1bnel", "SYM\u202eBOL")]
    evil = connection(
        "name\x1b[31m\u202eevil", state="FAILED", last_error="a\x1b]0;b\x07c", subscriptions=bad
    )
    told = polled(Source([Running(connections=[evil])]))
    [view], [stream] = told.connections, told.subscriptions
    rows = [item_row(fitting(subscription_columns(), 100), stream, 100)]
    rows += [*detail_rows(view, 60, 0.0), *detail_rows(stream, 60, 0.0)]
    shown = connection_text(view) + "".join(row_text(row) for row in rows)
    assert not any(character in shown for character in "\x1b\x07\u202e")


def test_history_is_newest_first_with_time_and_reason():
    history = (
        StreamStatus("connected", "conn#1", START),
        StreamStatus("lost", "the venue closed it: 1001 (going away)", START + 61_000),
        StreamStatus("reconnecting", "refused", START + 62_000, retry_in_ms=1_500),
    )
    [view] = polled(Source([Running(connections=[connection(history=history)])])).connections
    rows = [row_text(row).strip() for row in detail_rows(view, 80, 0.0)]
    at = rows.index("What happened, UTC, newest first")
    assert rows[at + 1] == "00:01:02 reconnecting refused (in 1.5 s)"
    assert rows[at + 2] == "00:01:01 lost the venue closed it: 1001 (going away)"
    assert rows[at + 3] == "00:00:00 connected conn#1"


# --- subscriptions -----------------------------------------------------------------------------------------------


def subscription_text(width: int = 100, **changes: object) -> str:
    view = SubscriptionView("binance:spot", "c", True, subscription("btcusdt@depth@100ms", **changes), 9.6)
    return row_text(item_row(fitting(subscription_columns(), width), view, width))


def test_a_stale_subscription():
    text = subscription_text(state="STALE", data_age=31.0, book_state="STALE", gaps=2, resyncs=1, dropped=7)
    for part in ("✗ STALE", "31s", "2", "1", "7", "9.6"):
        assert part in text


def test_a_subscription_that_never_heard_a_thing():
    text = subscription_text(state="PENDING", data_age=None, lag_ms=None)
    assert "○ PENDING" in text
    assert text.count("–") == 2


def test_details_of_a_subscription():
    history = (StreamStatus("gap", "an update is missing after 5: the next is 9", START, channel="x"),)
    health = subscription("btcusdt@depth@100ms", book_state="RESYNCING", gaps=1, history=history)
    rows = detail_rows(SubscriptionView("binance:spot", "binance-spot-1", True, health, 10.0), 50, 0.0)
    text = " ".join(" ".join(row_text(row).split()) for row in rows)
    for part in ("binance-spot-1", "○ RESYNCING", "12 ms", "gap an update is missing after 5: the next is 9"):
        assert part in text


# --- budgets and clocks ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("used", "tone"), [(10, "success.bar"), (4_600, "warning.bar"), (5_900, "error.bar")]
)
def test_a_budgets_bar_warns_before_it_is_used_up(used, tone):
    budget = budgets(used).budgets[0]
    row = budget_row(budget, 100)
    assert f"{used:,}/6,000 in 1 min" in row_text(row)
    assert tone in {style for _, style in row}


@pytest.mark.parametrize(("banned", "word"), [(False, "BLOCKED 12s"), (True, "BANNED 12s")])
def test_a_budget_that_is_held_back_says_so(banned, word):
    client = budgets(blocked_for=12.0, banned=banned)
    assert word in row_text(budget_row(client.budgets[0], 100))
    view = polled(Source([Running(connections=[connection()], client=client)]))
    assert "requests held back 12s" in row_text(health_title(view, 120))
    rows = "".join(row_text(row) for row in detail_rows(client.budgets[0], 60, 0.0))
    assert ("shut this address out" in rows) is banned


def test_a_scope_shared_by_two_instances_is_shown_once():
    source = Source([Running(client=budgets()), Running("other", client=budgets())])
    assert len(polled(source).budgets) == 2


def test_a_budget_without_a_limit_has_no_figures():
    assert "0/0" not in row_text(
        budget_row(RequestBudget("host", "requests", 0, 0, 0.0, blocked_for=3.0), 60)
    )


@pytest.mark.parametrize(
    ("skew", "words", "style"),
    [
        (14.0, "14 ms behind", "text"),
        (-2_500.0, "2,500 ms ahead of", "warning"),
        (None, "not measured", "text"),
    ],
)
def test_a_clock(skew, words, style):
    row = clock_row(ClockView("binance:spot", skew), 80)
    assert words in row_text(row)
    assert row[2][1] == style


# --- title -------------------------------------------------------------------------------------------------------


def test_the_title_says_all_well_only_where_it_is():
    assert "● all well" in row_text(health_title(polled(healthy()), 120))
    assert "all well" not in row_text(health_title(HealthView(), 120))
    troubled = connection(
        state="RECONNECTING",
        subscriptions=[
            subscription("a", state="STALE"),
            subscription("b", state="FAILED"),
        ],
    )
    other = connection("two", subscriptions=[subscription("c", book_state="RESYNCING")])
    text = row_text(health_title(polled(Source([Running(connections=[troubled, other])])), 160))
    for part in ("1 connection reconnecting", "1 channel failed", "1 channel stale", "1 book not synced"):
        assert part in text
    assert "all well" not in text


# --- rates and figures -------------------------------------------------------------------------------------------


def test_rates_are_taken_over_a_few_polls_and_begin_anew_with_the_counter():
    rates = Rates()
    assert rates.rate("a", 0.0, 100) is None
    assert rates.rate("a", 1.0, 110) == 10.0
    assert rates.rate("a", 3.0, 110) == pytest.approx(10 / 3)
    assert rates.rate("a", 4.0, 5) is None
    rates.keep(())
    assert rates.rate("a", 5.0, 6) is None


def test_a_burst_leaves_the_rate_after_a_few_polls():
    rates = Rates()
    for second, count in enumerate([0, 1_000, *[1_000] * 6]):
        last = rates.rate("a", float(second), count)
    assert last == 0.0


@pytest.mark.parametrize(
    ("value", "text"), [(None, "–"), (0.42, "0.4"), (24.4, "24"), (1_234.0, "1234"), (65_000.0, "65s")]
)
def test_milliseconds(value, text):
    assert milliseconds(value) == text


@pytest.mark.parametrize(
    ("rate", "text"), [(None, "–"), (0.5, "0.5"), (99.6, "100"), (1_234.0, "1,234"), (23_456.0, "23.46k")]
)
def test_rate(rate, text):
    assert rate_text(rate) == text


def test_lag():
    assert lag_text(LagPercentiles(1.26, 40.4, 12_000.0, 3)) == "0/0/12 s"
    assert lag_text(LagPercentiles(1.26, 40.4, 220.0, 3)) == "1.3/40/220 ms"
    assert lag_text(LagPercentiles(12_000.0, 32_000.0, 22_000.0, 3)) == "12/32/22 s"
    assert lag_text(None) == "–"


def test_wrapping_gives_the_first_line_its_own_room():
    assert wrapped("one two three four", 7, 13) == ["one two", "three four"]
    assert wrapped("", 5) == [""]
    assert wrapped("abcdefgh", 5) == ["abcd…"]


# --- log ---------------------------------------------------------------------------------------------------------


def test_a_log_row():
    line = LogLine(
        1, START + 1_234, logging.ERROR, "connectors.streaming.faults", "handler failed", "Traceback\nboom"
    )
    assert row_text(log_row(line, 100)).rstrip() == " 00:00:01.234 ERROR faults handler failed …"
    assert row_width(log_row(line, 30)) == 30
    assert (
        copied_line(line) == "00:00:01.234 ERROR connectors.streaming.faults handler failed\nTraceback\nboom"
    )
    details = [row_text(row).strip() for row in detail_rows(line, 60, 0.0)]
    assert details[-2:] == ["Traceback", "boom"]
