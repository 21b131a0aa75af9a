"""Connections, subscriptions, request budgets and the title of the health screen, as rows. Pure."""

from catalog.text import clean
from connectors.contracts import LagPercentiles, RequestBudget
from tui.formatting import UNKNOWN, age, compact
from tui.health_model import ClockView, ConnectionView, HealthView, SubscriptionView
from tui.widgets.columns import Column, on_cursor
from tui.widgets.rows import Row, Run, bar, crop, fit

_GOOD = frozenset({"CONNECTED", "ACTIVE", "SYNCED"})
_BAD = frozenset({"FAILED", "ERROR", "CLOSED", "STALE"})
_WAITING = frozenset({"IDLE", "INACTIVE"})


def state_run(state: str) -> Run:
    """A state with its mark and colour: `●` well, `✗` failed, `○` on its way."""
    if state in _GOOD:
        return f"● {state}", "success"
    if state in _BAD:
        return f"✗ {state}", "error"
    return f"○ {state}", "muted" if state in _WAITING else "warning"


def milliseconds(value: float | None) -> str:
    """In at most six cells: `0.4`, `24`, `1.2s`."""
    if value is None:
        return UNKNOWN
    if value >= 10_000:
        return age(value / 1000)
    return f"{value:.1f}" if value < 10 else f"{value:.0f}"


def rate_text(rate: float | None) -> str:
    if rate is None:
        return UNKNOWN
    return f"{rate:.1f}" if rate < 10 else compact(rate, 6) if rate >= 10_000 else f"{rate:,.0f}"


def lag_text(lag: LagPercentiles | None) -> str:
    """`12/32/220 ms`, or `0.01/0.03/22 s` where milliseconds have no room: one unit for all three."""
    if lag is None:
        return UNKNOWN
    three = (lag.p50, lag.p95, lag.p99)
    if max(three) < 10_000:
        return "/".join(milliseconds(one) for one in three) + " ms"
    return "/".join(_seconds(one / 1000) for one in three) + " s"


def _seconds(value: float) -> str:
    return (
        "0"
        if value < 0.05
        else f"{value:.1f}"
        if value < 10
        else compact(value, 5)
        if value >= 10_000
        else f"{value:.0f}"
    )


def _count(value: int | None) -> Run:
    if value is None:
        return UNKNOWN, "faint"
    return (compact(value, 6) if value >= 100_000 else f"{value}"), "warning" if value else "muted"


# --- connections -------------------------------------------------------------------------------------------------


def connection_state(view: ConnectionView, now: float) -> Run:
    text, style = state_run(view.state)
    health = view.health
    if health is not None and view.lost and health.retry_at is not None:
        text += f" in {max(0, round(health.retry_at - now))}s"
    return text, style


def connection_columns(now: float) -> tuple[Column[ConnectionView], ...]:
    """`now`, in monotonic seconds, is for the countdown."""
    return (
        Column("connection", 15, _connection_name, left=True, stretch=True),
        Column("where", 7, _environment, rank=2, left=True),
        Column("state", 21, lambda one: connection_state(one, now), left=True),
        Column(
            "gen", 3, lambda one: (f"{one.health.generation}" if one.health else UNKNOWN, "muted"), rank=7
        ),
        Column("byte", 5, lambda one: (age(one.health.byte_age if one.health else None), "text"), rank=3),
        Column(
            "ms", 5, lambda one: (milliseconds(one.health.latency_ms if one.health else None), "text"), rank=4
        ),
        Column("msg/s", 6, lambda one: (rate_text(one.rate), "text")),
        Column(
            "lag p50/95/99",
            17,
            lambda one: (lag_text(one.health.lag if one.health else None), "text"),
            rank=5,
        ),
        Column("lost", 4, lambda one: _count(one.health.reconnects if one.health else None), rank=1),
        Column(
            "turned", 6, lambda one: (f"{one.health.rotations}" if one.health else UNKNOWN, "muted"), rank=9
        ),
        Column("bad", 4, lambda one: _count(one.health.quarantined if one.health else None), rank=8),
        Column("drop", 4, lambda one: _count(one.health.dropped if one.health else None), rank=6),
    )


def _connection_name(one: ConnectionView) -> Run:
    return (one.name, "bold") if one.health is not None else (f"{one.place} (no stream)", "muted")


def _environment(one: ConnectionView) -> Run:
    style = {"live": "error.bold", "local": "success"}.get(one.environment, "accent")
    return one.environment.upper(), style


# --- subscriptions -----------------------------------------------------------------------------------------------


