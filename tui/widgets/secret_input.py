"""Fields for secrets: they neither log, copy, echo nor keep what was typed into them."""

from collections.abc import Iterator
from typing import Any, ClassVar

from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.dom import DOMNode
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input, TextArea

from connectors.runtime.pasted_values import pasted_line

DOT = "•"

REVEAL_KEY = "ctrl+r"
REVEALED_SECONDS = 30.0
"""A value that was shown is masked again after this, and as soon as the focus is elsewhere."""


class SecretInput(Input):
    """One line, masked unless told otherwise, with a key that shows it. Its messages carry no value."""

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(REVEAL_KEY, "reveal", "Show or hide", id="secret.reveal"),
    ]

    class Changed(Message):  # pyright: ignore[reportIncompatibleVariableOverride] - theirs carries the value
        """The value changed; ask the field for it."""

        def __init__(self, field: "SecretInput", *_: object) -> None:
            self.field = field
            super().__init__()

        @property
        def control(self) -> "SecretInput":
            return self.field

    class Submitted(Changed):  # pyright: ignore[reportIncompatibleVariableOverride] - theirs carries the value
        """Enter was pressed."""

    class Blurred(Changed):  # pyright: ignore[reportIncompatibleVariableOverride] - theirs carries the value
        """The focus left."""

    def __init__(self, *, masked: bool = True, **options: Any) -> None:
        super().__init__(password=masked, **options)
        self._masked_at_rest = masked
        self._timer: Timer | None = None

    def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        text = pasted_line(event.text)
        if text:
            self.replace(text, *self.selection)

    def action_reveal(self) -> None:
        self.password = not self.password
        self._timer = masked_later(self, self._timer)

    def on_blur(self) -> None:
        self.rest()

    def rest(self) -> None:
        self.password = self._masked_at_rest

    def mask(self) -> None:
        self.password = True

    def action_copy(self) -> None:
        """A secret goes to no clipboard."""

    def action_cut(self) -> None:
        """A secret goes to no clipboard."""

    def wipe(self) -> None:
        self.value = ""
        self.password = self._masked_at_rest


class SecretArea(TextArea):
    """Several lines (a PEM key), masked line by line, with the same key to show them."""

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(REVEAL_KEY, "reveal", "Show or hide", id="secret.reveal"),
    ]

    def __init__(self, **options: Any) -> None:
        super().__init__(show_line_numbers=False, tab_behavior="focus", soft_wrap=False, **options)
        self._masked = True
        self._timer: Timer | None = None

    def get_line(self, line_index: int) -> Text:
        line = super().get_line(line_index)
        if not self._masked:
            return line
        return Text(DOT * len(line.plain), end="", no_wrap=True)

    @property
    def masked(self) -> bool:
        return self._masked

    def _set_masked(self, masked: bool) -> None:
        self._masked = masked
        self.notify_style_update()  # drops the lines it keeps
        self.refresh()

    def action_reveal(self) -> None:
        self._set_masked(not self._masked)
        self._timer = masked_later(self, self._timer)

    def on_blur(self) -> None:
        self.rest()

    def rest(self) -> None:
        if not self._masked:
            self._set_masked(True)

    def mask(self) -> None:
        self._set_masked(True)

    def action_copy(self) -> None:
        """A secret goes to no clipboard."""

    def action_cut(self) -> None:
        """A secret goes to no clipboard."""

    def wipe(self) -> None:
        """Empty the field and its undo history."""
        self.load_text("")
        self.history.clear()
        self.mask()


def masked_later(field: SecretInput | SecretArea, before: Timer | None) -> Timer:
    if before is not None:
        before.stop()
    return field.set_timer(REVEALED_SECONDS, field.rest)


def secrets_of(node: DOMNode) -> Iterator[SecretInput | SecretArea]:
    yield from node.query(SecretInput)
    yield from node.query(SecretArea)


def mask_all(node: DOMNode) -> None:
    """Mask every secret below a node: a picture is about to be taken."""
    for item in secrets_of(node):
        item.mask()
