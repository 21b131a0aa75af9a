"""Step 3: one signed, read-only call, before anything is stored."""

import asyncio
import time
from typing import ClassVar

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Button, Static
from textual.worker import Worker

from tui.catalog_text import environment_mark
from tui.widgets.wizard.step import Step, WizardContext, text
from tui.wizard_model import Explanation, explain

TEST_SECONDS = 30.0


class TestStep(Step):
    TITLE: ClassVar[str] = "Test"
    __test__ = False

    def __init__(self, context: WizardContext) -> None:
        super().__init__(context)
        self._worker: Worker[None] | None = None

    def compose(self) -> ComposeResult:
        yield text("", id="test-state", classes="label")
        yield text("", id="test-detail")
        yield Button("Cancel the test", id="test-cancel", compact=True)
        yield Button("Try again", id="test-retry", compact=True, variant="primary")

    @property
    def ready(self) -> bool:
        return self.context.draft.account is not None

    def shown(self) -> None:
        if self.ready:
            self._show("✓ The credentials work.", "$success")
        else:
            self._start()

    def _start(self) -> None:
        self._worker = self.run_worker(self._test(), name="test credentials", group="test", exclusive=True)

    def _show(self, state: str, style: str, detail: Content | str = "", *, running: bool = False) -> None:
        self.query_one("#test-state", Static).update(Content.styled(state, style))
        self.query_one("#test-detail", Static).update(
            detail if isinstance(detail, Content) else Content(detail)
        )
        self.query_one("#test-cancel").display = running
        self.query_one("#test-retry").display = not running and not self.ready
        self.post_message(self.Changed())

    async def _test(self) -> None:
        from connectors.contracts.errors import BarfinexError  # noqa: PLC0415

        context = self.context
        entry, draft = context.entry, context.draft
        where = environment_mark(draft.environment)
        self._show(
            f"… Asking {entry.display_name} ({where}) what this key may do",
            "bold",
            "A signed call that only reads. Nothing is stored yet.",
            running=True,
        )
        started = time.monotonic()
        try:
            async with asyncio.timeout(TEST_SECONDS):
                draft.account = await context.manager.test_credentials(
                    entry.connector_type, environment=draft.environment, credentials=dict(draft.values)
                )
        except (BarfinexError, TimeoutError) as error:
            why = explain(error, entry, draft.environment)
            self._show(f"✖ {why.title}", "bold $error", explanation_text(why))
            self.query_one("#test-retry").focus()
            return
        self._show(f"✓ The credentials work ({(time.monotonic() - started) * 1000:.0f} ms).", "$success")
        self.post_message(self.Advance())

    def on_button_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        if event.button.id == "test-retry":
            self._start()
            return
        self.cancel()
        self._show("– The test was cancelled.", "$warning", "Nothing was stored.")

    def cancel(self) -> None:
        if self._worker is not None:
            self._worker.cancel()
            self._worker = None

    def left(self) -> None:
        self.cancel()

    def wipe(self) -> None:
        self.cancel()


def explanation_text(why: Explanation) -> Content:
    lines = [Content("Likely:")]
    lines += [Content(f"  • {cause}") for cause in why.causes]
    if why.said:
        lines += [Content(""), Content.styled(f"The answer was: {why.said}", "$muted-text")]
    return Content("\n").join(lines)
