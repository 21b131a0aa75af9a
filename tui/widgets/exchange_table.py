"""The catalog's table. Rows are keyed by connector; a status change touches one cell."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import DataTable

from tui.catalog_text import (
    MATURITY_WORDS,
    STATUS_WORDS,
    environments_safest_first,
    feature_letters,
    market_names,
    status_key,
)
from tui.typed import app_of

if TYPE_CHECKING:
    from catalog.catalog import BrokenEntry
    from catalog.model import CatalogEntry

STATUS, NAME, MATURITY, MARKETS, FEATURES, WHERE = (
    "status",
    "name",
    "maturity",
    "markets",
    "features",
    "where",
)
_TITLES = {
    STATUS: "Status",
    NAME: "Name",
    MATURITY: "Maturity",
    MARKETS: "Markets",
    FEATURES: "Features",
    WHERE: "Where",
}
_LAYOUTS: tuple[dict[str, int], ...] = (
    {STATUS: 13, NAME: 28, MATURITY: 13, MARKETS: 21, FEATURES: 10, WHERE: 22},
    {STATUS: 13, NAME: 22, MATURITY: 13, MARKETS: 21, FEATURES: 10},
    {STATUS: 12, NAME: 15, MATURITY: 12, MARKETS: 4, FEATURES: 9},
    {STATUS: 12, NAME: 16, MATURITY: 13, FEATURES: 9},
)
"""Columns with their widths, widest first; the last is for whatever room there is."""

_INITIALS_BELOW = 10
"""A markets column narrower than this names each market by its first letter, as the legend does."""

BROKEN_PREFIX = "broken:"


class ExchangeTable(DataTable[Text]):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", show=False),
        Binding("k", "cursor_up", show=False),
        Binding("g", "scroll_top", show=False),
        Binding("G", "scroll_bottom", show=False),
    ]

    class Resized(Message):
        """There is room for other columns now: fill the table again."""

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, cursor_type="row", cell_padding=0, zebra_stripes=False)
        self._widths: Mapping[str, int] = {}
        self._statuses: dict[str, str] = {}
        self._longest_name = 0

    @property
    def chosen(self) -> str | None:
        """The key of the row under the cursor."""
        if not self.row_count:
            return None
        return self.coordinate_to_cell_key(self.cursor_coordinate).row_key.value

    def fill(
        self,
        entries: "Sequence[CatalogEntry]",
        broken: "Sequence[BrokenEntry]",
        statuses: Mapping[str, object],
        packages: Mapping[str, str],
    ) -> None:
        """Show these rows, the cursor on the row it was on where that is still there.

        `packages` are those of the entries that are not built in.
        """
        chosen = self.chosen
        names = [*(entry.display_name for entry in entries), *(item.name for item in broken)]
        self._longest_name = 1 + max(map(cell_len, names), default=0)
        self._set_columns(self._fitting)
        self.clear()
        self._statuses.clear()
        for entry in entries:
            status = status_key(entry, statuses.get(entry.connector_type, "INACTIVE"))
            self._add_entry(entry, status, packages.get(entry.connector_type, ""))
        for position, item in enumerate(broken):
            cells = {STATUS: self._status_cell("BROKEN"), NAME: Text(item.name)}
            row = [cells.get(column, Text("")) for column in self._widths]
            self.add_row(*row, key=f"{BROKEN_PREFIX}{position}")
        if chosen is not None and chosen in {key.value for key in self.rows}:
            self.move_cursor(row=self.get_row_index(chosen))

    def show_status(self, entry: "CatalogEntry", status: object) -> None:
        """Update one cell, and only where it changed."""
        key = status_key(entry, status)
        if self._statuses.get(entry.connector_type, key) != key:
            self._statuses[entry.connector_type] = key
            self.update_cell(entry.connector_type, STATUS, self._status_cell(key))

    def choose(self, key: str) -> bool:
        """Move the cursor to a row; whether it is there."""
        if key not in {row.value for row in self.rows}:
            return False
        self.move_cursor(row=self.get_row_index(key))
        return True

    def _add_entry(self, entry: "CatalogEntry", status: str, package: str) -> None:
        origin = (f" ({package})", "dim") if package else ""
        cells = {
            STATUS: self._status_cell(status),
            NAME: Text.assemble(entry.display_name, origin, no_wrap=True, overflow="ellipsis"),
            MATURITY: Text(MATURITY_WORDS[entry.maturity.value]),
            MARKETS: Text(self._markets(entry)),
            FEATURES: Text(feature_letters(entry)),
            WHERE: Text(" ".join(environments_safest_first(entry.environments))),
        }
        for column, width in self._widths.items():
            cells[column].truncate(width - (column != FEATURES), overflow="ellipsis")
        self.add_row(*(cells[column] for column in self._widths), key=entry.connector_type)
        self._statuses[entry.connector_type] = status

    def _markets(self, entry: "CatalogEntry") -> str:
        names = market_names(entry)
        return (
            "".join(name[0] for name in names)
            if self._widths.get(MARKETS, 0) < _INITIALS_BELOW
            else " ".join(names)
        )

    def _status_cell(self, key: str) -> Text:
        glyph, word, colour = STATUS_WORDS[key]
        return Text(f"{glyph} {word}", style=app_of(self).theme_variables.get(colour.removeprefix("$"), ""))

    @property
    def _fitting(self) -> Mapping[str, int]:
        """The widest layout there is room for; what it leaves goes to the names, as far as they need it."""
        width = self.size.width
        layout = next((item for item in _LAYOUTS if sum(item.values()) < width), _LAYOUTS[-1])
        spare = max(0, width - 1 - sum(layout.values()))
        return {**layout, NAME: layout[NAME] + max(0, min(spare, self._longest_name - layout[NAME]))}

    def on_resize(self) -> None:
        if self._widths and self._fitting != self._widths:
            self.post_message(self.Resized())

    def _set_columns(self, widths: Mapping[str, int]) -> None:
        if widths == self._widths:
            return
        self._widths = widths
        self.clear(columns=True)
        for column, cells in widths.items():
            title = _TITLES[column] if cells > len(_TITLES[column]) or column != MARKETS else "Mkt"
            self.add_column(Text(title), key=column, width=cells)