def subscription_columns() -> tuple[Column[SubscriptionView], ...]:
    return (
        Column("channel", 18, lambda one: (clean(one.health.channel), "text"), left=True, stretch=True),
        Column("symbol", 9, lambda one: (clean(one.health.symbol or "all"), "muted"), rank=7, left=True),
        Column("state", 9, lambda one: state_run(one.health.state), left=True),
        Column("data", 5, _data_age),
        Column("msg/s", 6, lambda one: (rate_text(one.rate), "text")),
        Column("lag", 5, lambda one: (milliseconds(one.health.lag_ms), "text"), rank=6),
        Column("book", 11, _book, rank=3, left=True),
        Column("gaps", 4, lambda one: _count(one.health.gaps), rank=2),
        Column("resync", 6, lambda one: _count(one.health.resyncs), rank=4),
        Column("drop", 4, lambda one: _count(one.health.dropped), rank=5),
    )


def _data_age(one: SubscriptionView) -> Run:
    return age(
        one.health.data_age
    ), "error" if one.health.state == "STALE" else "text" if one.connected else "muted"


def _book(one: SubscriptionView) -> Run:
    return ("", "muted") if one.health.book_state is None else state_run(one.health.book_state)


# --- request budgets and clocks ----------------------------------------------------------------------------------

BUSY = 0.75
"""The share of a limit from which on a bar warns."""


def budget_row(budget: RequestBudget, width: int, *, selected: bool = False) -> Row:
    base = "cursor" if selected else "text"
    share = budget.used / budget.limit if budget.limit else 0.0
    blocked = budget.blocked_for > 0
    tone = "error" if blocked or share >= 0.95 else "warning" if share >= BUSY else "success"
    figures = f" {budget.used:,}/{budget.limit:,} in {window_text(budget.window)}" if budget.limit else ""
    note = f" {'BANNED' if budget.banned else 'BLOCKED'} {budget.blocked_for:.0f}s" if blocked else ""
    name = clean(f"{budget.scope} {budget.meter.replace('_', ' ').lower()}")
    room = max(0, width - 2 - len(figures) - len(note))
    name_width = min(len(name), max(12, room * 2 // 3))
    bar_width = max(0, min(30, room - name_width - 1))
    runs: list[Run] = [
        ("▸ " if selected else "  ", base),
        (fit(name, name_width), base),
        (" ", base),
        (bar(share, 1.0, bar_width), on_cursor(tone) if selected else f"{tone}.bar"),
        (figures, base if selected else "muted"),
        (note, on_cursor("error") if selected else "error.bold"),
    ]
    return crop(runs, width, base)


def window_text(seconds: float) -> str:
    return f"{seconds / 60:g} min" if seconds >= 60 else f"{seconds:g} s"


def clock_row(clock: ClockView, width: int, *, selected: bool = False) -> Row:
    base = "cursor" if selected else "text"
    skew = clock.skew_ms
    value = (
        "not measured"
        if skew is None
        else f"{abs(skew):,.0f} ms {'behind' if skew >= 0 else 'ahead of'} the venue"
    )
    tone = base if skew is None or abs(skew) < 1_000 else "warning"
    mark = "▸ " if selected else "  "
    return crop([(mark, base), (f"{clock.place} this machine's clock ", base), (value, tone)], width, base)


# --- title -------------------------------------------------------------------------------------------------------


def health_title(view: HealthView, width: int) -> Row:
    """How much there is, and what of it is not well."""
    streams = sum(one.health is not None for one in view.connections)
    runs: list[Run] = [
        (" HEALTH ", "header.focus"),
        (f" {_plural(view.instances, 'instance')} · {_plural(streams, 'connection')} · ", "header"),
        (f"{_plural(len(view.subscriptions), 'subscription')}  ", "header"),
    ]
    troubles = _troubles(view)
    if troubles:
        for text, style in troubles:
            runs += [(" ", "header"), (text, style), (" ", "header")]
    elif view.instances:
        runs.append(("● all well", "header.success"))
    return crop(runs, width, "header")


def _troubles(view: HealthView) -> list[Run]:
    states = [one.state for one in view.connections]
    channels = [one.health.state for one in view.subscriptions]
    books = [one.health.book_state for one in view.subscriptions if one.connected]
    found: list[Run] = []
    for count, what, trouble, style in (
        (sum(state in ("FAILED", "ERROR") for state in states), "connection", "✗ {} failed", "header.error"),
        (states.count("RECONNECTING"), "connection", "○ {} reconnecting", "header.error"),
        (channels.count("FAILED"), "channel", "✗ {} failed", "header.error"),
        (channels.count("STALE"), "channel", "✗ {} stale", "header.error"),
        (sum(book not in (None, "SYNCED") for book in books), "book", "○ {} not synced", "header.warning"),
    ):
        if count:
            found.append((trouble.format(_plural(count, what)), style))
    if view.blocked_for > 0:
        found.append((f"requests held back {view.blocked_for:.0f}s", "header.error"))
    return found


def _plural(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
