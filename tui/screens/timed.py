"""A screen that paints its changed cells at a frame rate and polls at a slower one, and rests while it is covered."""

from textual import events, on
from textual.screen import Screen
from textual.timer import Timer

from tui.cell_painting import CellCompositor


class TimedScreen(Screen[None]):
    def __init__(self) -> None:
        super().__init__()
        self._compositor = CellCompositor()
        self.frames: Timer | None = None
        self.polls: Timer | None = None

    @on(events.ScreenSuspend)
    def _rest(self) -> None:
        for timer in (self.frames, self.polls):
            if timer is not None:
                timer.pause()

    @on(events.ScreenResume)
    def _go_on(self) -> None:
        for timer in (self.frames, self.polls):
            if timer is not None:
                timer.resume()
