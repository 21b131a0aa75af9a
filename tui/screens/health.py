"""Health: every connection, subscription and request budget of what is active, and the program's log."""

import time
from collections.abc import Callable
from typing import ClassVar, cast

from textual import events, getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Footer, Input

from connectors.contracts import RotatesConnections
from connectors.contracts.errors import BarfinexError
from tui.health_model import ConnectionView, HealthModel, HealthSource
from tui.log_ring import LogRing
from tui.screens.timed import TimedScreen
from tui.seen import is_seen
from tui.widgets.health_detail_rows import Subject
from tui.widgets.health_log import LogPane
from tui.widgets.health_panes import BudgetPane, ConnectionPane, DetailPane, HealthTitle, SubscriptionPane
from tui.widgets.list_pane import AnyListPane, ListPane
from tui.widgets.rows_widget import RowsWidget, app_class

FPS = 4
POLL_SECONDS = 1.0
_MOST_CONNECTIONS, _MOST_BUDGETS = 6, 5


class HealthScreen(TimedScreen):
    """Polls once a second while it is seen, and draws what changed. `clock` is monotonic seconds."""

    app = getters.app(app_class)
    CSS_PATH = "health.tcss"
    TITLE = "Health"
    AUTO_FOCUS = "#connections"
    HORIZONTAL_BREAKPOINTS: list[tuple[int, str]] | None = [  # noqa: RUF012 - Textual declares it so
        (0, "-health-narrow"),
        (110, "-health-wide"),
    ]
    VERTICAL_BREAKPOINTS: list[tuple[int, str]] | None = [  # noqa: RUF012 - Textual declares it so
        (0, "-health-short"),
        (34, "-health-tall"),
    ]
    HELP = """\
## Health
`1` connections, `2` subscriptions, `3` requests, `4` details, `5` log: once to go there, again to have it alone.
`Enter` shows the details of what is chosen, `r` replaces the chosen connection: the new one is made first, so nothing
is lost. In the log `l` chooses the level, `/` filters, `p` pauses, `f` follows again.

A connection lives by any byte (byte), a subscription by its data (data): a quiet market is not a fault. The lag is
measured by the venue's clock, from the event to its handling, on a few frames a second; `–` is unknown.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("1", "pane('connections')", "Pane", key_display="1-5", id="health.connections"),
        Binding("2", "pane('subscriptions')", "Subscriptions", show=False, id="health.subscriptions"),
        Binding("3", "pane('budgets')", "Requests", show=False, id="health.requests"),
        Binding("4", "pane('details')", "Details", show=False, id="health.details"),
        Binding("5", "pane('log')", "Log", show=False, id="health.log"),
        Binding("enter", "details", "Details", key_display="Enter", id="health.open"),
        Binding("r", "rotate", "Replace", id="health.replace", tooltip="Replace the chosen connection"),
        Binding("slash", "search", "Filter log", key_display="/", id="health.filter"),
        Binding("tab", "next_pane(1)", "Next pane", show=False, id="health.next_pane"),
        Binding("shift+tab", "next_pane(-1)", "Previous pane", show=False, id="health.previous_pane"),
        Binding("z", "alone", "Alone", show=False, id="health.alone"),
        Binding("escape", "back", "Back", id="health.back"),
    ]

    def __init__(
        self, source: HealthSource, ring: LogRing, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__()
        self._source = source
        self.model = HealthModel(source, clock)
        self.ring = ring
        self._chosen: AnyListPane | None = None
        self._before_details: AnyListPane | None = None

    # --- composition ---------------------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        model = self.model
        yield HealthTitle(model, pane_id="health-title")
        with Vertical(id="health-panes"):
            yield ConnectionPane(model, pane_id="connections")
            with Horizontal(id="health-middle"):
                with Vertical(id="health-left"):
                    yield SubscriptionPane(model, pane_id="subscriptions")
                    yield BudgetPane(model, pane_id="budgets")
                yield DetailPane(model, self._subject, pane_id="details")
            with Vertical(id="health-log"):
                yield LogPane(self.ring, pane_id="log")
                yield Input(placeholder="text in the log", id="log-filter", compact=True)
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        self.frames = self.set_interval(1 / FPS, self.frame, name="frames")
        self.polls = self.set_interval(POLL_SECONDS, self.poll, name="health")
        self.poll()

    # --- frames --------------------------------------------------------------------------------------------------

    def poll(self) -> None:
        if not is_seen(self):
            return
        self.model.poll()
        self._fit_heights()
        self.frame()

    def _fit_heights(self) -> None:
        """Connections and requests take the lines they need, up to a few; the rest of the screen takes what is left."""
        view, alone = self.model.view, self.has_class("-alone")
        for name, most, count in (
            ("connections", _MOST_CONNECTIONS, 2 + max(2, len(view.connections))),
            ("budgets", _MOST_BUDGETS, 1 + max(1, len(view.budgets) + len(view.clocks))),
        ):
            height = None if alone else min(count, most + 2)
            styles = self.query_one(f"#{name}").styles.inline
            if (None if styles.height is None else styles.height.value) != height:
                styles.height = height

    def frame(self) -> None:
        if not is_seen(self):
            return
        for widget in self.query(RowsWidget):
            if widget.is_on_screen:
                widget.flush()

    def catch_up(self) -> None:
        self.poll()

    # --- what is chosen ------------------------------------------------------------------------------------------

    def _subject(self) -> Subject | None:
        pane = self._chosen or self.query_one(ConnectionPane)
        return cast("Subject | None", pane.chosen)

    @on(ListPane.Chosen)
    def _choice_changed(self, message: ListPane.Chosen) -> None:
        self._chosen = message.pane
        self.query_one(DetailPane).show_from_top()

    def action_details(self) -> None:
        if isinstance(self.focused, AnyListPane) and not isinstance(self.focused, DetailPane):
            self._before_details = self.focused
            if not self.query_one(DetailPane).is_on_screen:
                self._set_alone(True)
            self._go_to("details")

    # --- panes ---------------------------------------------------------------------------------------------------

    def action_pane(self, name: str) -> None:
        pane = self.query_one(f"#{name}", AnyListPane)
        if pane.has_focus:
            self.action_alone()
        else:
            self._before_details = None
            if not pane.is_on_screen:
                self._set_alone(True)
            self._go_to(name)

    def action_next_pane(self, step: int) -> None:
        panes = [pane for pane in self.query(AnyListPane) if self.has_class("-alone") or pane.is_on_screen]
        at = next((place for place, pane in enumerate(panes) if pane.has_focus), 0)
        self._go_to(str(panes[(at + step) % len(panes)].id))

    def _go_to(self, name: str) -> None:
        chosen = self.query_one(f"#{name}", AnyListPane)
        self._mark(chosen)
        # A pane that was hidden can be focused only once it is laid out.
        self.call_after_refresh(chosen.focus)

    def _mark(self, chosen: AnyListPane) -> None:
        for pane in self.query(AnyListPane):
            pane.set_class(pane is chosen, "-chosen")
        for holder in self.query("#health-middle, #health-left, #health-log"):
            holder.set_class(chosen in holder.walk_children(), "-holds-chosen")

    def action_alone(self) -> None:
        self._set_alone(not self.has_class("-alone"))

    def _set_alone(self, alone: bool) -> None:
        self.set_class(alone, "-alone")
        self._fit_heights()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        if isinstance(event.widget, AnyListPane):
            self._mark(event.widget)

    async def action_back(self) -> None:
        before, self._before_details = self._before_details, None
        if before is not None:
            self._set_alone(False)
            self._go_to(str(before.id))
        elif self.has_class("-alone"):
            self._set_alone(False)
        elif len(self.app.screen_stack) > 1:
            await self.app.pop_screen()

    # --- log -----------------------------------------------------------------------------------------------------

    def action_search(self) -> None:
        self.add_class("-filtering")
        self._mark(self.query_one(LogPane))
        self.query_one("#log-filter", Input).focus()

    @on(Input.Changed, "#log-filter")
    def _filter_changed(self, message: Input.Changed) -> None:
        self.query_one(LogPane).filter(text=message.value.strip())

    @on(Input.Submitted, "#log-filter")
    def _filter_entered(self) -> None:
        self._end_search()

    def _end_search(self) -> None:
        self.remove_class("-filtering")
        self.query_one(LogPane).focus()

    def on_key(self, event: events.Key) -> None:
        if event.key == "escape" and self.has_class("-filtering"):
            event.stop()
            self.query_one("#log-filter", Input).value = ""
            self._end_search()

    # --- remedies ------------------------------------------------------------------------------------------------

    def action_rotate(self) -> None:
        chosen = self.query_one(ConnectionPane).chosen
        if chosen is None or chosen.health is None:
            self._say("Choose a connection first.")
            return
        self._say(self._rotate(chosen))

    def _rotate(self, view: ConnectionView) -> str:
        try:
            streams = self._source.bundle(view.connector_type, view.market_type).ws
        except BarfinexError as error:
            return str(error)
        if not isinstance(streams, RotatesConnections):
            return f"{view.connector_type} cannot replace a connection on request."
        if streams.rotate(view.health.name if view.health is not None else view.name):
            return f"{view.name} is being replaced; no event is lost."
        return f"{view.name} is {view.state.lower()}: only a live connection can be replaced."

    def _say(self, text: str) -> None:
        self.app.notify(text, title="Connection", markup=False, timeout=3)
