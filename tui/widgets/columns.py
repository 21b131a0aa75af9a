"""Tables of a Line-API pane: columns that give way to more important ones where there is no room. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from tui.widgets.rows import Row, Run, crop, fit, right

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Column(Generic[T]):
    """`cell` gives text and style name. The lower the `rank`, the longer it stays; rank 0 always does.

    One column may `stretch`: it takes what the others leave.
    """

    title: str
    width: int
    cell: Callable[[T], Run]
    rank: int = 0
    left: bool = False
    stretch: bool = False


def fitting(columns: Sequence[Column[T]], width: int) -> tuple[Column[T], ...]:
    """The columns that have room in `width` cells, in their order."""
    kept = list(columns)
    while len(kept) > 1 and _needed(kept) > width:
        least = max(kept, key=lambda column: column.rank)
        if least.rank == 0:
            break
        kept.remove(least)
    return tuple(kept)


def _needed(columns: Sequence[Column[T]]) -> int:
    return sum(column.width for column in columns) + len(columns)


def title_row(columns: Sequence[Column[T]], width: int) -> Row:
    return _row(columns, width, lambda column: (column.title, "muted"), " ", "muted")


def item_row(columns: Sequence[Column[T]], item: T, width: int, *, selected: bool = False) -> Row:
    """The item in exactly `width` cells. Selection is told by a mark as well as by colour."""
    mark, base = ("▸", "cursor") if selected else (" ", "text")
    return _row(columns, width, lambda column: _cell(column, item, selected), mark, base)


def _cell(column: Column[T], item: T, selected: bool) -> Run:
    text, style = column.cell(item)
    return text, on_cursor(style) if selected else style


def on_cursor(style: str) -> str:
    """The style of a run on the line that is chosen."""
    return "cursor" if style in ("text", "muted", "faint", "bold") else f"{style.removesuffix('.bold')}.row"


def _row(
    columns: Sequence[Column[T]], width: int, cell: Callable[[Column[T]], Run], mark: str, base: str
) -> Row:
    spare = max(0, width - _needed(columns))
    runs: list[Run] = [(mark, base)]
    for place, column in enumerate(columns):
        text, style = cell(column)
        room = column.width + (spare if column.stretch else 0)
        runs.append((fit(text, room) if column.left else right(text, room), style))
        if place < len(columns) - 1:
            runs.append((" ", base))
    return crop(runs, width, base)
