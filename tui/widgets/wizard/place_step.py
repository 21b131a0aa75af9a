"""Step 1: which environment, and under which name the credentials are kept."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input, RadioSet, Static

from tui.catalog_text import environment_words, environments_safest_first, is_live
from tui.widgets.radio import Radio
from tui.widgets.wizard.step import Step, WizardContext, show_problem, text
from tui.wizard_model import profile_problem


class PlaceStep(Step):
    TITLE: ClassVar[str] = "Where"

    def __init__(self, context: WizardContext) -> None:
        super().__init__(context)
        self._names = environments_safest_first(context.entry.environments)

    def compose(self) -> ComposeResult:
        yield text("Which environment?", classes="label")
        with RadioSet(compact=True):
            for name in self._names:
                style = "bold $error" if is_live(name) else ""
                yield Radio(
                    Content.styled(environment_words(name), style),
                    value=name == self.context.draft.environment,
                )
        yield text("", classes="alarm", id="live-alarm")
        yield text("Profile", classes="label")
        yield text("A name for these credentials, where you have more than one account.", classes="note")
        yield Input(self.context.draft.profile, id="profile", compact=True, select_on_focus=False)
        yield text("", classes="problem", id="profile-problem")

    def on_mount(self) -> None:
        self._show_alarm()

    def shown(self) -> None:
        self.query_one(RadioSet).focus()

    @property
    def _environment(self) -> str:
        return self._names[max(0, self.query_one(RadioSet).pressed_index)]

    def _show_alarm(self) -> None:
        live = is_live(self._environment)
        words = "▲ LIVE: keys used here move REAL MONEY. Prefer a key that may only read." if live else ""
        alarm = self.query_one("#live-alarm", Static)
        alarm.update(Content(words))
        alarm.display = live

    def on_radio_set_changed(self, _: RadioSet.Changed) -> None:
        self._show_alarm()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        show_problem(self.query_one("#profile-problem", Static), None)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Advance())

    def accept(self) -> bool:
        profile = self.query_one("#profile", Input).value.strip()
        problem = profile_problem(profile)
        show_problem(self.query_one("#profile-problem", Static), problem and f"Profile {problem}.")
        if problem:
            self.query_one("#profile").focus()
            return False
        draft = self.context.draft
        if (draft.environment, draft.profile) != (self._environment, profile):
            draft.environment, draft.profile, draft.account = self._environment, profile, None
        return True
