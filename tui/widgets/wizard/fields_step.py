"""Step 2: the manifest's credential fields, one under the other."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Static, TextArea

from tui.widgets.secret_input import SecretArea, SecretInput
from tui.widgets.wizard.step import Step, show_problem, text
from tui.wizard_model import VALUE_LIMIT, read_file, read_value

if TYPE_CHECKING:
    from catalog.model import CredentialField

_KIND_NOTES = {
    "multiline": "Paste it whole, with its BEGIN and END lines.",
    "file": "The path of a file; what is in it is stored.",
}


class FieldsStep(Step):
    TITLE: ClassVar[str] = "Credentials"

    class WithoutCredentials(Step.Changed):
        """Go on without credentials: public data only."""

    def compose(self) -> ComposeResult:
        if self.context.entry.keyless_market_data:
            yield text("Market data needs no credentials; account calls do.", classes="note")
            yield Button("Continue without credentials", id="keyless", compact=True)
        yield text("", classes="note", id="local-hint")
        for item in self.context.entry.credentials:
            mark = "" if item.required else "  (optional)"
            yield text(item.label + mark, classes="label")
            note = " ".join(part for part in (item.help, _KIND_NOTES.get(item.type)) if part)
            if note:
                yield text(note, classes="note")
            yield self._widget(item)
            yield text("", classes="problem", id=f"problem-{item.key}")
        yield text(
            "Ctrl+R shows or hides a masked value. Ctrl+V or the terminal's paste works.", classes="note"
        )

    @staticmethod
    def _widget(item: "CredentialField") -> SecretInput | SecretArea:
        name = f"field-{item.key}"
        if item.type == "multiline":
            return SecretArea(id=name)
        return SecretInput(
            masked=item.type == "password",
            id=name,
            compact=True,
            select_on_focus=False,
            max_length=VALUE_LIMIT,
        )

    def shown(self) -> None:
        local = self.context.draft.environment == "local"
        hint = self.query_one("#local-hint", Static)
        if local:
            # Loaded only where somebody sets the emulator up.
            from connectors.emulator.accounts import (  # noqa: PLC0415
                READ_ONLY_KEY,
                READ_ONLY_SECRET,
                TRADE_KEY,
                TRADE_SECRET,
            )

            hint.update(
                Content(
                    f"The emulator's test keys: {TRADE_KEY} with {TRADE_SECRET}, "
                    f"or {READ_ONLY_KEY} with {READ_ONLY_SECRET}."
                )
            )
        hint.display = local
        first = next(iter(self._fields()), None)
        if first is not None:
            first.focus()

    def _fields(self) -> Iterable[SecretInput | SecretArea]:
        for item in self.context.entry.credentials:
            yield self._field(item)

    def _field(self, item: "CredentialField") -> SecretInput | SecretArea:
        widget = self.query_one(f"#field-{item.key}")
        assert isinstance(widget, (SecretInput, SecretArea))  # noqa: S101 - made by `_widget`
        return widget

    def _read(self, item: "CredentialField") -> tuple[str, str | None]:
        """(value, problem) of one field."""
        field = self._field(item)
        raw = field.text if isinstance(field, SecretArea) else field.value
        if item.type == "file" and raw.strip():
            raw, wrong = read_file(raw)
            if wrong is not None:
                return "", wrong
        return read_value(item, raw)

    def accept(self) -> bool:
        values: dict[str, str] = {}
        first_wrong: SecretInput | SecretArea | None = None
        for item in self.context.entry.credentials:
            value, wrong = self._read(item)
            place = self.query_one(f"#problem-{item.key}", Static)
            show_problem(place, wrong and f"{item.label} {wrong}.")
            if wrong is not None:
                first_wrong = first_wrong or self._field(item)
            elif value:
                values[item.key] = value
        if first_wrong is not None:
            first_wrong.focus()
            return False
        draft = self.context.draft
        if values != draft.values:
            draft.values, draft.account = values, None
        return True

    def on_secret_input_changed(self, event: SecretInput.Changed) -> None:
        event.stop()
        self._forget_problem(event.field)

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        event.stop()
        self._forget_problem(event.text_area)

    def _forget_problem(self, field: Widget) -> None:
        """What was wrong with a value is not told of another."""
        for place in self.query(f"#problem-{str(field.id).removeprefix('field-')}").results(Static):
            show_problem(place, None)

    def on_secret_input_submitted(self, event: SecretInput.Submitted) -> None:
        event.stop()
        fields = list(self._fields())
        position = fields.index(event.field)
        if position + 1 < len(fields):
            fields[position + 1].focus()
        else:
            self.post_message(self.Advance())

    def on_button_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.wipe()
        self.context.draft.wipe()
        self.post_message(self.WithoutCredentials())

    def wipe(self) -> None:
        for field in self._fields():
            field.wipe()
            self._forget_problem(field)
