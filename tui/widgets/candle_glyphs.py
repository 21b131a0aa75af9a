"""The glyphs of one candle. Heights are counted in half cells from the top of the plot.

Both directions have bodies of one width, in block characters, and thin wicks. A falling body is filled, a rising one
hollow, so the direction shows without colour. One column has no room for a hollow: there it is shaded, cell by cell.
"""

from collections.abc import Iterator
from dataclasses import dataclass

NOTHING, WICK, BODY = 0, 1, 2

SHADE = "▒"
_WICKS = {(WICK, WICK): "│", (NOTHING, WICK): "╷", (WICK, NOTHING): "╵"}
_HOLLOW_ROWS = {(True, True): "▌▐", (True, False): "▛▜", (False, True): "▙▟", (False, False): "▌▐"}
"""The walls of a hollow body's row, by whether it is its top and its bottom."""
_EDGES = {(True, False): "▀", (False, True): "▄"}


@dataclass(frozen=True, slots=True)
class Span:
    """A candle's place: half cells from the top, each end included."""

    high: int
    body_top: int
    body_bottom: int
    low: int
    rising: bool

    def state(self, half: int) -> int:
        if self.body_top <= half <= self.body_bottom:
            return BODY
        return WICK if self.high <= half <= self.low else NOTHING

    @property
    def fills_a_cell(self) -> bool:
        return self.body_top + self.body_top % 2 < self.body_bottom


def cells(span: Span, body: int) -> Iterator[tuple[int, str]]:
    """(row, text of `body` columns) for every row the candle touches. `body` is odd."""
    hollow = span.rising
    for row in range(span.high // 2, span.low // 2 + 1):
        upper, lower = span.state(row * 2), span.state(row * 2 + 1)
        if BODY not in (upper, lower):
            yield row, _WICKS[upper, lower].center(body)
        elif hollow and body == 1:
            yield row, SHADE
        elif upper == lower:
            yield row, _hollow(span, row, body) if hollow else "█" * body
        else:
            half = "▀" if upper == BODY else "▄"
            inside = " " if hollow and not span.fills_a_cell else half
            yield row, half + inside * (body - 2) + half if body > 1 else half


def _hollow(span: Span, row: int, body: int) -> str:
    """A row that a rising body of several columns fills."""
    ends = (span.body_top == row * 2, span.body_bottom == row * 2 + 1)
    left, right = _HOLLOW_ROWS[ends]
    return left + _EDGES.get(ends, " ") * (body - 2) + right
