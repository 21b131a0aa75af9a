"""What is known of one connection, subscription, budget or log record, as lines for the detail pane. Pure."""

from collections import Counter
from collections.abc import Iterable

from catalog.text import MESSAGE_LIMIT, clean
from connectors.contracts import RequestBudget, StreamStatus
from tui.formatting import UNKNOWN, age, clock_text
from tui.health_model import ClockView, ConnectionView, SubscriptionView
from tui.log_ring import LogLine
from tui.widgets.health_rows import (
    connection_state,
    lag_text,
    milliseconds,
    rate_text,
    state_run,
    window_text,
)
from tui.widgets.rows import Row, Run, crop, fit, wrapped

Subject = ConnectionView | SubscriptionView | RequestBudget | ClockView | LogLine

_LABEL = 13
_EVENT_TONES = {
    "lost": "error",
    "failed": "error",
    "stale": "error",
    "gap": "warning",
    "dropped": "warning",
    "reconnecting": "warning",
    "connected": "success",
    "live": "success",
    "resynced": "success",
    "rotated": "primary",
}


def detail_rows(subject: Subject | None, width: int, now: float) -> list[Row]:
    match subject:
        case ConnectionView():
            return _connection(subject, width, now)
        case SubscriptionView():
            return _subscription(subject, width)
        case RequestBudget():
            return _budget(subject, width)
        case ClockView():
            return _clock(subject, width)
        case LogLine():
            return _log_line(subject, width)
        case None:
            return []


def _connection(view: ConnectionView, width: int, now: float) -> list[Row]:
    health = view.health
    rows = [_head(view.name or view.place, width)]
    rows += _fields(
        width,
        ("instance", f"{view.place}, {view.environment}", "text"),
        ("state", *connection_state(view, now)),
    )
    if view.cause and view.state != "CONNECTED":
        rows += _fields(width, ("reason", view.cause, "warning"))
    if health is None:
        return rows
    states = Counter(one.state for one in health.subscriptions)
    lag = health.lag
    latency = UNKNOWN if health.latency_ms is None else f"{milliseconds(health.latency_ms)} ms, ping to pong"
    lag_words = "unknown: no frame with a time" if lag is None else f"{lag_text(lag)}, p50/p95/p99"
    rows += _fields(
        width,
        (
            "connected",
            UNKNOWN if health.connected_for is None else f"for {age(health.connected_for)}",
            "text",
        ),
        ("generation", f"{health.generation}", "text"),
        ("last byte", f"{age(health.byte_age)} ago" if health.byte_age is not None else UNKNOWN, "text"),
        ("latency", latency, "text"),
        ("messages", f"{health.messages:,}, {rate_text(view.rate)} a second", "text"),
        ("lag", lag_words, "text"),
    )
    if lag is not None:
        rows += _fields(width, ("", f"of {lag.samples} frames in the last minute", "muted"))
    rows += _fields(
        width,
        ("lost", f"{health.reconnects} times", "warning" if health.reconnects else "text"),
        ("replaced", f"{health.rotations} times as planned", "text"),
        ("bad frames", f"{health.quarantined} put aside", "warning" if health.quarantined else "text"),
        ("dropped", f"{health.dropped} by failing consumers", "warning" if health.dropped else "text"),
        ("channels", ", ".join(f"{count} {state}" for state, count in states.items()) or "none", "text"),
    )
    return rows + _history(health.history, width)


def _subscription(view: SubscriptionView, width: int) -> list[Row]:
    health = view.health
    rows = [_head(health.channel, width)]
    rows += _fields(
        width,
        ("symbol", clean(health.symbol or "all"), "text"),
        ("on", f"{view.connection}, {view.place}", "text"),
        ("state", *state_run(health.state)),
        ("last data", "none yet" if health.data_age is None else f"{age(health.data_age)} ago", "text"),
        ("messages", f"{health.messages:,}, {rate_text(view.rate)} a second", "text"),
        (
            "lag",
            "unknown" if health.lag_ms is None else f"{milliseconds(health.lag_ms)} ms, last sample",
            "text",
        ),
    )
    if health.book_state is not None:
        rows += _fields(width, ("book", *state_run(health.book_state)))
    rows += _fields(
        width,
        ("gaps", f"{health.gaps}", "warning" if health.gaps else "text"),
        ("resyncs", f"{health.resyncs}", "text"),
        ("dropped", f"{health.dropped}", "warning" if health.dropped else "text"),
    )
    return rows + _history(health.history, width)


def _budget(budget: RequestBudget, width: int) -> list[Row]:
    blocked = f"{budget.blocked_for:.0f} s more" if budget.blocked_for else "no"
    share = f" ({budget.used / budget.limit:.0%})" if budget.limit else ""
    return [
        _head(budget.meter.replace("_", " ").lower(), width),
        *_fields(
            width,
            ("scope", clean(budget.scope), "text"),
            ("used", f"{budget.used:,} of {budget.limit:,}{share}", "text"),
            ("window", window_text(budget.window), "text"),
            ("held back", blocked, "error" if budget.blocked_for else "text"),
        ),
        *(_fields(width, ("", "the venue has shut this address out", "error")) if budget.banned else ()),
    ]


def _clock(clock: ClockView, width: int) -> list[Row]:
    skew = "not measured" if clock.skew_ms is None else f"{clock.skew_ms:+,.0f} ms"
    note = "what the venue's clock is ahead of this machine's; signed calls and lag are corrected by it"
    return [
        _head("clock", width),
        *_fields(width, ("instance", clock.place, "text"), ("skew", skew, "text"), ("", note, "muted")),
    ]


def _log_line(line: LogLine, width: int) -> list[Row]:
    rows = [
        _head(line.logger, width),
        *_fields(width, ("time", clock_text(line.timestamp, milliseconds=True), "text")),
    ]
    for text in (line.text, *line.detail.splitlines()):
        rows += [crop([(" " + part, "text")], width, "text") for part in wrapped(text, max(1, width - 1))]
    return rows


def _head(text: str, width: int) -> Row:
    return crop([(f" {clean(text)}", "bold")], width, "text")


def _fields(width: int, *fields: tuple[str, str, str]) -> list[Row]:
    rows: list[Row] = []
    for label, value, style in fields:
        parts = wrapped(value, max(1, width - _LABEL - 1))
        for place, part in enumerate(parts):
            shown = fit(label, _LABEL) if place == 0 else " " * _LABEL
            runs: list[Run] = [(" ", "text"), (shown, "muted"), (part, style)]
            rows.append(crop(runs, width, "text"))
    return rows


def _history(events: Iterable[StreamStatus], width: int) -> list[Row]:
    """Newest first, each with its time (UTC) and reason."""
    rows: list[Row] = []
    for event in reversed(tuple(events)):
        runs: list[Run] = [
            (f" {clock_text(event.timestamp)} ", "muted"),
            (event.kind, _EVENT_TONES.get(event.kind, "text")),
        ]
        wait = "" if event.retry_in_ms is None else f" (in {event.retry_in_ms / 1000:.1f} s)"
        reason = clean(event.reason, MESSAGE_LIMIT) + wait
        first, *rest = wrapped(reason, max(1, width - 12 - len(event.kind)), max(1, width - 4))
        rows.append(crop([*runs, (f" {first}", "text")], width, "text"))
        rows += [crop([("    " + part, "text")], width, "text") for part in rest]
    if not rows:
        return []
    return [
        crop([], width, "text"),
        crop([(" What happened, UTC, newest first", "muted")], width, "text"),
        *rows,
    ]
