"""A terminal as far as painting needs it: cursor moves, colours and attributes, cells."""

import re

from rich.cells import cell_len
from textual._compositor import CompositorUpdate
from textual.app import App

_TOKEN = re.compile(r"\x1b\[(\d+);(\d+)H|\x1b\[([\d;]*)m|(\n)|([^\x1b\n])")
_PLAIN = ("39", "49", frozenset[int]())
Look = tuple[str, str, frozenset[int]]
"""Foreground, background, attributes."""


class TerminalModel:
    """Feed it what goes to a terminal; `cells` is what is seen then. It knows no other sequence, and says so."""

    def __init__(self, width: int, height: int) -> None:
        self.cells: list[list[tuple[str, Look]]] = [[(" ", _PLAIN)] * width for _ in range(height)]
        self.look: Look = _PLAIN
        self.written = 0
        """Cells written to, ever."""
        self._x = self._y = 0

    def feed(self, text: str) -> None:
        at = 0
        while at < len(text):
            token = _TOKEN.match(text, at)
            assert token is not None, f"unknown sequence at {text[at : at + 20]!r}"
            at = token.end()
            row, column, codes, line, glyph = token.groups()
            if row is not None:
                self._y, self._x = int(row) - 1, int(column) - 1
            elif codes is not None:
                self._set_look(codes.split(";"))
            elif line is None:
                self._write(glyph)

    def _write(self, glyph: str) -> None:
        for place in range(cell_len(glyph)):
            self.cells[self._y][self._x] = (glyph if place == 0 else "", self.look)
            self._x += 1
            self.written += 1

    def _set_look(self, codes: list[str]) -> None:
        fore, back, attributes = self.look
        at = 0
        while at < len(codes):
            code = int(codes[at] or 0)
            at += 1
            if code in (38, 48):
                length = 4 if codes[at] == "2" else 2
                color = ";".join(codes[at : at + length])
                fore, back = (color, back) if code == 38 else (fore, color)
                at += length
            elif code == 0:
                fore, back, attributes = _PLAIN
            elif 30 <= code <= 39 or 90 <= code <= 97:
                fore = str(code)
            elif 40 <= code <= 49 or 100 <= code <= 107:
                back = str(code)
            else:
                attributes |= {code}
        self.look = (fore, back, attributes)


class Screenful:
    """The terminal an app under test paints on; headless apps send nothing, so that it takes what would be sent."""

    def __init__(self, app: App[None]) -> None:
        self.app = app
        self.model = TerminalModel(*app.size)
        self.sent: list[str] = []
        self.model.feed(self._whole())
        display = app._display

        def shown(screen: object, renderable: object) -> None:
            if screen is app.screen and isinstance(renderable, CompositorUpdate):
                self.sent.append(renderable.render_segments(app.console))
                self.model.feed(self.sent[-1])
            display(screen, renderable)

        app._display = shown

    def _whole(self) -> str:
        """The screen as Textual paints it when all of it is asked for; what waits to be painted still waits."""
        compositor = self.app.screen._compositor
        waiting = set(compositor._dirty_regions)
        whole = compositor.render_full_update().render_segments(self.app.console)
        compositor._dirty_regions.update(waiting)
        return whole

    def painted_anew(self) -> TerminalModel:
        fresh = TerminalModel(*self.app.size)
        fresh.feed(self._whole())
        return fresh
