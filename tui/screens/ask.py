"""One line of text asked for, in a box over the screen."""

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static


class AskScreen(ModalScreen[str | None]):
    """Gives the text, or `None` where it was left with Escape. `fault` says what is wrong with a text, if anything."""

    CSS_PATH = "ask.tcss"
    HELP = "Type and press Enter. Escape leaves without an answer."
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Cancel")]

    def __init__(
        self, title: str, *, placeholder: str = "", fault: Callable[[str], str | None] = lambda _: None
    ) -> None:
        super().__init__()
        self._title = title
        self._placeholder = placeholder
        self._fault = fault

    def compose(self) -> ComposeResult:
        with Vertical(id="box"):
            yield Input(placeholder=self._placeholder, id="answer")
            yield Static("", id="fault", markup=False)

    def on_mount(self) -> None:
        box = self.query_one("#box")
        box.border_title = Content(self._title).markup
        box.border_subtitle = "Enter takes it, Escape cancels"

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        fault = self._fault(event.value)
        if fault is None:
            self.dismiss(event.value)
        else:
            self.query_one("#fault", Static).update(Content(fault))
