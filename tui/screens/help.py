"""Help for the screen it is opened from: what it is for, and every key that works there."""

from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from tui.help import key_lines, live_keys
from tui.key_hints import keymap_of, with_own_keys
from tui.typed import app_of

KEY_WIDTH = 22


def plain(paragraph: str) -> list[str]:
    """A paragraph of a `HELP` text without its Markdown: headings on their own line, code without ticks."""
    lines = paragraph.replace("`", "").splitlines()
    headings = [line.lstrip("# ") for line in lines if line.startswith("#")]
    rest = " ".join(line.strip() for line in lines if not line.startswith("#"))
    return [*headings, rest] if rest else headings


class HelpScreen(ModalScreen[None]):
    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,f1,q", "close", "Close", key_display="Esc"),
    ]

    def __init__(self, about: Screen[Any]) -> None:
        super().__init__()
        app = app_of(about)
        owners = (about, *about.walk_children(), app)
        bindings = [item for owner in owners for item in type(owner).BINDINGS]
        self._text = with_own_keys((about.HELP or "").strip(), bindings, keymap_of(app))
        self._keys = key_lines(live_keys(about))

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="box"):
            yield Static(self._content(), id="text", markup=False)

    def on_mount(self) -> None:
        box = self.query_one("#box")
        box.border_title = "Help"
        box.border_subtitle = "Esc closes"

    def _content(self) -> Content:
        lines: list[Content] = []
        if self._text:
            paragraphs = self._text.split("\n\n")
            for paragraph in paragraphs:
                lines += [*(Content(line) for line in plain(paragraph)), Content("")]
        for keys, description in self._keys:
            if keys:
                lines.append(Content.assemble((f"  {keys:<{KEY_WIDTH}}", "bold"), description))
            else:
                lines += [Content(""), Content.styled(description, "$primary")]
        return Content("\n").join(lines)

    def action_close(self) -> None:
        self.dismiss()
