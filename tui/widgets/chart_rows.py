"""The candle chart as rows: plot with price axis, volume pane, time axis. Pure."""

from dataclasses import dataclass

from connectors.contracts import Candle, TimeFrame
from tui.formatting import Precision, change, change_text, compact
from tui.widgets.candle_glyphs import SHADE, cells
from tui.widgets.chart_scale import PriceScale, candle_time, time_labels
from tui.widgets.chart_view import ChartView, Empty, Place
from tui.widgets.rows import LOWER_EIGHTHS, Row, Run, crop, fit, right

ZOOMS: tuple[tuple[int, int], ...] = ((1, 1), (2, 1), (4, 3), (6, 5))
"""(columns a candle takes, columns of its body)."""

_Mark = tuple[int, str, str]
"""(column, text, style name)."""


@dataclass(frozen=True, slots=True)
class ChartShape:
    """How a chart's area is divided."""

    plot_width: int
    plot_rows: int
    volume_rows: int
    axis_width: int
    slot: int
    body: int

    @classmethod
    def of(cls, width: int, height: int, axis_width: int, zoom: int) -> "ChartShape":
        """`height` counts plot, volume and the time axis; the price axis goes where there is little room."""
        slot, body = ZOOMS[zoom]
        axis = axis_width if width >= axis_width + 12 else 0
        left = max(1, height - 1)
        volume = 0 if left < 10 else 2 if left < 16 else 4 if left < 28 else 6
        return cls(max(1, width - axis), left - volume, volume, axis, slot, body)

    @property
    def capacity(self) -> int:
        """How many candles fit."""
        return max(1, self.plot_width // self.slot)


@dataclass(frozen=True, slots=True)
class Cursor:
    """The crosshair: which of the visible places, and the price pointed at."""

    index: int
    price: float


class ChartPlot:
    """What is visible (at most `shape.capacity` places), flush with the right edge.

    The last price moves many times a second and the candles seldom: they are placed once, and of the rows only those
    that a price line or the crosshair enters or leaves are made anew.
    """

    def __init__(
        self, view: ChartView, shape: ChartShape, precision: Precision, time_frame: TimeFrame
    ) -> None:
        candles = view.candles
        self._view = view
        self._shape = shape
        self._precision = precision
        self._time_frame = time_frame
        tick = precision.tick_units / 10**precision.price_decimals
        self._scale = scale = PriceScale.of(candles, shape.plot_rows, tick)
        self._ticks = scale.ticks(tick)
        self._start = shape.plot_width - len(view.places) * shape.slot
        self._offset = offset = self._start + (shape.slot - shape.body) // 2
        self._plot: list[list[_Mark]] = [[] for _ in range(shape.plot_rows)]
        self._volume: list[list[_Mark]] = [[] for _ in range(shape.volume_rows)]
        self._largest = max(candle.volume for candle in candles)
        self._made: dict[int, tuple[tuple[Run, Run, int | None], Row]] = {}
        """By row: what it was made of besides its candles, and the row."""
        self._axis: tuple[Cursor | None, Row] | None = None
        for index, place in enumerate(view.places):
            column = offset + index * shape.slot
            if isinstance(place, Empty):
                self._leave_empty(place, self._start + index * shape.slot, column)
                continue
            style = "up" if place.close >= place.open else "down"
            for row, text in cells(scale.span(place), shape.body):
                self._plot[row].append((column, text, f"{style}.shade" if text == SHADE else style))
            _add_volume(
                self._volume, place.volume, self._largest, column, body=shape.body, style=f"{style}.bar"
            )

    def _leave_empty(self, place: Empty, left: int, column: int) -> None:
        """A place without a candle: shaded where one is missing, marked at the bottom where nothing was traded."""
        if place is Empty.MISSING:
            for marks in (*self._plot, *self._volume):
                marks.append((left, "░" * self._shape.slot, "faint"))
        else:
            self._plot[-1].append((column + self._shape.body // 2, "·", "faint"))

    def rows(self, last: float | None = None, cursor: Cursor | None = None) -> list[Row]:
        """From the top: plot, volume, time axis."""
        shape, scale, precision = self._shape, self._scale, self._precision
        cross = None if cursor is None else self._offset + cursor.index * shape.slot + shape.body // 2
        last_row = scale.half(last) // 2 if last is not None and scale.holds(last) else None
        last_style = "down" if last is not None and self._view.nearest.open > last else "up"
        cursor_row = scale.half(cursor.price) // 2 if cursor is not None else None
        rows: list[Row] = []
        for row, marks in enumerate(self._plot):
            filler: Run = (" ", "text")
            label: Run = ("", "muted")
            if row in self._ticks:
                filler, label = ("┈", "faint"), (precision.price_text(self._ticks[row]), "muted")
            if row == last_row and last is not None:
                filler = ("╌", f"{last_style}.bar")
                label = (precision.price_text(last), f"{last_style}.tag")
            if row == cursor_row and cursor is not None:
                filler, label = ("╌", "accent.bar"), (precision.price_text(cursor.price), "accent.tag")
            rows.append(self._row(row, marks, filler, label, cross))
        for row, marks in enumerate(self._volume):
            label = (compact(self._largest, 6) if row == 0 else "vol" if row == 1 else "", "muted")
            rows.append(self._row(shape.plot_rows + row, marks, (" ", "text"), label, cross))
        if self._axis is None or self._axis[0] != cursor:
            axis = _time_axis(self._view, shape, self._time_frame, self._start, cursor)
            self._axis = (cursor, axis)
        rows.append(self._axis[1])
        return rows

    def _row(self, number: int, marks: list[_Mark], filler: Run, label: Run, cross: int | None) -> Row:
        made_of = (filler, label, cross)
        made = self._made.get(number)
        if made is not None and made[0] == made_of:
            return made[1]
        row = _line(marks, filler, label, self._shape, cross)
        self._made[number] = (made_of, row)
        return row


def _add_volume(
    volume: list[list[_Mark]], amount: float, largest: float, column: int, *, body: int, style: str
) -> None:
    height = len(volume)
    if not height or amount <= 0 or largest <= 0:
        return
    eighths = max(1, round(amount / largest * height * 8))
    for row in range(height - 1, -1, -1):
        volume[row].append((column, LOWER_EIGHTHS[min(8, eighths)] * body, style))
        eighths -= 8
        if eighths <= 0:
            break


def _line(marks: list[_Mark], filler: Run, label: Run, shape: ChartShape, cross: int | None) -> Row:
    """One row: marks in their columns, the filler between them, the vertical hair where nothing else is."""
    glyph, style = filler
    runs: list[Run] = []
    at = 0

    def fill(until: int) -> None:
        nonlocal at
        if cross is not None and at <= cross < until:
            if cross > at:
                runs.append((glyph * (cross - at), style))
            runs.append(("┊", "accent.bar"))
            at = cross + 1
        if until > at:
            runs.append((glyph * (until - at), style))
            at = until

    for column, text, tone in marks:
        fill(column)
        if runs and runs[-1][1] == tone:
            runs[-1] = (runs[-1][0] + text, tone)
        else:
            runs.append((text, tone))
        at = column + len(text)
    fill(shape.plot_width)
    if shape.axis_width:
        text, tone = label
        runs.append((fit(" " + text, shape.axis_width), tone))
    return tuple(runs)


def _time_axis(
    view: ChartView, shape: ChartShape, time_frame: TimeFrame, start: int, cursor: Cursor | None
) -> Row:
    runs: list[Run] = []
    at = 0
    pinned = None
    if cursor is not None:
        text = f" {candle_time(view.times[cursor.index], time_frame.milliseconds)} "
        column = start + cursor.index * shape.slot + shape.slot // 2 - len(text) // 2
        pinned = (max(0, min(shape.plot_width - len(text), column)), text)
    labels = [
        (start + column, text, "muted")
        for column, text in time_labels(view.times, shape.slot, time_frame.milliseconds)
        if pinned is None
        or start + column + len(text) < pinned[0]
        or start + column > pinned[0] + len(pinned[1])
    ]
    if pinned is not None:
        labels.append((*pinned, "accent.tag"))
    for column, text, style in sorted(labels):
        if column < at or column + len(text) > shape.plot_width:
            continue
        runs.append((" " * (column - at), "text"))
        runs.append((text, style))
        at = column + len(text)
    runs.append((" " * (shape.plot_width - at), "text"))
    if shape.axis_width:
        runs.append((right("UTC ", shape.axis_width), "faint"))
    return crop([run for run in runs if run[0]], shape.plot_width + shape.axis_width, "text")


def place_line(
    place: Place, time: int, precision: Precision, time_frame: TimeFrame, width: int, *, pinned: bool
) -> Row:
    """What there is at a place of the chart, in one row."""
    if isinstance(place, Candle):
        return candle_line(place, precision, time_frame, width, pinned=pinned)
    when = candle_time(time, time_frame.milliseconds)
    return crop([(f" {when} ", "accent.bold"), (f" {place.value}", "muted")], width, "text")


def candle_line(
    candle: Candle, precision: Precision, time_frame: TimeFrame, width: int, *, pinned: bool
) -> Row:
    """The figures of one candle in one row: all of them, or the more important where there is little room."""
    tone = "up" if candle.close >= candle.open else "down"
    moved = change_text(change(candle.open, candle.close))
    when = candle_time(candle.timestamp, time_frame.milliseconds)
    price = precision.price_text
    whole: list[Run] = [
        (f" {when} ", "accent.bold" if pinned else "muted"),
        *_figure("O", price(candle.open), tone),
        *_figure("H", price(candle.high), tone),
        *_figure("L", price(candle.low), tone),
        *_figure("C", price(candle.close), tone),
        *_figure("V", compact(candle.volume, 7), "text"),
        (f" {moved}", f"{tone}.bold"),
        ("" if candle.closed else " ·unfinished", "muted"),
    ]
    without_volume = whole[:9] + whole[11:12]
    brief = [whole[0], *whole[7:9], whole[11]]
    for runs in (whole, without_volume, brief, brief[:3]):
        if sum(len(text) for text, _ in runs) <= width:
            return crop(runs, width, "text")
    return crop(brief[1:], width, "text")


def _figure(name: str, text: str, style: str) -> tuple[Run, Run]:
    return (f" {name} ", "muted"), (text, style)
