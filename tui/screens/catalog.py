"""The catalog: what can be connected, by segment, and what is connected now."""

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import DataTable, Footer, Input, Static

from tui import catalog_text
from tui.catalog_text import Filters
from tui.key_hints import key_of
from tui.messages import ServicesFailed, ServicesReady
from tui.seen import is_seen
from tui.typed import app_of
from tui.widgets.exchange_detail import ExchangeDetail, broken_lines, entry_lines
from tui.widgets.exchange_table import BROKEN_PREFIX, ExchangeTable
from tui.widgets.filter_bar import CLEAR, KINDS, Chip, FilterBar
from tui.widgets.segment_tree import BROKEN, SegmentTree

if TYPE_CHECKING:
    from catalog.catalog import BrokenEntry
    from catalog.model import CatalogEntry
    from tui.services import Services

POLL_SECONDS = 1.0
"""Reconnecting is derived from a connection's health, which nobody announces."""


class CatalogScreen(Screen[None]):
    """Browse, search, filter, set up, activate."""

    AUTO_FOCUS = ""
    HELP = """\
Every exchange, broker and data provider that barfinex knows. The tree narrows the table to a segment, `/` searches,
and the chips narrow by what a venue offers. `Enter` sets an entry up, or opens its market once it is active.

A feature is a letter: upper case where the connector does it, lower case where only the venue offers it.
Broken plug-ins have a group of their own at the end of the tree, with the reason.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", "Search", id="catalog.search", key_display="/"),
        Binding("enter", "open", "Open", id="catalog.open", show=False),
        Binding("w", "wizard", "Set up", id="catalog.wizard"),
        Binding("a", "activate", "Activate", id="catalog.activate"),
        Binding("d", "deactivate", "Turn off", id="catalog.deactivate"),
        Binding("m", "market", "Market", id="catalog.market"),
        Binding("i", "details", "Details", id="catalog.details"),
        Binding("1", "filter('market')", "Filter by market", id="catalog.filter.market", show=False),
        Binding("2", "filter('feature')", "Filter by feature", id="catalog.filter.feature", show=False),
        Binding("3", "filter('maturity')", "Filter by maturity", id="catalog.filter.maturity", show=False),
        Binding("4", "filter('environment')", "Filter by place", id="catalog.filter.environment", show=False),
        Binding("0", "clear_filters", "Clear filters", id="catalog.filter.clear", show=False),
        Binding("r", "reload", "Reload", id="catalog.reload", show=False),
        Binding("escape", "back", "Back", show=False),
    ]

    def __init__(self) -> None:
        super().__init__(classes="-state")
        self._furnished = False
        self._details_alone = False
        self._filters = Filters()
        self._stop_listening: Any = None
        self._shown: tuple[CatalogEntry, ...] = ()

    @property
    def _services(self) -> "Services | None":
        return app_of(self).services if self._furnished else None

    def _key(self, name: str, usual: str) -> str:
        return key_of(app_of(self), f"catalog.{name}", usual)

    @property
    def _flows(self):
        from tui import flows  # noqa: PLC0415 - the first paint does without

        return flows

    # --- layout --------------------------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        """The first frame: a frame and a word. The rest is mounted behind it, which halves what the start costs."""
        with Horizontal(id="title"):
            yield Static("barfinex", id="title-name", markup=False)
            yield Static("", id="title-counts", markup=False)
        with Horizontal(id="body"), Vertical(id="middle"):
            yield Static("Loading the catalog…", id="state", markup=False)

    def on_mount(self) -> None:
        self.query_one("#middle").border_title = "Exchanges"
        self.call_after_refresh(self._furnish)

    async def _furnish(self) -> None:
        table = ExchangeTable(id="exchanges")
        with app_of(self).batch_update():
            middle = self.query_one("#middle")
            await middle.mount_all(
                [
                    Input(
                        placeholder=f"{self._key('search', '/')} search",
                        id="search",
                        compact=True,
                        select_on_focus=False,
                    ),
                    FilterBar(id="filters"),
                    table,
                ],
                before="#state",
            )
            await middle.mount(Static(Content(catalog_text.LEGEND), id="legend", markup=False))
            segments, detail = SegmentTree(id="segments"), ExchangeDetail(id="detail")
            segments.border_title, detail.border_title = "Segments", "Details"
            body = self.query_one("#body")
            await body.mount(segments, before="#middle")
            await body.mount(detail)
            await self.mount(Footer(show_command_palette=False, compact=True))
        if not table.is_attached:
            return  # the app was left meanwhile
        app_of(self).theme_changed_signal.subscribe(self, lambda _: self._refill())
        self._furnished = True
        self.refresh_bindings()
        table.focus()
        if self._services is not None:
            self._start(self._services)
        elif (error := app_of(self).services_error) is not None:
            self._show_state(error, failed=True)

    @property
    def takes_keys(self) -> bool:
        """Keys that are typed before wait until there is something to do with them."""
        return self._furnished and (
            self._stop_listening is not None or app_of(self).services_error is not None
        )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing can be done before there is something to do it with."""
        return self._furnished

    def on_unmount(self) -> None:
        if self._stop_listening is not None:
            self._stop_listening()

    # --- states --------------------------------------------------------------------------------------------------

    def on_services_ready(self, _: ServicesReady) -> None:
        # Before the screen is furnished there is nothing to fill; it then starts by itself.
        if self._furnished and self._services is not None:
            self._start(self._services)

    def on_services_failed(self, message: ServicesFailed) -> None:
        self._show_state(message.reason, failed=True)

    def _start(self, services: "Services") -> None:
        if self._stop_listening is None:
            self.set_interval(POLL_SECONDS, self._refresh_statuses)
        else:
            self._stop_listening()
        self._stop_listening = services.manager.add_listener(self._on_manager_event)
        self._refill()
        default = app_of(self).settings.default_connector
        if default is not None:
            self.query_one(ExchangeTable).choose(default)

    def _on_manager_event(self, *_: object) -> None:
        self.call_later(self._refresh_statuses)

    def _show_state(self, text: str, *, failed: bool = False) -> None:
        if failed:
            text = f"The catalog could not be loaded.\n\n{text}\n\nPress {self._key('reload', 'r')} to try again."
        self.query_one("#state", Static).update(Content(text))
        self.set_class(failed, "-failed")
        self.add_class("-state")

    # --- filling -------------------------------------------------------------------------------------------------

    def _matching(self, filters: Filters) -> "tuple[CatalogEntry, ...]":
        services = self._services
        if services is None:
            return ()
        return services.catalog.filter(
            filters.text,
            market=filters.market,
            feature=filters.feature,
            maturity=filters.maturity,
            environment=filters.environment,
        )

    def _refill(self) -> None:
        """Show what the filters let through, in the table and in the tree's counts."""
        services = self._services
        if services is None:
            return
        filters = self._filters
        matching = self._matching(filters)
        counts = Counter(entry.segment.value for entry in matching)
        every = {segment.value: counts[segment.value] for segment in services.catalog.by_segment()}
        self.query_one(SegmentTree).show_counts(every, len(services.catalog.broken))
        only_broken = filters.segment == BROKEN
        entries = [entry for entry in matching if filters.segment in (None, entry.segment.value)]
        self._shown = () if only_broken else tuple(entries)
        broken = services.catalog.broken if only_broken else ()
        table = self.query_one(ExchangeTable)
        statuses = {entry.connector_type: self._status(entry) for entry in self._shown}
        catalog = services.catalog
        packages = {
            entry.connector_type: catalog.source(entry.connector_type).package for entry in self._shown
        }
        table.fill(self._shown, broken, statuses, packages)
        self.query_one(FilterBar).show(filters)
        if self._shown or broken:
            self.remove_class("-state", "-failed")
        else:
            self._show_state(
                f"Nothing matches.\n\nPress {self._key('filter.clear', '0')} to clear the filters."
            )
        self._show_counts()
        self._show_detail()

    def _show_counts(self) -> None:
        services = self._services
        if services is None:
            return
        total = len(services.catalog.entries)
        active = sum(1 for instance in services.manager.instances() if instance.status.name == "ACTIVE")
        parts = [f"{len(self._shown)} of {total} entries", f"{active} active"]
        if services.catalog.broken:
            parts.append(f"{len(services.catalog.broken)} broken")
        self.query_one("#title-counts", Static).update(Content(" · ".join(parts)))

    def _status(self, entry: "CatalogEntry") -> object:
        services = self._services
        return "INACTIVE" if services is None else services.manager.entry_status(entry.connector_type)

    def _refresh_statuses(self) -> None:
        if self._services is None or not self._furnished or not is_seen(self):
            return
        table = self.query_one(ExchangeTable)
        for entry in self._shown:
            table.show_status(entry, self._status(entry))
        self._show_counts()
        self._show_detail()

    def on_screen_resume(self) -> None:
        self._refresh_statuses()

    def on_exchange_table_resized(self, _: ExchangeTable.Resized) -> None:
        self._refill()

    # --- the chosen one ------------------------------------------------------------------------------------------

    @property
    def entry(self) -> "CatalogEntry | None":
        """The entry under the cursor."""
        key = self.query_one(ExchangeTable).chosen
        return None if key is None or self._services is None else self._services.catalog.get(key)

    @property
    def _broken(self) -> "BrokenEntry | None":
        key = self.query_one(ExchangeTable).chosen
        if key is None or self._services is None or not key.startswith(BROKEN_PREFIX):
            return None
        return self._services.catalog.broken[int(key.removeprefix(BROKEN_PREFIX))]

    def _instances(self, entry: "CatalogEntry") -> list[Any]:
        if self._services is None:
            return []
        instances = self._services.manager.instances()
        return [item for item in instances if item.connector_type == entry.connector_type]

    def _show_detail(self) -> None:
        detail = self.query_one(ExchangeDetail)
        services = self._services
        if (entry := self.entry) is not None and services is not None:
            source = services.catalog.source(entry.connector_type)
            detail.show(entry_lines(entry, self._status(entry), self._instances(entry), source))
        elif (broken := self._broken) is not None:
            detail.show(broken_lines(broken, self._key("reload", "r")))
        else:
            detail.show_nothing("Nothing chosen.")

    def choose(self, connector_type: str) -> None:
        """Bring an entry under the cursor, whatever the filters are."""
        if not self.query_one(ExchangeTable).choose(connector_type):
            self.action_clear_filters()
            self.query_one(ExchangeTable).choose(connector_type)
        self.query_one(ExchangeTable).focus()

    # --- events --------------------------------------------------------------------------------------------------

    def on_data_table_row_highlighted(self, _: DataTable.RowHighlighted) -> None:
        self._show_detail()

    def on_data_table_row_selected(self, _: DataTable.RowSelected) -> None:
        self.action_open()

    def on_segment_tree_chosen(self, message: SegmentTree.Chosen) -> None:
        self._narrow(segment=message.segment)

    def on_input_changed(self, message: Input.Changed) -> None:
        self._narrow(text=message.value.strip())

    def on_input_submitted(self, _: Input.Submitted) -> None:
        self.query_one(ExchangeTable).focus()

    def on_chip_pressed(self, message: Chip.Pressed) -> None:
        if message.kind == CLEAR:
            self.action_clear_filters()
        else:
            self.action_filter(message.kind)

    def _narrow(self, **changes: str | None) -> None:
        filters = replace(self._filters, **cast("dict[str, Any]", changes))
        if filters != self._filters:
            self._filters = filters
            self._refill()

    # --- actions -------------------------------------------------------------------------------------------------

    def action_search(self) -> None:
        if self._details_alone:
            self.action_details()
        # What was hidden can be focused only once it is laid out.
        self.call_after_refresh(self.query_one("#search", Input).focus)

    def action_back(self) -> None:
        """Leave the search, or the detail view of a narrow terminal."""
        if self._details_alone:
            self.action_details()
        if self.query_one("#search", Input).has_focus:
            self.query_one("#search", Input).value = ""
        self.query_one(ExchangeTable).focus()

    def action_details(self) -> None:
        """Where there is room for them beside the table, hide or show them; else they take its place, keys included."""
        self.toggle_class("-detail")
        self._details_alone = self.has_class("-narrow") and self.has_class("-detail")
        self.call_after_refresh(self._focus_what_is_seen)
        if not self._details_alone and self.focused is self.query_one(ExchangeDetail):
            self.query_one(ExchangeTable).focus()

    def on_resize(self) -> None:
        if self._furnished:
            self.call_after_refresh(self._focus_what_is_seen)

    def _focus_what_is_seen(self) -> None:
        """Keys never go to what is hidden. Textual gives the focus of what it hides to whatever comes next."""
        detail, narrow = self.query_one(ExchangeDetail), self.has_class("-narrow")
        if self._details_alone and not narrow:
            self._details_alone = False
            self.remove_class("-detail")
            self.query_one(ExchangeTable).focus()
        elif narrow and self.has_class("-detail"):
            self._details_alone = True
            detail.focus()
        elif self.focused is None or self.focused is detail:
            self.query_one(ExchangeTable).focus()

    def action_clear_filters(self) -> None:
        self.query_one("#search", Input).value = ""
        self.query_one(SegmentTree).choose(None)
        self._narrow(text="", segment=None, market=None, feature=None, maturity=None, environment=None)

    def action_filter(self, kind: str) -> None:
        """Choose a value of one filter from the values there are."""
        if self._services is None:
            return
        from tui.screens.choice import Choice, ChoiceScreen  # noqa: PLC0415 - opened when asked for

        title = next(title for _, name, title in KINDS if name == kind)
        present = catalog_text.filter_values(self._services.catalog.entries, kind)
        choices = [Choice("", "any"), *(Choice(value, word) for value, word in present)]
        current = cast("str | None", getattr(self._filters, kind))

        def chosen(value: str | None) -> None:
            if value is not None:
                self._narrow(**{kind: value or None})

        app_of(self).push_screen(ChoiceScreen(title, choices, chosen=current or ""), chosen)

    def action_reload(self) -> None:
        """Read the catalog again: a plug-in was installed or mended, or the first try failed."""
        if app_of(self).reload_services():
            self._show_state("Loading the catalog…")

    def action_open(self) -> None:
        if (entry := self.entry) is not None:
            if any(item.status.name in ("ACTIVE", "RECONNECTING") for item in self._instances(entry)):
                self.action_market()
            else:
                self.action_wizard()

    def action_wizard(self) -> None:
        if (entry := self.entry) is not None:
            self._flows.set_up(app_of(self), entry)

    def action_activate(self) -> None:
        if (entry := self.entry) is not None:
            self._flows.activate(app_of(self), entry)

    def action_deactivate(self) -> None:
        if (entry := self.entry) is not None:
            self._flows.deactivate(app_of(self), entry)

    def action_market(self) -> None:
        if (entry := self.entry) is not None:
            self._flows.watch(app_of(self), entry)
