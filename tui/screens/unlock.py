"""The password of the encrypted file, asked for once a session when stored credentials are in it."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.widgets.secret_input import SecretInput

if TYPE_CHECKING:
    from connectors.contracts.credentials import Secret


class UnlockScreen(ModalScreen[bool]):
    """Gives whether the file was opened. A password that does not open it is told, and asked for again."""

    CSS_PATH = "unlock.tcss"
    HELP = """\
Type the password of the encrypted file and press Enter: it is asked for once, and stays open until barfinex is left.
Escape goes on without the stored credentials, where that is possible. `Ctrl+R` shows what you typed.
"""
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(False)", "Without it")]

    def __init__(
        self, unlock: "Callable[[Secret], Awaitable[None]]", *, needed_for: str, without: str
    ) -> None:
        """`without`: what Escape does, in a few words."""
        super().__init__()
        self._unlock = unlock
        self._needed_for = needed_for
        self._without = without

    def compose(self) -> ComposeResult:
        with Vertical(id="box"):
            yield Static(Content(self._needed_for), id="needed-for", markup=False)
            yield SecretInput(id="password", compact=True)
            yield Static("", id="state", markup=False)

    def on_mount(self) -> None:
        box = self.query_one("#box")
        box.border_title = "Password of the encrypted file"
        box.border_subtitle = Content(f"Enter opens it, Escape: {self._without}").markup

    def on_secret_input_submitted(self, event: SecretInput.Submitted) -> None:
        event.stop()
        if event.field.value:
            self.run_worker(self._try(event.field), name="unlock", group="unlock", exclusive=True)

    async def _try(self, field: SecretInput) -> None:
        from connectors.contracts.credentials import Secret  # noqa: PLC0415 - after the first paint
        from connectors.contracts.errors import SecretStoreError, WrongPassword  # noqa: PLC0415

        password = Secret(field.value)
        field.wipe()
        field.disabled = True
        self._state("… Opening it", "$muted-text")
        try:
            await self._unlock(password)
        except WrongPassword:
            self._state("✖ This password does not open it, or the file was altered. Try again.", "$error")
        except SecretStoreError as error:
            self._state(f"✖ {error}", "$error")
        else:
            self.dismiss(True)
            return
        field.disabled = False
        field.focus()

    def _state(self, words: str, style: str) -> None:
        self.query_one("#state", Static).update(Content.styled(words, style))
