"""A row on screen as plain data: runs of text, each with the name of its style.

The builders of rows are pure functions; `RowsWidget` turns their rows into strips and repaints only what differs.
"""

from collections.abc import Sequence
from typing import TypeAlias

from rich.cells import cell_len, set_cell_size

Run: TypeAlias = tuple[str, str]
"""(text, style name)."""
Row: TypeAlias = tuple[Run, ...]

EIGHTHS = ("", "▏", "▎", "▍", "▌", "▋", "▊", "▉")
LOWER_EIGHTHS = (" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█")


def cells_of(text: str) -> int:
    """How many cells a text takes. Most are plain ASCII (control characters never get here), where that is at hand."""
    return len(text) if text.isascii() else cell_len(text)


def row_width(row: Sequence[Run]) -> int:
    return sum([len(text) if text.isascii() else cell_len(text) for text, _ in row])


def row_text(row: Row) -> str:
    return "".join([text for text, _ in row])


def fit(text: str, width: int) -> str:
    """The text in exactly `width` cells, cut with an ellipsis where it is longer. Wide glyphs are never split."""
    if width <= 0:
        return ""
    length = cells_of(text)
    if length <= width:
        return text + " " * (width - length)
    return set_cell_size(text, width - 1) + "…"


def right(text: str, width: int) -> str:
    """The text at the right of exactly `width` cells."""
    length = cells_of(text)
    return " " * (width - length) + text if length <= width else fit(text, width)


def centred(text: str, width: int) -> str:
    """The text in the middle of exactly `width` cells."""
    length = cells_of(text)
    if length >= width:
        return fit(text, width)
    return fit(" " * ((width - length) // 2) + text, width)


def bar(value: float, largest: float, width: int) -> str:
    """A bar from the left in exactly `width` cells, to an eighth of a cell; anything above nothing is seen."""
    if width <= 0:
        return ""
    if value <= 0 or largest <= 0:
        return " " * width
    eighths = max(1, round(min(1.0, value / largest) * width * 8))
    whole, part = divmod(eighths, 8)
    return ("█" * whole + EIGHTHS[part]).ljust(width)


def crop(runs: Sequence[Run], width: int, filler: str) -> Row:
    """The runs as a row of exactly `width` cells: what is too long is cut, what is missing is filled."""
    spare = width - row_width(runs)
    if spare >= 0:
        whole = [run for run in runs if run[0]]
        return (*whole, (" " * spare, filler)) if spare else tuple(whole)
    cropped: list[Run] = []
    left = width
    for text, style in runs:
        length = cells_of(text)
        if length > left:
            if left > 0:
                cropped.append((set_cell_size(text, left), style))
            break
        if text:
            cropped.append((text, style))
            left -= length
    return tuple(cropped)


def message_rows(lines: list[Run], width: int, height: int) -> list[Row]:
    """A pane that has no data: its lines in the middle, each wrapped by words, the rest blank."""
    shown: list[Run] = []
    for text, style in lines:
        shown.extend((line, style) for line in wrapped(text, max(1, width - 2)))
    shown = shown[:height]
    top = (height - len(shown)) // 2
    rows: list[Row] = [((" " * width, "text"),)] * height
    for index, (text, style) in enumerate(shown):
        rows[top + index] = ((centred(text, width), style),)
    return rows


def wrapped(text: str, width: int, following: int | None = None) -> list[str]:
    """The text in lines of at most `width` cells, the second and later ones of at most `following`, cut at spaces."""
    lines: list[str] = []
    current = ""
    for word in text.split():
        room = width if not lines or following is None else following
        joined = f"{current} {word}" if current else word
        if cells_of(joined) <= room:
            current = joined
            continue
        if current:
            lines.append(current)
            room = width if following is None else following
        current = fit(word, room) if cells_of(word) > room else word
    if current:
        lines.append(current)
    return lines or [""]
