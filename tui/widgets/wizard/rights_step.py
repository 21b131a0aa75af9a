"""Step 4: what the key may do, and where it will be kept."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Button, RadioSet, Static
from textual.worker import Worker

from connectors.runtime.stores.password_strength import weakness
from tui.store_choice import Place, StoreChoice
from tui.widgets.radio import Radio
from tui.widgets.secret_input import SecretInput
from tui.widgets.wizard.step import Step, WizardContext, show_problem, text
from tui.wizard_model import rights, store_trouble, withdrawal_warning

NAME_WIDTH = 22


class RightsStep(Step):
    TITLE: ClassVar[str] = "Rights & storage"

    def __init__(self, context: WizardContext) -> None:
        super().__init__(context)
        self._store = StoreChoice(context.manager.vault)
        self._offered: tuple[Place, ...] = ()
        self._probed = False
        self._worker: Worker[None] | None = None

    def compose(self) -> ComposeResult:
        yield text("What this key may do", classes="label")
        yield text("", id="rights")
        yield text("", classes="alarm", id="withdrawal")
        yield text("Where it will be kept", classes="label")
        yield text("", id="store-state")
        yield Button("Unlock the keyring", id="store-unlock", compact=True)
        yield Button("Look again", id="store-retry", compact=True)
        yield Vertical(id="store-places")
        yield text("Password of the encrypted file", classes="label password-part")
        yield SecretInput(id="store-password", compact=True, classes="password-part")
        yield text("The same again", classes="label password-part repeat-part")
        yield SecretInput(id="store-repeat", compact=True, classes="password-part repeat-part")
        yield text("", classes="problem", id="store-problem")

    @property
    def ready(self) -> bool:
        return self._probed

    def shown(self) -> None:
        account = self.context.draft.account
        if account is None:
            return
        lines = [
            Content.assemble(f"{right.name:<{NAME_WIDTH}}", (f"{right.glyph} {right.word}", right.style))
            for right in rights(account)
        ]
        self.query_one("#rights", Static).update(Content("\n").join(lines))
        warning = withdrawal_warning(account)
        alarm = self.query_one("#withdrawal", Static)
        alarm.update(Content(f"▲ {warning}" if warning else ""))
        alarm.display = warning is not None
        self._show_password_fields()
        self._look()

    def left(self) -> None:
        if self._worker is not None:
            self._worker.cancel()
            self._worker = None

    def wipe(self) -> None:
        self.left()
        self._store.wipe()
        for field in self.query(SecretInput):
            field.wipe()

    # --- the store -----------------------------------------------------------------------------------------------

    def _look(self, *, unlock: bool = False) -> None:
        self._worker = self.run_worker(
            self._probe(unlock=unlock), name="probe the store", group="store", exclusive=True
        )

    async def _probe(self, *, unlock: bool) -> None:
        from connectors.contracts.errors import SecretStoreError  # noqa: PLC0415 - after the first paint

        self._probed = False
        self._state(
            "… Waiting for the prompt on the desktop (up to 2 minutes)"
            if unlock
            else "… Looking for a keyring"
        )
        self.query_one("#store-unlock").display = False
        self.query_one("#store-retry").display = False
        try:
            await (self._store.unlock() if unlock else self._store.probe())
        except SecretStoreError as error:
            what, todo = store_trouble(error)
            self._state(f"✖ {what} {todo}", "$warning")
            self.query_one("#store-unlock").display = error.retryable
            self.query_one("#store-retry").display = True
            await self._offer(self._store.places(ready=False))
        else:
            self._state(f"✓ {self._store.in_use} is ready.", "$success")
            await self._offer(self._store.places(ready=True))
        self._probed = True
        self.post_message(self.Changed())

    def _state(self, words: str, style: str = "$muted-text") -> None:
        self.query_one("#store-state", Static).update(Content.styled(words, style))

    async def _offer(self, places: tuple[Place, ...]) -> None:
        """Show the places as buttons; none but the store in use is chosen beforehand."""
        if places == self._offered:
            return
        self._offered = places
        place_for_it = self.query_one("#store-places")
        await place_for_it.remove_children()
        buttons = [Radio(Content(self._store.words(place)), value=place is Place.IN_USE) for place in places]
        await place_for_it.mount(RadioSet(*buttons, compact=True))
        self._show_password_fields()

    @property
    def _place(self) -> Place | None:
        sets = self.query(RadioSet)
        index = sets.first().pressed_index if sets else -1
        return self._offered[index] if 0 <= index < len(self._offered) else None

    def _show_password_fields(self) -> None:
        encrypted = self._place is Place.FILE and not self._store.file_open
        for widget in self.query(".password-part"):
            widget.display = encrypted
        for widget in self.query(".repeat-part"):
            widget.display = encrypted and not self._store.file_exists

    # --- events --------------------------------------------------------------------------------------------------

    def on_radio_set_changed(self, event: RadioSet.Changed) -> None:
        event.stop()
        self._show_password_fields()
        show_problem(self.query_one("#store-problem", Static), None)

    def on_secret_input_changed(self, event: SecretInput.Changed) -> None:
        event.stop()
        show_problem(self.query_one("#store-problem", Static), None)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self._look(unlock=event.button.id == "store-unlock")

    def on_secret_input_submitted(self, event: SecretInput.Submitted) -> None:
        event.stop()
        self.post_message(self.Advance())

    def accept(self) -> bool:
        problem = self._choose()
        show_problem(self.query_one("#store-problem", Static), problem)
        return problem is None

    def _choose(self) -> str | None:
        """Note the place for the last step; the reason where that cannot be done."""
        from connectors.contracts.credentials import Secret  # noqa: PLC0415 - after the first paint

        place = self._place
        if place is None:
            return "Choose where the credentials are kept."
        password = ""
        if place is Place.FILE and not self._store.file_open:
            password = self.query_one("#store-password", SecretInput).value
            repeat = self.query_one("#store-repeat", SecretInput).value
            if not self._store.file_exists:
                if fault := weakness(password):
                    return f"The password {fault}."
                if password != repeat:
                    return "The two passwords differ."
            elif not password:
                return "The password is needed."
        self._store.choose(place, Secret(password) if password else None)
        self.context.store = self._store
        return None
