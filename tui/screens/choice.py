"""One question with a short list of answers, in a box over the screen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    text: str
    style: str = ""


class ChoiceScreen(ModalScreen[str | None]):
    """Gives the chosen value, or `None` where it was left with Escape."""

    CSS_PATH = "choice.tcss"
    HELP = "Choose with the arrow keys and Enter, or click. Escape leaves without a choice."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel"),
        Binding("j", "down", show=False),
        Binding("k", "up", show=False),
    ]

    def __init__(
        self, title: str, choices: Sequence[Choice], *, chosen: str | None = None, note: str = ""
    ) -> None:
        super().__init__()
        self._title = title
        self._choices = choices
        self._chosen = chosen
        self._note = note

    def compose(self) -> ComposeResult:
        with Vertical(id="box"):
            yield OptionList(
                *(Option(Content.styled(item.text, item.style)) for item in self._choices), markup=False
            )
            if self._note:
                yield Static(Content(self._note), id="note", markup=False)

    def on_mount(self) -> None:
        box = self.query_one("#box")
        box.border_title = Content(self._title).markup
        box.border_subtitle = "Enter chooses, Escape cancels"
        values = [item.value for item in self._choices]
        self.query_one(OptionList).highlighted = values.index(self._chosen) if self._chosen in values else 0

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._choices[event.option_index].value)

    def action_down(self) -> None:
        self.query_one(OptionList).action_cursor_down()

    def action_up(self) -> None:
        self.query_one(OptionList).action_cursor_up()
