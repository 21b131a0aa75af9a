"""The trade tape."""

from collections.abc import Sequence
from math import frexp, ldexp
from typing import ClassVar

from textual import events
from textual.actions import SkipAction
from textual.binding import Binding, BindingType

from connectors.contracts import Trade
from tui.formatting import Precision
from tui.key_hints import key_of
from tui.market_store import MarketStore
from tui.pane_state import Condition
from tui.widgets.pane import MarketPane
from tui.widgets.rows import Row
from tui.widgets.tape_rows import TapeColumns, copied_text, price_width, tape_header, trade_row

_CACHED_ROWS = 512


class TapePane(MarketPane):
    """Trades, newest at the top. Scrolling or choosing a row holds it still; what arrives meanwhile is counted."""

    title = "TRADES"
    waiting_for = "trades"
    BINDING_GROUP_TITLE = "Trade tape"
    HELP = """\
## Trade tape
The newest trade is at the top: ▲ a buyer took it, ▼ a seller did. ◆ marks a trade five times the usual size or more.
The bar is logarithmic: each step of a third is ten times as much.
`p` holds the tape; so does scrolling or choosing a row. *N new* counts what came since;
`home` returns to the newest.
`y` copies the chosen row, tab-separated.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p,space", "pause", "Pause", id="tape.pause"),
        Binding("home,g", "follow", "Newest", id="tape.newest"),
        Binding("y", "copy_row", "Copy row", id="tape.copy"),
        Binding("up,k", "choose(-1)", "Up", show=False, id="tape.up"),
        Binding("down,j", "choose(1)", "Down", show=False, id="tape.down"),
        Binding("pageup", "scroll_rows(-10)", "Page up", show=False, id="tape.page_up"),
        Binding("pagedown", "scroll_rows(10)", "Page down", show=False, id="tape.page_down"),
        Binding("escape", "leave_hold", "Newest", show=False),
    ]

    def __init__(self, store: MarketStore, *, pane_id: str | None = None) -> None:
        super().__init__(store, pane_id=pane_id)
        self._held: list[Trade] | None = None
        self._held_total = 0
        self._paused = False
        self._top = 0
        self._chosen: int | None = None
        self._seen: tuple[object, ...] = ()
        self._cache: dict[int, Row] = {}
        self._cache_key: tuple[object, ...] = ()

    def show(self, store: MarketStore) -> None:
        self._release()
        self._cache.clear()
        super().show(store)

    # --- what is shown -------------------------------------------------------------------------------------------

    def changed(self) -> bool:
        trades = self.store.trades
        seen = (id(trades), trades.total, trades.condition.version, self.store.link_version)
        if seen == self._seen:
            return False
        self._seen = seen
        return True

    def condition(self) -> Condition:
        return self.store.trades.condition

    def has_data(self) -> bool:
        return bool(len(self.store.trades)) and self.store.instrument is not None

    @property
    def new_count(self) -> int:
        """Trades that arrived since the tape was held."""
        return 0 if self._held is None else self.store.trades.total - self._held_total

    def header_runs(self, width: int) -> list[tuple[str, str, str | None]]:
        if self._held is None:
            if not (self.has_focus and len(self.store.trades)):
                return []  # the key would do nothing
            key = key_of(self.app, "tape.pause", "p")
            return [("  ", "header", None), (key, "header.key", "pause"), (" pauses", "header", None)]
        word = "PAUSED" if self._paused else "HELD"
        return [
            (f" {word} ", "header.warning", "follow"),
            (f"↑ {self.new_count:,} new", "header.key", "follow"),
        ]

    def body(self, precision: Precision, width: int, height: int) -> Sequence[Row]:
        trades = self.store.trades
        count = height - 1
        shown = trades.newest(count) if self._held is None else self._held[self._top : self._top + count]
        first = trades.total if self._held is None else self._held_total - self._top
        columns = TapeColumns.of(width, price_width([trade.price for trade in shown], precision))
        # Rows are made once: the scale moves in steps of two, so that it seldom remakes them all.
        scale = _scale(trades.largest)
        key = (id(trades), width, columns, scale, precision)
        if key != self._cache_key or len(self._cache) > _CACHED_ROWS:
            self._cache_key = key
            self._cache.clear()
        rows: list[Row] = [tape_header(columns, width)]
        for index, trade in enumerate(shown):
            if self._held is not None and self._top + index == self._chosen:
                row = trade_row(
                    trade, precision, columns, width, largest=scale, mean=trades.mean, selected=True
                )
            else:
                number = first - index
                row = self._cache.get(number, ())
                if not row:
                    row = trade_row(trade, precision, columns, width, largest=scale, mean=trades.mean)
                    self._cache[number] = row
            rows.append(row)
        rows.extend([((" " * width, "text"),)] * (height - len(rows)))
        return rows

    # --- what the user does --------------------------------------------------------------------------------------

    def _hold(self) -> list[Trade]:
        if self._held is None:
            trades = self.store.trades
            self._held = trades.newest(len(trades))
            self._held_total = trades.total
            self._top = 0
        return self._held

    def _release(self) -> None:
        self._held = None
        self._paused = False
        self._chosen = None
        self._top = 0

    def action_pause(self) -> None:
        if self._paused:
            self._release()
        elif len(self.store.trades):
            self._hold()
            self._paused = True
        self.redraw()

    def action_leave_hold(self) -> None:
        if self._held is None:
            raise SkipAction
        self.action_follow()

    def action_follow(self) -> None:
        self._release()
        self.redraw()

    def action_scroll_rows(self, rows: int) -> None:
        if (rows < 0 and self._held is None) or not len(self.store.trades):
            return
        held = self._hold()
        self._top = max(0, min(len(held) - 1, self._top + rows))
        if self._top == 0 and rows < 0 and not self._paused and self._chosen is None:
            self._release()
        self.redraw()

    def action_choose(self, step: int) -> None:
        if not len(self.store.trades):
            return
        held = self._hold()
        chosen = self._top if self._chosen is None else self._chosen + step
        self._choose(max(0, min(len(held) - 1, chosen)))

    def _choose(self, index: int) -> None:
        self._chosen = index
        room = max(1, self.size.height - 2)
        self._top = max(index - room + 1, min(self._top, index))
        self.redraw()

    @property
    def chosen(self) -> Trade | None:
        return None if self._held is None or self._chosen is None else self._held[self._chosen]

    def action_copy_row(self) -> None:
        trade, instrument = self.chosen, self.store.instrument
        if trade is None or instrument is None:
            self.app.notify("Choose a trade with the arrow keys or a click first.", markup=False, timeout=3)
            return
        self.app.copy_to_clipboard(copied_text(trade, self.store.precision))
        self.app.notify("Trade copied to the clipboard.", markup=False, timeout=2)

    async def on_click(self, event: events.Click) -> None:
        await super().on_click(event)
        above = 2 + bool(self._warning(self.condition()))
        if event.y >= above and self.has_data():
            index = self._top + event.y - above
            if index < len(self._hold()):
                self._choose(index)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.action_scroll_rows(-3)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.action_scroll_rows(3)


def _scale(largest: float) -> float:
    """The next power of two above the largest quantity."""
    return ldexp(1.0, frexp(largest)[1]) if largest > 0 else 1.0
