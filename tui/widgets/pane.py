"""A live pane: a header line, then data, or plainly why there is none."""

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events

from tui.formatting import Precision
from tui.key_hints import key_of
from tui.market_store import MarketStore
from tui.pane_state import Condition, PaneState
from tui.widgets.rows import Row, Run, crop, message_rows, row_width
from tui.widgets.rows_widget import RowsWidget


@dataclass(frozen=True, slots=True)
class Zone:
    """Cells of the header that do something when clicked."""

    left: int
    right: int
    action: str


class MarketPane(RowsWidget, can_focus=True):
    """What ladder, tape and chart have in common. `show` gives it another store: a new symbol or timeframe."""

    title = ""
    waiting_for = "data"
    ALLOW_MAXIMIZE = False

    def __init__(self, store: MarketStore, *, pane_id: str | None = None) -> None:
        super().__init__(pane_id=pane_id)
        self.store = store
        self._zones: tuple[Zone, ...] = ()

    def show(self, store: MarketStore) -> None:
        self.store = store
        self.invalidate()

    # --- for subclasses ------------------------------------------------------------------------------------------

    def condition(self) -> Condition:
        raise NotImplementedError

    def header_runs(self, width: int) -> list[tuple[str, str, str | None]]:
        """(text, style name, action or nothing) after the title."""
        raise NotImplementedError

    def has_data(self) -> bool:
        raise NotImplementedError

    def body(self, precision: Precision, width: int, height: int) -> Sequence[Row]:
        raise NotImplementedError

    # --- common --------------------------------------------------------------------------------------------------

    def dimmed(self) -> bool:
        return self.has_data() and (
            self.store.link.lost
            or bool(self.store.halt)
            or self.condition().state in (PaneState.STALE, PaneState.ERROR)
        )

    def build(self, width: int, height: int) -> Sequence[Row]:
        rows: list[Row] = [self._header(width)]
        if height < 2:
            return rows
        condition = self.condition()
        instrument = self.store.instrument
        if instrument is None or not self.has_data():
            rows.extend(message_rows(self._explanation(condition), width, height - 1))
            return rows
        cause = self._warning(condition)
        body = list(self.body(self.store.precision, width, height - 1 - bool(cause)))
        if cause:
            rows.append(crop([(f" {cause}", "header.warning")], width, "header"))
        return rows + body

    def _warning(self, condition: Condition) -> str:
        """Why shown data must not be believed; empty where it may."""
        if self.store.halt:
            return f"{self.store.halt}: the market does not trade at the venue"
        if self.store.link.lost:
            return f"{self.store.link.state}: {self.store.link.cause or 'no connection'}"
        if condition.state is PaneState.STALE:
            return f"STALE: {condition.cause or 'no data'}"
        if condition.state is PaneState.INCOMPLETE:
            return f"INCOMPLETE: {condition.cause}"
        if condition.state is PaneState.ERROR:
            return f"ERROR: {condition.cause} — {self._retry_key} retries"
        return ""

    def _explanation(self, condition: Condition) -> list[Run]:
        link = self.store.link
        if self.store.halt:
            return [(f"{self.store.halt}: the market does not trade at the venue", "warning")]
        if condition.state is PaneState.ERROR:
            return [
                ("✗ " + (condition.cause or "failed"), "error"),
                (f"press {self._retry_key} to retry", "muted"),
            ]
        if link.lost:
            return [
                (f"{link.state}: {link.cause or 'no connection'}", "warning"),
                (f"press {self._retry_key} to retry", "muted"),
            ]
        if condition.state is PaneState.LOADING:
            return [(f"loading {self.waiting_for} …", "muted")]
        if condition.state is PaneState.STALE:
            return [(f"STALE: {condition.cause}", "warning")]
        return [(f"no {self.waiting_for} yet", "muted")]

    @property
    def _retry_key(self) -> str:
        return key_of(self.app, "market.retry", "r")

    def _header(self, width: int) -> Row:
        focused = self.has_focus
        runs: list[Run] = [
            ("▌" if focused else " ", "header.focus"),
            (self.title, "header.focus" if focused else "header.bold"),
        ]
        zones: list[Zone] = []
        at = row_width(tuple(runs))
        for text, style, action in self.header_runs(width):
            runs.append((text, style))
            length = row_width(((text, style),))
            if action is not None:
                zones.append(Zone(at, at + length, action))
            at += length
        self._zones = tuple(zones)
        return crop(runs, width, "header")

    async def on_click(self, event: events.Click) -> None:
        if event.y != 0:
            return
        for zone in self._zones:
            if zone.left <= event.x < zone.right:
                event.stop()
                await self.run_action(zone.action)
                return
