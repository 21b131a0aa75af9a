"""The glyphs of one candle. Heights are counted in half cells from the top of the plot.

A falling candle is filled, a rising one hollow (in one column: a heavy line), so the direction shows without colour.
"""

from collections.abc import Iterator
from dataclasses import dataclass

NOTHING, WICK, BODY = 0, 1, 2

_HOLLOW = {
    (NOTHING, NOTHING): " ",
    (WICK, WICK): "│",
    (BODY, BODY): "┃",
    (WICK, BODY): "╽",
    (BODY, WICK): "╿",
    (NOTHING, WICK): "╷",
    (WICK, NOTHING): "╵",
    (NOTHING, BODY): "╻",
    (BODY, NOTHING): "╹",
}
_FILLED = {
    **_HOLLOW,
    (BODY, BODY): "█",
    (WICK, BODY): "▄",
    (BODY, WICK): "▀",
    (NOTHING, BODY): "▄",
    (BODY, NOTHING): "▀",
}


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


def cells(span: Span, body: int) -> Iterator[tuple[int, str]]:
    """(row, text of `body` columns) for every row the candle touches. `body` is odd."""
    for row in range(span.high // 2, span.low // 2 + 1):
        halves = (span.state(row * 2), span.state(row * 2 + 1))
        if body == 1:
            yield row, (_HOLLOW if span.rising else _FILLED)[halves]
        elif BODY not in halves:
            yield row, _HOLLOW[halves].center(body)
        elif span.rising:
            yield row, _box(span, row, body)
        else:
            yield row, _FILLED[halves] * body


def _box(span: Span, row: int, body: int) -> str:
    """One row of a hollow body with room inside."""
    top, bottom = span.body_top // 2, span.body_bottom // 2
    above, below = span.high < span.body_top, span.low > span.body_bottom
    edge = "─" * (body // 2)
    if top == bottom:
        return (
            edge
            + {(False, False): "─", (True, False): "┴", (False, True): "┬", (True, True): "┼"}[above, below]
            + edge
        )
    inner = "─" * (body // 2 - 1)
    if row == top:
        return f"┌{inner}{'┴' if above else '─'}{inner}┐"
    if row == bottom:
        return f"└{inner}{'┬' if below else '─'}{inner}┘"
    return "│" + " " * (body - 2) + "│"
