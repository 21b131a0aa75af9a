"""The market screen's two single lines: the title above, the feed's health below."""

from collections.abc import Callable, Sequence

from tui.market_store import MarketStore
from tui.widgets.rows import Row
from tui.widgets.rows_widget import RowsWidget
from tui.widgets.status_rows import Where, status_row, title_row


class TitleLine(RowsWidget):
    """Symbol, last price and 24 hours."""

    DEFAULT_CSS = "TitleLine { height: 1; }"

    def __init__(self, store: MarketStore, where: Where, *, pane_id: str | None = None) -> None:
        super().__init__(pane_id=pane_id)
        self.store = store
        self.where = where
        self._seen: tuple[object, ...] = ()

    def show(self, store: MarketStore) -> None:
        self.store = store
        self.invalidate()

    def changed(self) -> bool:
        store = self.store
        seen = (id(store), store.last_version, store.price_version, store.link.lost, store.halt, store.finer)
        if seen == self._seen:
            return False
        self._seen = seen
        return True

    def build(self, width: int, height: int) -> Sequence[Row]:
        return [title_row(self.store, self.where, width)]


class StatusLine(TitleLine):
    """Connection state, latency, rate, reconnects, book, data age, dropped."""

    DEFAULT_CSS = "StatusLine { height: 1; }"

    def __init__(
        self, store: MarketStore, where: Where, clock: Callable[[], float], *, pane_id: str | None = None
    ) -> None:
        super().__init__(store, where, pane_id=pane_id)
        self._clock = clock

    def changed(self) -> bool:
        store = self.store
        second = int(self._clock()) if store.link.lost else 0
        seen = (id(store), store.health_version, store.link_version, store.book_state, second)
        if seen == self._seen:
            return False
        self._seen = seen
        return True

    def build(self, width: int, height: int) -> Sequence[Row]:
        return [status_row(self.store, self.where, width, now=self._clock())]
