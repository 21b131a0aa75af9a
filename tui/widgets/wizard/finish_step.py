"""Step 5: store and activate."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.widgets import Button, RadioSet, Static

from tui.catalog_text import environment_mark, is_live
from tui.widgets.radio import Radio
from tui.widgets.wizard.step import Step, WizardContext, text
from tui.wizard_model import store_trouble

if TYPE_CHECKING:
    from catalog.model import MarketType
    from connectors.runtime.instances import Instance


class FinishStep(Step):
    TITLE: ClassVar[str] = "Finish"

    @dataclass
    class Finished(Message):
        """The wizard may close; `instance` where its market is to be opened."""

        instance: "Instance | None" = None

    def __init__(self, context: WizardContext) -> None:
        super().__init__(context)
        self._stored = False
        self._instances: list[Instance] = []

    @property
    def done(self) -> bool:
        """Something was stored or activated: leaving is no longer cancelling."""
        return self._stored or bool(self._instances)

    @property
    def _keyed(self) -> bool:
        return bool(self.context.draft.values)

    def compose(self) -> ComposeResult:
        yield text("", id="summary", classes="label")
        yield text("Market", classes="label", id="market-label")
        with RadioSet(id="markets", compact=True):
            for place, market in enumerate(self.context.entry.supported_markets):
                yield Radio(Content(market.value), value=place == 0)
        yield Button("", id="finish-activate", variant="primary", compact=True)
        yield Button("", id="finish-only", compact=True)
        yield Button("Open the market", id="finish-market", variant="primary", compact=True)
        yield Button("Close", id="finish-close", compact=True)
        yield text("", id="finish-state")

    def shown(self) -> None:
        self._show_summary()
        self._show_buttons()
        button = self.query_one("#finish-activate", Button)
        button.focus()

    def _show_summary(self) -> None:
        draft, entry = self.context.draft, self.context.entry
        name = draft.environment
        where = (f"{environment_mark(name)}: REAL MONEY", "bold $error") if is_live(name) else name
        lines = [Content.assemble(f"{entry.display_name} on ", where)]
        if self._keyed and self.context.store is not None:
            words = f"Credentials '{draft.profile}' go into {self.context.store.chosen_words}."
            lines.append(Content.styled(words, "$muted-text"))
        elif not self._stored:
            lines.append(Content.styled("Without credentials: market data only.", "$muted-text"))
        self.query_one("#summary", Static).update(Content("\n").join(lines))

    def _show_buttons(self) -> None:
        many = len(self.context.entry.supported_markets) > 1 and not self._instances
        self.query_one("#market-label").display = self.query_one("#markets").display = many
        self.query_one("#finish-activate", Button).label = (
            "Store and activate" if self._keyed and not self._stored else "Activate"
        )
        self.query_one("#finish-only", Button).label = "Store only"
        self.query_one("#finish-activate").display = not self._instances
        self.query_one("#finish-only").display = self._keyed and not self.done
        self.query_one("#finish-market").display = bool(self._instances)
        self.query_one("#finish-close").display = self.done
        self.post_message(self.Changed())

    @property
    def _market(self) -> "MarketType":
        index = max(0, self.query_one("#markets", RadioSet).pressed_index)
        return self.context.entry.supported_markets[index]

    def _state(self, words: str, style: str = "$muted-text") -> None:
        self.query_one("#finish-state", Static).update(Content.styled(words, style))

    def on_radio_set_changed(self, event: RadioSet.Changed) -> None:
        event.stop()
        if not self.done:
            self._state("")

    def on_button_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        match event.button.id:
            case "finish-activate":
                self.run_worker(self._finish(activate=True), name="finish", group="finish", exclusive=True)
            case "finish-only":
                self.run_worker(self._finish(activate=False), name="finish", group="finish", exclusive=True)
            case "finish-market":
                self.post_message(self.Finished(self._instances[0]))
            case _:
                self.post_message(self.Finished())

    async def _finish(self, *, activate: bool) -> None:
        for button in self.query(Button):
            button.disabled = True
        try:
            if self._keyed and not self._stored and not await self._store():
                return
            if activate:
                await self._activate()
            else:
                self._state("✓ Stored. Activate it from the catalog at any time.", "$success")
        finally:
            for button in self.query(Button):
                button.disabled = False
            self._show_buttons()

    async def _store(self) -> bool:
        from connectors.contracts.errors import BarfinexError, SecretStoreError  # noqa: PLC0415

        draft, store = self.context.draft, self.context.store
        self._state("… Storing")
        try:
            if store is not None:
                await store.open()
            await self.context.manager.save_credentials(
                self.context.entry.connector_type,
                draft.environment,
                draft.profile,
                dict(draft.values),
                account=draft.account,
            )
        except BarfinexError as error:
            if store is not None:
                store.give_back()
            what, todo = store_trouble(error) if isinstance(error, SecretStoreError) else (str(error), "")
            self._state(f"✖ {what} {todo} Nothing was stored.", "$error")
            return False
        self._stored = True
        return True

    async def _activate(self) -> None:
        from connectors.contracts.errors import BarfinexError  # noqa: PLC0415 - after the first paint

        context = self.context
        draft, entry = context.draft, context.entry
        self._state(f"… Connecting to {entry.display_name}")
        try:
            made = await context.manager.activate(
                entry.connector_type,
                [self._market],
                environment=draft.environment,
                profile=draft.profile,
                credentials=dict(draft.values),
            )
        except BarfinexError as error:
            kept = " The credentials are stored." if self._stored else ""
            self._state(f"✖ {error}{kept} Try again, or close and activate it later.", "$error")
            return
        failed = next((item for item in made if item.error), None)
        if failed is not None:
            self._state(f"✖ {failed.error}", "$error")
            return
        self._instances = list(made)
        self._state(f"✓ {entry.display_name} is active.", "$success")
        draft.wipe()
        self.call_after_refresh(self.query_one("#finish-market").focus)

    def left(self) -> None:
        self._state("")
