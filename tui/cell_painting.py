"""Painting exactly the cells that changed.

Textual paints a changed region from its widget's left edge on, renders every widget in between, and says of every run
of text its whole style. On a screen that changes many times a second that is most of what is sent and much of what it
costs. Here a region is painted from its first cell to its last. Runs of one style follow one another, wherever on the
screen they are, so that a style is said once a frame: what is sent is read within one frame, whatever its order.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TypeAlias

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.console import COLOR_SYSTEMS, Console, ConsoleOptions, RenderResult
from rich.control import Control
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, Compositor
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

Span: TypeAlias = tuple[int, int, int]
"""(line, first cell, cell after the last)."""
Piece: TypeAlias = tuple[int, int, str, Style | None]
"""(line, first cell, text, style)."""


class CellCompositor(Compositor):
    """A screen's compositor whose partial updates hold no cell besides those that were asked for."""

    def render_partial_update(self) -> ChopsUpdate | None:
        whole = self.size.region
        regions = [region.intersection(whole) for region in self._dirty_regions]
        self._dirty_regions.clear()
        pieces = self._pieces(self._regions_to_spans(regions))
        return CellUpdate(pieces) if pieces else None

    def _pieces(self, spans: Iterable[Span]) -> list[Piece]:
        pieces: list[Piece] = []
        rendered: dict[Widget, list[Strip]] = {}
        layers = self.layers_visible
        for y, left, right in spans:
            unpainted = [(left, right)]
            # From the front to the back; what lies before another widget is seen instead of it.
            for widget, seen, region in layers[y]:
                behind: list[tuple[int, int]] = []
                for first, end in unpainted:
                    start, stop = max(first, seen.x), min(end, seen.right)
                    if start >= stop:
                        behind.append((first, end))
                        continue
                    strips = rendered.get(widget)
                    if strips is None:
                        origin = seen.offset - region.offset
                        strips = widget.render_lines(Region.from_offset(origin, seen.size))
                        rendered[widget] = strips
                    for at, text, style in _runs(strips[y - seen.y], start - seen.x, stop - seen.x):
                        pieces.append((y, at + seen.x, text, style))
                    if first < start:
                        behind.append((first, start))
                    if stop < end:
                        behind.append((stop, end))
                unpainted = behind
                if not unpainted:
                    break
        return pieces


def _runs(strip: Strip, first: int, end: int) -> Iterable[tuple[int, str, Style | None]]:
    """The cells from `first` to `end` of a strip, run by run: (first cell, text, style)."""
    at = 0
    for segment in strip:
        text, style, _ = segment
        stop = at + (len(text) if text.isascii() else cell_len(text))
        if stop > first:
            if stop > end:
                text = segment.split_cells(end - at)[0].text
            if at < first:
                text = Segment(text).split_cells(first - at)[1].text
                at = first
            yield at, text, style
            if stop >= end:
                return
        at = stop


class CellUpdate(ChopsUpdate):
    """Pieces to paint, in whatever order."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        super().__init__([], [], [])
        order: dict[int, int] = {}
        self.pieces = sorted(pieces, key=lambda piece: order.setdefault(id(piece[3]), len(order)))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for y, x, text, style in self.pieces:
            yield Control.move_to(x, y).segment
            yield Segment(text, style)

    def render_segments(self, console: Console) -> str:
        colors = COLOR_SYSTEMS.get(console.color_system or "", ColorSystem.TRUECOLOR)
        sequences: list[str] = []
        say = sequences.append
        current: Style | None = None
        for y, x, text, style in self.pieces:
            say(f"\x1b[{y + 1};{x + 1}H")
            if style is not current:
                say(style_change(current, style, colors))
                current = style
            if style is not None and style.link:
                say(f"\x1b]8;id={style.link_id};{style.link}\x1b\\{text}\x1b]8;;\x1b\\")
            else:
                say(text)
        say(style_change(current, None, colors))
        return "".join(sequences)


@lru_cache(2_048)
def style_change(before: Style | None, after: Style | None, colors: ColorSystem) -> str:
    """What brings a terminal that writes in one style to another; with none, nothing is set."""
    if after is None:
        return "" if before is None else "\x1b[0m"
    if before is not None and _attributes(before) == _attributes(after):
        fore = None if after.color == before.color else after.color
        back = None if after.bgcolor == before.bgcolor else after.bgcolor
        # A colour that ends, without another in its place, takes all with it.
        if (after.color or not before.color) and (after.bgcolor or not before.bgcolor):
            codes = Strip.render_ansi(Style(color=fore, bgcolor=back), colors)
            return f"\x1b[{codes}m" if codes else ""
    codes = Strip.render_ansi(after, colors)
    if before is None:
        return f"\x1b[{codes}m" if codes else ""
    return f"\x1b[0;{codes}m" if codes else "\x1b[0m"


def _attributes(style: Style) -> tuple[bool, ...]:
    return tuple(
        map(
            bool,
            (
                style.bold,
                style.dim,
                style.italic,
                style.underline,
                style.blink,
                style.blink2,
                style.reverse,
                style.conceal,
                style.strike,
                style.underline2,
                style.frame,
                style.encircle,
                style.overline,
            ),
        )
    )
