"""The base of the live panes: a widget drawn from rows, of which only the changed cells are repainted."""

from collections.abc import Sequence
from typing import Any

from rich.segment import Segment
from textual import getters
from textual.app import App
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from tui.widgets.changed_cells import changed_cells
from tui.widgets.colors import MarketPalette
from tui.widgets.rows import Row


def app_class() -> type[App[Any]]:
    """For typed access to the running app."""
    return App


class RowsWidget(Widget):
    """Keeps one strip a row. A subclass builds its rows in `build` and says in `changed` whether it must.

    `flush` is what the screen's frame tick calls: it costs a comparison where nothing changed.
    """

    app = getters.app(app_class)
    ALLOW_SELECT = False
    DEFAULT_CSS = "RowsWidget { width: 1fr; height: 1fr; }"

    def __init__(self, *, name: str | None = None, pane_id: str | None = None) -> None:
        super().__init__(name=name, id=pane_id)
        self._rows: list[Row] = []
        self._strips: list[Strip] = []
        self._palette: MarketPalette | None = None
        self._dimmed = False
        self._outdated = True
        self._restyle = True

    # --- for subclasses ------------------------------------------------------------------------------------------

    def changed(self) -> bool:
        """Whether what is shown changed since the last `build`."""
        return False

    def build(self, width: int, height: int) -> Sequence[Row]:
        """The rows, each of exactly `width` cells."""
        raise NotImplementedError

    def dimmed(self) -> bool:
        """Whether the data must not be believed and is shown so."""
        return False

    # --- the frame -----------------------------------------------------------------------------------------------

    def invalidate(self) -> None:
        """Build anew at the next frame."""
        self._outdated = True

    def redraw(self) -> None:
        """Build anew now: a key or the mouse should be answered without waiting for the frame."""
        self._outdated = True
        self.flush()

    def flush(self) -> None:
        width, height = self.size
        if width <= 0 or height <= 0 or not self.is_attached:
            return
        outdated = self.changed() or self._outdated
        dimmed = self.dimmed()
        if dimmed != self._dimmed:
            self._dimmed = dimmed
            self._palette = None
            self._restyle = True
        elif not outdated:
            return
        self._outdated = False
        self._take(list(self.build(width, height))[:height], width)

    def _take(self, rows: list[Row], width: int) -> None:
        old = self._rows
        if self._restyle or len(old) != len(rows):
            self._restyle = False
            self._rows = rows
            self._strips = [self._strip(row, width) for row in rows]
            self.refresh()
            return
        strips = self._strips
        regions: list[Region] = []
        for y, row in enumerate(rows):
            before = old[y]
            if row is before or row == before:
                continue
            strips[y] = self._strip(row, width)
            regions += [Region(first, y, end - first, 1) for first, end in changed_cells(before, row)]
        self._rows = rows
        if regions:
            self.refresh(*regions)

    def _strip(self, row: Row, width: int) -> Strip:
        styles = self.palette.styles
        return Strip([Segment(text, styles[style]) for text, style in row], width)

    @property
    def palette(self) -> MarketPalette:
        if self._palette is None:
            background = self.background_colors[1]
            variables, filters = self.app.get_css_variables(), self.app.get_line_filters()
            self._palette = MarketPalette(variables, background, dimmed=self._dimmed, filters=filters)
        return self._palette

    @property
    def rows(self) -> Sequence[Row]:
        """What is shown, for tests and for copying."""
        return self._rows

    # --- Textual -------------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, self._theme_changed)

    def _theme_changed(self, _: object) -> None:
        self._forget_styles()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._forget_styles()

    def _forget_styles(self) -> None:
        self._palette = None
        self._restyle = True
        self._outdated = True

    def on_resize(self) -> None:
        self.redraw()

    def on_show(self) -> None:
        self.redraw()

    def on_focus(self) -> None:
        # This is heard before the widget itself knows of its focus.
        self.call_later(self.redraw)

    def on_blur(self) -> None:
        self.call_later(self.redraw)

    def render_lines(self, crop: Region) -> list[Strip]:
        """The rows as they are: no border, padding or filter is left to apply, so Textual's own pass is skipped."""
        left, right = crop.column_span
        width = self.size.width
        lines = [self._line(y, width) for y in crop.line_range]
        if (left, right) == (0, width):
            return lines
        return [line.crop(left, right) for line in lines]

    def render_line(self, y: int) -> Strip:
        return self._line(y, self.size.width)

    def _line(self, y: int, width: int) -> Strip:
        if y >= len(self._strips):
            return Strip.blank(width, self.palette["text"])
        strip = self._strips[y]
        # Between a resize and the next build the rows are still as wide as before.
        return strip if strip.cell_length == width else strip.adjust_cell_length(width, self.palette["text"])
