"""Which cells of a row are not what they were: what a pane asks to have painted. Pure."""

import re

from tui.widgets.rows import Row, cells_of, row_text

_NEAR = 8
"""Unchanged cells between two changed parts that are written with them: moving over them would send as much."""
_ONE_CELL_EACH = re.compile("[ -~\u00a1-\u00ac\u00ae-\u02ff\u2010-\u2027\u2190-\u21ff\u2500-\u25fc✓✗]*")
"""Characters that take one cell and stay apart: of other texts no part can be told by counting characters."""


def changed_cells(before: Row, after: Row) -> list[tuple[int, int]]:
    """Where rows of one width differ: (first cell, cell after the last) from the left, what is near in one part."""
    was, now = row_text(before), row_text(after)
    if len(was) != len(now) or not _ONE_CELL_EACH.fullmatch(was + now):
        return [(0, max(cells_of(was), cells_of(now)))]
    parts: list[tuple[int, int]] = []
    at = 0
    olds = iter(before)
    old_end, old_style = 0, ""
    for text, style in after:
        end = at + len(text)
        while at < end:
            while old_end <= at:
                old, old_style = next(olds)
                old_end += len(old)
            stop = old_end if old_end < end else end
            if old_style != style:
                _add_part(parts, at, stop)
            elif was[at:stop] != now[at:stop]:
                first, last = at, stop - 1
                while was[first] == now[first]:
                    first += 1
                while was[last] == now[last]:
                    last -= 1
                _add_part(parts, first, last + 1)
            at = stop
    return parts


def _add_part(parts: list[tuple[int, int]], first: int, end: int) -> None:
    if parts and first - parts[-1][1] <= _NEAR:
        parts[-1] = (parts[-1][0], end)
    else:
        parts.append((first, end))
