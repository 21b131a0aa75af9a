"""What is on screen while the start plan is carried out: each step, and the reason where one fails."""

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static
from textual.worker import Worker

from tui.messages import ServicesFailed, ServicesReady
from tui.seen import is_seen
from tui.session import LastMarket
from tui.typed import app_of

if TYPE_CHECKING:
    from tui.app import StartPlan
    from tui.recording_plan import RecordingPlan


class StartScreen(Screen[None]):
    """Replaced by the market screen once that can be shown; Escape goes to the catalog."""

    CSS_PATH = "start.tcss"
    HELP = "The market opens by itself. Escape goes to the catalog instead, r tries again after a failure."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "catalog", "Catalog"),
        Binding("r", "retry", "Try again"),
    ]

    def __init__(self, plan: "StartPlan | RecordingPlan") -> None:
        super().__init__()
        self._plan = plan
        self._steps: list[str] = ["Loading…"]
        self._failed = False
        self._back = asyncio.Event()
        self._worker: Worker[None] | None = None

    def compose(self) -> ComposeResult:
        yield Static("barfinex", id="name", markup=False)
        yield Static("", id="steps", markup=False)

    def on_mount(self) -> None:
        self._show()
        if app_of(self).services is not None:
            self._start()

    def _show(self) -> None:
        hint = "r tries again, Escape opens the catalog" if self._failed else "Escape opens the catalog"
        marks = ["✓"] * (len(self._steps) - 1) + ["✖" if self._failed else "…"]
        lines = [
            Content.assemble((mark, "$error" if mark == "✖" else "$success"), " ", step)
            for mark, step in zip(marks, self._steps, strict=True)
        ]
        self.query_one("#steps", Static).update(
            Content("\n").join([*lines, Content(""), Content.styled(hint, "$muted-text")])
        )

    def _step(self, text: str) -> None:
        self._steps.append(text)
        self._show()

    def _fail(self, text: str) -> None:
        self._failed = True
        self._step(text)

    def on_services_ready(self, _: ServicesReady) -> None:
        self._start()

    def on_services_failed(self, message: ServicesFailed) -> None:
        self._fail(message.reason)

    def _start(self) -> None:
        self._worker = self.run_worker(self._carry_out(), name="start", group="start", exclusive=True)

    async def _carry_out(self) -> None:
        from connectors.contracts.errors import BarfinexError  # noqa: PLC0415 - after the first paint
        from tui import flows, replay_flow  # noqa: PLC0415
        from tui.recording_plan import RecordingPlan  # noqa: PLC0415

        app, plan = app_of(self), self._plan
        try:
            if isinstance(plan, RecordingPlan):
                screen = await replay_flow.start(app, plan, self._step)
                await self._in_front()
                # Textual leaves the screens' result type open here.
                app.switch_screen(screen)  # pyright: ignore[reportUnknownMemberType]
                return
            await flows.start(app, plan, self._step)
        except TimeoutError:
            self._fail("No answer within 30 seconds.")
            return
        except BarfinexError as error:
            self._fail(str(error))
            return
        await self._in_front()
        where = LastMarket(plan.connector_type, plan.market_type, plan.environment, plan.symbol)
        flows.open_market(app, where, replace=True)

    async def _in_front(self) -> None:
        """Close the dialogs that are open over this screen, whose place is taken now; wait for another screen to go."""
        while not is_seen(self):
            self._back.clear()
            await self._back.wait()
        while not self.is_active:
            await app_of(self).pop_screen()

    def on_screen_resume(self) -> None:
        self._back.set()

    def action_retry(self) -> None:
        if self._failed:
            self._failed = False
            self._steps = ["Trying again…"]
            self._show()
            if app_of(self).services is None:
                app_of(self).load_services()
            else:
                self._start()

    def action_catalog(self) -> None:
        if self._worker is not None:
            self._worker.cancel()
        self.dismiss()
