"""The setup wizard: pages made from an entry's manifest. Nothing is stored before its last button."""

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Button, Footer, Static

from tui import flows
from tui.catalog_text import LIVE, environment_mark, environments_safest_first, is_live
from tui.session import LastMarket
from tui.typed import app_of
from tui.widgets.secret_input import secrets_of
from tui.widgets.wizard.fields_step import FieldsStep
from tui.widgets.wizard.finish_step import FinishStep
from tui.widgets.wizard.place_step import PlaceStep
from tui.widgets.wizard.rights_step import RightsStep
from tui.widgets.wizard.step import Step, WizardContext
from tui.widgets.wizard.trial_step import TestStep
from tui.wizard_model import Draft

if TYPE_CHECKING:
    from catalog.model import CatalogEntry
    from connectors.runtime.manager import ExchangeManager

KEYED: tuple[type[Step], ...] = (PlaceStep, FieldsStep, TestStep, RightsStep, FinishStep)
KEYLESS: tuple[type[Step], ...] = (PlaceStep, FinishStep)


class WizardScreen(Screen[None]):
    """Leaves nothing behind but what its last page says it stored."""

    CSS_PATH = "wizard.tcss"
    HELP = """\
Sets an exchange up: where to connect, its credentials, a test of them by a signed call that only reads, what they may
do, and where they are kept. Escape leaves at any step, and nothing is stored before the last one.

Values are masked where they are secret; `Ctrl+R` shows one. They are never copied, logged or put into a screenshot.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f2", "back", "Back", id="wizard.back"),
        Binding("f3", "next", "Next", id="wizard.next"),
        Binding("escape", "cancel", "Cancel"),
    ]

    def __init__(
        self, manager: "ExchangeManager", entry: "CatalogEntry", *, environment: str | None = None
    ) -> None:
        super().__init__()
        names = environments_safest_first(entry.environments)
        draft = Draft(environment if environment in names else names[0] if names else LIVE)
        self._shared = WizardContext(manager, entry, draft)
        self._path = KEYED if entry.credentials else KEYLESS
        self._steps: dict[type[Step], Step] = {}
        self._position = 0
        self._start_at_fields = environment in names and bool(entry.credentials)

    # --- layout --------------------------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        yield Static("", id="wizard-title", markup=False)
        yield Static("", id="wizard-path", markup=False)
        yield Vertical(id="wizard-body")
        with Horizontal(id="wizard-buttons"):
            yield Button("Cancel", id="wizard-cancel", compact=True)
            yield Button("Back", id="wizard-back", compact=True)
            yield Button("Next", id="wizard-next", compact=True, variant="primary")
        yield Footer(show_command_palette=False, compact=True)

    async def on_mount(self) -> None:
        await self._show(1 if self._start_at_fields else 0)

    @property
    def _step(self) -> Step:
        return self._steps[self._path[self._position]]

    async def _show(self, position: int) -> None:
        """Bring a page up, made when it is first needed and kept while the wizard is open."""
        for field in secrets_of(self):
            field.rest()
        self._position = position
        kind = self._path[position]
        if kind not in self._steps:
            self._steps[kind] = kind(self._shared)
            await self.query_one("#wizard-body").mount(self._steps[kind])
        for step in self._steps.values():
            step.display = step is self._steps[kind]
        self._show_frame()
        self._steps[kind].shown()

    def _show_frame(self) -> None:
        draft, entry = self._shared.draft, self._shared.entry
        live = is_live(draft.environment)
        where = (
            (f"{environment_mark(draft.environment)}: REAL MONEY", "bold $error")
            if live
            else (draft.environment, "$muted-text")
        )
        profile = (f"  profile {draft.profile}", "$muted-text")
        origin = self._shared.manager.package(entry.connector_type)
        package = (f"  for the package {origin}" if origin else "", "$warning")
        self.query_one("#wizard-title", Static).update(
            Content.assemble((f"Set up {entry.display_name}", "bold $primary"), "  ", where, profile, package)
        )
        parts: list[str | tuple[str, str]] = []
        for place, kind in enumerate(self._path):
            style = "bold" if place == self._position else "$muted-text"
            mark = "✓" if place < self._position else str(place + 1)
            parts += [
                (f"{mark} {kind.TITLE}", style),
                ("  ›  " if place + 1 < len(self._path) else "", "$muted-text"),
            ]
        self.query_one("#wizard-path", Static).update(Content.assemble(*parts))
        last = self._position + 1 == len(self._path)
        self.query_one("#wizard-back", Button).disabled = self._position == 0
        self.query_one("#wizard-next", Button).display = not last
        self.query_one("#wizard-next", Button).disabled = not self._step.ready
        self.query_one("#wizard-back", Button).display = not self._done
        self.query_one("#wizard-cancel", Button).label = "Close" if self._done else "Cancel"
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The footer offers only the ways there are."""
        if action == "next":
            return self._position + 1 < len(self._path)
        if action == "back":
            return self._position > 0 and not self._done
        return True

    @property
    def _done(self) -> bool:
        step = self._steps.get(FinishStep)
        return isinstance(step, FinishStep) and step.done

    # --- moving --------------------------------------------------------------------------------------------------

    async def action_next(self) -> None:
        step = self._step
        if self._position + 1 < len(self._path) and step.ready and step.accept():
            await self._show(self._position + 1)

    async def action_back(self) -> None:
        if self._position == 0 or self._done:
            return
        if self._path is KEYLESS and self._shared.entry.credentials:
            self._path = KEYED
            await self._show(1)
        else:
            position = self._position - 1
            if self._path[position] is TestStep:
                position -= 1
            self._step.left()
            await self._show(position)

    def action_cancel(self) -> None:
        """Leave; whatever was typed is forgotten."""
        if not self._done:
            app_of(self).notify("Nothing was stored.", title="Setup cancelled")
        self._forget()
        self.dismiss()

    def _forget(self) -> None:
        for step in self._steps.values():
            step.wipe()
        self._shared.draft.wipe()

    def on_unmount(self) -> None:
        self._shared.draft.wipe()

    # --- events --------------------------------------------------------------------------------------------------

    async def on_button_pressed(self, event: Button.Pressed) -> None:
        match event.button.id:
            case "wizard-next":
                await self.action_next()
            case "wizard-back":
                await self.action_back()
            case _:
                self.action_cancel()

    async def on_step_advance(self, _: Step.Advance) -> None:
        await self.action_next()

    def on_step_changed(self, _: Step.Changed) -> None:
        self._show_frame()

    async def on_fields_step_without_credentials(self, _: FieldsStep.WithoutCredentials) -> None:
        self._path = KEYLESS
        await self._show(1)

    def on_finish_step_finished(self, message: FinishStep.Finished) -> None:
        self._forget()
        self.dismiss()
        if message.instance is not None:
            instance = message.instance
            where = LastMarket(instance.connector_type, instance.market_type.value, instance.environment)
            flows.open_market(app_of(self), where)
