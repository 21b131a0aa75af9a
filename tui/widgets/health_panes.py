"""The health screen's panes over its model: title, connections, subscriptions, budgets, details."""

from collections.abc import Callable, Hashable, Sequence

from connectors.contracts import RequestBudget
from tui.health_model import ClockView, ConnectionView, HealthModel, SubscriptionView
from tui.widgets import columns
from tui.widgets.health_detail_rows import Subject, detail_rows
from tui.widgets.health_rows import (
    budget_row,
    clock_row,
    connection_columns,
    health_title,
    subscription_columns,
)
from tui.widgets.list_pane import ListPane, T
from tui.widgets.rows import Row, Run, row_text
from tui.widgets.rows_widget import RowsWidget

_NOTHING_ACTIVE: list[Run] = [
    ("nothing is active", "muted"),
    ("activate an exchange in the catalog: Esc, then a", "muted"),
]


class HealthTitle(RowsWidget):
    DEFAULT_CSS = "HealthTitle { height: 1; }"

    def __init__(self, model: HealthModel, *, pane_id: str | None = None) -> None:
        super().__init__(pane_id=pane_id)
        self._model = model
        self._seen = -1

    def changed(self) -> bool:
        seen, self._seen = self._seen, self._model.version
        return seen != self._seen

    def build(self, width: int, height: int) -> Sequence[Row]:
        return [health_title(self._model.view, width)]


class ModelPane(ListPane[T]):
    """A list out of the model: it changes when the model was polled."""

    def __init__(self, model: HealthModel, *, pane_id: str | None = None) -> None:
        super().__init__(pane_id=pane_id)
        self.model = model
        self._seen = -1

    def changed(self) -> bool:
        seen, self._seen = self._seen, self.model.version
        return seen != self._seen

    def header_runs(self) -> list[Run]:
        return [(f"  {len(self.items())}", "header")]


class ConnectionPane(ModelPane[ConnectionView]):
    title = "Connections"

    def items(self) -> Sequence[ConnectionView]:
        return self.model.view.connections

    def key_of(self, item: ConnectionView) -> Hashable:
        return item.key

    def head_rows(self, width: int) -> list[Row]:
        return [columns.title_row(self._columns(width), width)]

    def item_row(self, item: ConnectionView, width: int, *, selected: bool) -> Row:
        return columns.item_row(self._columns(width), item, width, selected=selected)

    def _columns(self, width: int) -> Sequence[columns.Column[ConnectionView]]:
        return columns.fitting(connection_columns(self.model.view.at), width)

    def explanation(self) -> list[Run]:
        return _NOTHING_ACTIVE


class SubscriptionPane(ModelPane[SubscriptionView]):
    title = "Subscriptions"

    def items(self) -> Sequence[SubscriptionView]:
        return self.model.view.subscriptions

    def key_of(self, item: SubscriptionView) -> Hashable:
        return item.key

    def head_rows(self, width: int) -> list[Row]:
        return [columns.title_row(columns.fitting(subscription_columns(), width), width)]

    def item_row(self, item: SubscriptionView, width: int, *, selected: bool) -> Row:
        return columns.item_row(
            columns.fitting(subscription_columns(), width), item, width, selected=selected
        )

    def explanation(self) -> list[Run]:
        if not self.model.view.instances:
            return _NOTHING_ACTIVE
        return [
            ("no stream is subscribed to", "muted"),
            ("watch a market: its streams are shown here", "muted"),
        ]


class BudgetPane(ModelPane[RequestBudget | ClockView]):
    title = "Requests"

    def items(self) -> Sequence[RequestBudget | ClockView]:
        view = self.model.view
        return (*view.budgets, *view.clocks)

    def key_of(self, item: RequestBudget | ClockView) -> Hashable:
        return item.key if isinstance(item, ClockView) else (item.scope, item.meter)

    def header_runs(self) -> list[Run]:
        blocked = self.model.view.blocked_for
        return [(f"  held back {blocked:.0f}s", "header.error")] if blocked else []

    def item_row(self, item: RequestBudget | ClockView, width: int, *, selected: bool) -> Row:
        if isinstance(item, ClockView):
            return clock_row(item, width, selected=selected)
        return budget_row(item, width, selected=selected)

    def explanation(self) -> list[Run]:
        return [("no request limit is known", "muted")]


class DetailPane(ListPane[Row]):
    """Everything about what was chosen last. `subject` is asked at every drawing, so it is never old."""

    title = "Details"
    selectable = False

    def __init__(
        self, model: HealthModel, subject: Callable[[], Subject | None], *, pane_id: str | None = None
    ) -> None:
        super().__init__(pane_id=pane_id)
        self._model = model
        self._subject = subject
        self._seen: tuple[object, ...] = ()
        self._lines: list[Row] = []

    def changed(self) -> bool:
        seen = self._seen
        self._seen = (self._model.version, self._subject())
        return seen != self._seen

    def show_from_top(self) -> None:
        self._top = 0
        self.redraw()

    def build(self, width: int, height: int) -> Sequence[Row]:
        self._lines = detail_rows(self._subject(), width, self._model.view.at)
        return super().build(width, height)

    def items(self) -> Sequence[Row]:
        return self._lines

    def key_of(self, item: Row) -> Hashable:
        return item

    def item_row(self, item: Row, width: int, *, selected: bool) -> Row:
        return item

    def explanation(self) -> list[Run]:
        return [("nothing is chosen", "muted")]

    def action_copy_row(self) -> None:
        self.app.copy_to_clipboard("\n".join(row_text(row).rstrip() for row in self._lines))
        self.app.notify("Details copied to the clipboard.", markup=False, timeout=2)
