"""The depth ladder."""

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType

from connectors.contracts import BookState, LiveBook
from tui.formatting import Precision
from tui.key_hints import key_of
from tui.market_store import MarketStore
from tui.pane_state import Condition
from tui.widgets.ladder_rows import (
    STEPS,
    Columns,
    Ladder,
    header_row,
    ladder_rows,
    make_ladder,
    price_width,
    spread_index,
    visible,
)
from tui.widgets.pane import MarketPane
from tui.widgets.rows import Row

_DEEPEST = 5_000
_STATE_MARKS = {
    BookState.SYNCED: ("✓", "header.success"),
    BookState.BUFFERING: ("…", "header.warning"),
    BookState.RESYNCING: ("↻", "header.warning"),
    BookState.STALE: ("!", "header.error"),
    BookState.EMPTY: ("…", "header"),
}
_WORTH_SHOWING = (BookState.SYNCED, BookState.STALE, BookState.RESYNCING)

_LOOKED_AT = 200
"""Levels a side that are compared with the tick."""


class LadderPane(MarketPane):
    """Asks above, bids below. It keeps the spread in the middle until it is scrolled, then it stays at a price."""

    title = "DEPTH"
    waiting_for = "order book"
    BINDING_GROUP_TITLE = "Depth ladder"
    HELP = """\
## Depth ladder
Asks (▾) stand above, bids (▴) below the spread; the best ones are bold with ▼ and ▲.
*size* is what waits at a price, *total* all from the best price to there, and the bar shows the total.
`+` and `-` group prices; the step is kept for each symbol. Scrolling holds the ladder at a price; `c` centres it again.
The header shows whether the book is verified: SYNCED ✓ may be believed, anything else is shown dim.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("plus,equals_sign", "group(1)", "Group", key_display="+-", id="ladder.coarser"),
        Binding("minus", "group(-1)", "Finer", show=False, key_display="-", id="ladder.finer"),
        Binding("c", "centre", "Centre", id="ladder.centre"),
        Binding("up,k", "scroll_rows(-1)", "Up", show=False, id="ladder.up"),
        Binding("down,j", "scroll_rows(1)", "Down", show=False, id="ladder.down"),
        Binding("pageup", "scroll_rows(-10)", "Page up", show=False, id="ladder.page_up"),
        Binding("pagedown", "scroll_rows(10)", "Page down", show=False, id="ladder.page_down"),
    ]

    def __init__(self, store: MarketStore, *, pane_id: str | None = None) -> None:
        super().__init__(store, pane_id=pane_id)
        self._steps: dict[tuple[str, str], int] = {}
        self._anchor: int | None = None
        self._ladder: Ladder | None = None
        self._depth = 32
        self._seen: tuple[object, ...] = ()

    def show(self, store: MarketStore) -> None:
        self._anchor = None
        self._ladder = None
        self._depth = 32
        super().show(store)

    # --- what is shown -------------------------------------------------------------------------------------------

    def changed(self) -> bool:
        book = self.store.book
        seen = (
            id(book),
            0 if book is None else book.version,
            self.store.book_condition.version,
            self.store.link_version,
        )
        if seen == self._seen:
            return False
        self._seen = seen
        return True

    def condition(self) -> Condition:
        return self.store.book_condition

    def has_data(self) -> bool:
        book = self.store.book
        # A book that lost its place still shows what it held, dimmed.
        return book is not None and self.store.instrument is not None and book.state in _WORTH_SHOWING

    def dimmed(self) -> bool:
        return super().dimmed() or (self.has_data() and self.store.book_state is not BookState.SYNCED)

    @property
    def _precision(self) -> Precision | None:
        instrument = self.store.instrument
        return None if instrument is None else self.store.precision

    @property
    def step(self) -> int:
        """How many ticks a row stands for."""
        return STEPS[self._steps.get(self._key, 0)]

    @property
    def _key(self) -> tuple[str, str]:
        instrument = self.store.instrument
        return ("", "") if instrument is None else (instrument.market_type.value, instrument.symbol)

    @property
    def locked(self) -> bool:
        return self._anchor is None

    def header_runs(self, width: int) -> list[tuple[str, str, str | None]]:
        state = self.store.book_state
        mark, style = _STATE_MARKS[state]
        told = f"{state.value} {mark}" if width >= 32 else mark
        if self.store.halt:
            told, style = self.store.halt, "header.error"
        runs: list[tuple[str, str, str | None]] = [(" ", "header", None)]
        precision = self._precision
        if precision is not None:
            runs += [
                ("-", "header.key", "group(-1)"),
                (f" {precision.price(self.step)} ", "header.bold", None),
                ("+", "header.key", "group(1)"),
                (" ", "header", None),
            ]
        runs.append((told, style, None))
        if not self.locked:
            key = key_of(self.app, "ladder.centre", "c")
            runs += [
                ("  ", "header", None),
                (f"{key} centres" if width >= 44 else key, "header.key", "centre"),
            ]
        return runs

    def _warning(self, condition: Condition) -> str:
        cause = super()._warning(condition)
        state = self.store.book_state
        if cause or state is BookState.SYNCED:
            return cause
        return f"{state.value}: {condition.cause or 'not verified'}"

    def build(self, width: int, height: int) -> Sequence[Row]:
        before = self.store.finer
        rows = super().build(width, height)
        # Levels came that are finer than the tick: the header above them shows their step too.
        return rows if self.store.finer is before else super().build(width, height)

    def body(self, precision: Precision, width: int, height: int) -> Sequence[Row]:
        book = self.store.book
        if book is None:
            return []
        ladder = self._read(book, height - 1)
        precision = self.store.precision
        rows = ladder_rows(ladder, precision, width, height - 1, anchor=self._anchor)
        window = visible(ladder, height - 1, self._anchor)
        return [header_row(Columns.of(width, price_width(window, precision)), width), *rows]

    def _read(self, book: LiveBook, height: int) -> Ladder:
        """A view just deep enough to fill the window; grouping may need many levels for one row."""
        while True:
            view = book.view(self._depth)
            for side in (view.bids, view.asks):
                self.store.fit(side[:_LOOKED_AT])
            ladder = make_ladder(view, self.store.precision, self.step, self._depth)
            above = spread_index(ladder, height, self._anchor)
            below = height - above - 1
            # One more than is shown: the last group of a cut view may be short of levels.
            enough = len(ladder.asks) > above and len(ladder.bids) > below
            if enough or not ladder.cut or self._depth >= _DEEPEST:
                break
            self._depth = min(_DEEPEST, self._depth * 2)
        self._ladder = ladder
        return ladder

    # --- what the user does --------------------------------------------------------------------------------------

    def action_group(self, direction: int) -> None:
        if self.store.instrument is None:
            return
        index = self._steps.get(self._key, 0) + direction
        self._steps[self._key] = max(0, min(len(STEPS) - 1, index))
        self._depth = 32
        self.redraw()

    def action_centre(self) -> None:
        self._anchor = None
        self._depth = 32
        self.redraw()

    def action_scroll_rows(self, rows: int) -> None:
        ladder, height = self._ladder, self.size.height - 2
        if ladder is None or height < 3:
            return
        middle = height // 2
        window = visible(ladder, height * 3, self._anchor)
        place = height * 3 // 2 + max(-middle, min(middle, rows))
        rung = window[place]
        if rung is None and place != spread_index(ladder, height * 3, self._anchor):
            return
        if rung is None:
            self._anchor = None
        else:
            self._anchor = rung.ticks
        self.redraw()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.action_scroll_rows(-3)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.action_scroll_rows(3)
