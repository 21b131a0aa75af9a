"""The candle chart."""

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.message import Message

from connectors.contracts import Candle, TimeFrame
from tui.formatting import Precision
from tui.key_hints import key_of
from tui.market_store import MarketStore
from tui.pane_state import Condition
from tui.widgets.chart_rows import ZOOMS, ChartPlot, ChartShape, Cursor, place_line
from tui.widgets.chart_scale import PriceScale
from tui.widgets.chart_view import ChartView, view_of
from tui.widgets.pane import MarketPane
from tui.widgets.rows import Row

TIME_FRAMES = (
    TimeFrame.M1,
    TimeFrame.M5,
    TimeFrame.M15,
    TimeFrame.M30,
    TimeFrame.H1,
    TimeFrame.H4,
    TimeFrame.D1,
    TimeFrame.W1,
)
_EDGE = 30
"""Older candles are asked for when this few are left to the left of the view."""


class ChartPane(MarketPane):
    """Candles with volume. The view follows the newest candle until it is moved back."""

    title = "CHART"
    waiting_for = "candles"
    BINDING_GROUP_TITLE = "Chart"
    HELP = """\
## Chart
A rising candle is hollow (shaded where it has one column), a falling one filled. Times are UTC.
A shaded stretch is missing and being asked for; a dot at the bottom is a time of which there is
no candle, because nothing was traded.
`←` and `→` move the crosshair, `escape` puts it away; the mouse does the same. The line above shows its candle.
`shift+←` and `shift+→` move through history, more of which is loaded at the left edge; `end` returns to now.
`+` and `-` change the candles' width, `[` and `]` the timeframe; a click on a timeframe chooses it.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "cross(-1)", "Cross", key_display="←→", id="chart.left"),
        Binding("right,l", "cross(1)", "Crosshair", show=False, id="chart.right"),
        Binding("escape", "uncross", "Put crosshair away", show=False),
        Binding("shift+left,comma", "scroll_candles(-1)", "History", show=False, id="chart.back"),
        Binding("shift+right,full_stop", "scroll_candles(1)", "Forward", show=False, id="chart.forward"),
        Binding("pageup", "scroll_candles(-5)", "Page back", show=False, id="chart.page_back"),
        Binding("pagedown", "scroll_candles(5)", "Page forward", show=False, id="chart.page_forward"),
        Binding("end,g", "newest", "Now", show=False, id="chart.now"),
        Binding("plus,equals_sign", "zoom(1)", "Zoom", key_display="+-", id="chart.zoom_in"),
        Binding("minus", "zoom(-1)", "Zoom out", show=False, id="chart.zoom_out"),
    ]

    class TimeFrameWanted(Message):
        def __init__(self, time_frame: TimeFrame) -> None:
            self.time_frame = time_frame
            super().__init__()

    class OlderWanted(Message):
        """The view is near the left edge of what is loaded."""

    def __init__(self, store: MarketStore, *, pane_id: str | None = None) -> None:
        super().__init__(store, pane_id=pane_id)
        self.zoom = 1
        self._right: int | None = None
        """Time of the rightmost candle while the view does not follow the newest."""
        self._cursor: int | None = None
        """Time of the candle under the crosshair."""
        self._cursor_price: float | None = None
        """The price the mouse points at; the keys point at the close."""
        self._seen: tuple[object, ...] = ()
        self._plot: ChartPlot | None = None
        self._drawn_from: tuple[object, ...] = ()

    def show(self, store: MarketStore) -> None:
        self._right = self._cursor = self._cursor_price = None
        super().show(store)

    # --- what is shown -------------------------------------------------------------------------------------------

    def changed(self) -> bool:
        candles = self.store.candles
        seen = (
            id(candles),
            candles.version,
            candles.condition.version,
            candles.loading_older,
            self.store.last_version,
            self.store.link_version,
        )
        if seen == self._seen:
            return False
        self._seen = seen
        return True

    def condition(self) -> Condition:
        return self.store.candles.condition

    def has_data(self) -> bool:
        return bool(len(self.store.candles)) and self.store.instrument is not None

    def header_runs(self, width: int) -> list[tuple[str, str, str | None]]:
        current = self.store.candles.time_frame
        runs: list[tuple[str, str, str | None]] = [(" ", "header", None)]
        if width >= 44:
            for frame in TIME_FRAMES:
                chosen = frame is current
                runs.append((f" {frame.value} ", "header.key" if chosen else "header", _frame_action(frame)))
        else:
            runs += [
                ("[", "header.key", "next_frame(-1)"),
                (f" {current.value} ", "header.bold", None),
                ("]", "header.key", "next_frame(1)"),
            ]
        if self._right is not None:
            key = key_of(self.app, "chart.now", "end")
            runs += [("  ", "header", None), (f"history, {key}: now", "header.key", "newest")]
        if self.store.candles.loading_older:
            trouble = self.store.candles.older_trouble
            runs.append(
                (f" loading older: {trouble}" if trouble else " loading older …", "header.warning", None)
            )
        elif self.store.candles.older_trouble:
            runs.append((f" no older: {self.store.candles.older_trouble}", "header.warning", None))
        return runs

    def _shape(self, precision: Precision) -> ChartShape:
        candles = self.store.candles.candles
        price = max((abs(candle.high) for candle in candles[-1:]), default=0.0)
        axis = len(precision.price_text(price)) + 2
        cause = bool(self._warning(self.condition()))
        return ChartShape.of(self.size.width, max(2, self.size.height - 2 - cause), axis, self.zoom)

    def _view(self, capacity: int) -> ChartView:
        return view_of(self.store.candles, self._right, capacity)

    def body(self, precision: Precision, width: int, height: int) -> Sequence[Row]:
        series = self.store.candles
        shape = self._shape(precision)
        view = self._view(shape.capacity)
        if (
            self._right is not None
            and view.earlier < _EDGE
            and not series.complete
            and not series.loading_older
        ):
            self.post_message(self.OlderWanted())
        cursor = self._cursor_in(view)
        pointed = cursor.index if cursor else len(view.places) - 1
        place, time = view.places[pointed], view.times[pointed]
        line = place_line(place, time, precision, series.time_frame, width, pinned=cursor is not None)
        last = self.store.last
        if last is None:
            last = series.candles[-1].close
        if height < 4:
            return [line, *[((" " * width, "text"),)] * (height - 1)]
        return [line, *self._plot_of(view, shape, precision).rows(last, cursor)]

    def _plot_of(self, view: ChartView, shape: ChartShape, precision: Precision) -> ChartPlot:
        series = self.store.candles
        drawn_from = (series, series.version, series.shape, view.times[0], len(view.times), shape, precision)
        if self._plot is None or self._drawn_from != drawn_from:
            self._plot = ChartPlot(view, shape, precision, series.time_frame)
            self._drawn_from = drawn_from
        return self._plot

    def _cursor_in(self, view: ChartView) -> Cursor | None:
        if self._cursor is None:
            return None
        index = view.index_of(self._cursor, self.store.candles.time_frame)
        place = view.places[index]
        price = place.close if isinstance(place, Candle) else view.nearest.close
        return Cursor(index, price if self._cursor_price is None else self._cursor_price)

    # --- what the user does --------------------------------------------------------------------------------------

    def _capacity(self) -> int:
        instrument = self.store.instrument
        return 1 if instrument is None else self._shape(self.store.precision).capacity

    def action_cross(self, step: int) -> None:
        series = self.store.candles
        if not len(series):
            return
        view, frame = self._view(self._capacity()), series.time_frame
        pointed = view.times[-1] if self._cursor is None else frame.shifted(self._cursor, step)
        pointed = max(series.candles[0].timestamp, min(series.candles[-1].timestamp, pointed))
        self._cursor, self._cursor_price = pointed, None
        if pointed < view.times[0]:
            self._move_right(frame.shifted(view.times[-1], frame.steps(view.times[0], pointed)))
        elif pointed > view.times[-1]:
            self._move_right(pointed)
        self.redraw()

    def action_uncross(self) -> None:
        if self._cursor is None:
            raise SkipAction
        self._cursor = self._cursor_price = None
        self.redraw()

    def action_scroll_candles(self, steps: int) -> None:
        """Move by a tenth of the view for each step; forward past the newest candle follows it again."""
        if not len(self.store.candles):
            return
        capacity = self._capacity()
        right = self._view(capacity).times[-1]
        step = steps * max(1, capacity // 10)
        self._move_right(self.store.candles.time_frame.shifted(right, step), follow=step > 0)
        self.redraw()

    def _move_right(self, time: int, *, follow: bool = True) -> None:
        """Let the view end at a time; at the newest candle it follows again, but where it is moved back."""
        series = self.store.candles
        newest = series.candles[-1].timestamp
        ends = view_of(series, time, self._capacity()).times[-1]
        self._right = None if follow and time >= newest else ends

    def action_newest(self) -> None:
        self._right = None
        self.redraw()

    def action_zoom(self, step: int) -> None:
        self.zoom = max(0, min(len(ZOOMS) - 1, self.zoom + step))
        self.redraw()

    def action_time_frame(self, name: str) -> None:
        self.post_message(self.TimeFrameWanted(TimeFrame(name)))

    def action_next_frame(self, step: int) -> None:
        current = self.store.candles.time_frame
        index = TIME_FRAMES.index(current) if current in TIME_FRAMES else 0
        self.post_message(self.TimeFrameWanted(TIME_FRAMES[(index + step) % len(TIME_FRAMES)]))

    # --- the mouse -----------------------------------------------------------------------------------------------

    def on_mouse_move(self, event: events.MouseMove) -> None:
        instrument = self.store.instrument
        if instrument is None or not self.has_data():
            return
        shape = self._shape(self.store.precision)
        view = self._view(shape.capacity)
        left = shape.plot_width - len(view.places) * shape.slot
        row = event.y - (self.size.height - shape.plot_rows - shape.volume_rows - 1)
        index = (event.x - left) // shape.slot
        if not (0 <= index < len(view.places) and row >= 0):
            return
        tick = instrument.tick_size
        scale = PriceScale.of(view.candles, shape.plot_rows, float(tick) if tick else 0.0)
        self._cursor = view.times[index]
        self._cursor_price = None
        if row < shape.plot_rows:
            self._cursor_price = scale.high - (row + 0.5) / shape.plot_rows * (scale.high - scale.low)
        self.redraw()

    def on_leave(self, event: events.Leave) -> None:
        if event.node is self and self._cursor_price is not None:
            self.action_uncross()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self._wheel(1, zoom=event.ctrl)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self._wheel(-1, zoom=event.ctrl)

    def _wheel(self, direction: int, *, zoom: bool) -> None:
        if zoom:
            self.action_zoom(direction)
        else:
            self.action_scroll_candles(-direction)


def _frame_action(frame: TimeFrame) -> str:
    return f"time_frame('{frame.value}')"
