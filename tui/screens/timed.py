"""A screen that paints its changed cells at a frame rate and polls at a slower one, and rests while it is covered."""

from textual import events, on
from textual.screen import Screen
from textual.timer import Timer

from tui.cell_painting import CellCompositor
from tui.seen import is_seen


class TimedScreen(Screen[None]):
    """Behind a dialog it is still seen, so it goes on; under a screen that covers it, it rests.

    A subclass draws only while `is_seen` holds, which is told anew at each frame: where a
    covering screen was opened from a dialog, Textual tells this one nothing.
    """

    def __init__(self) -> None:
        super().__init__()
        self._compositor = CellCompositor()
        self.frames: Timer | None = None
        self.polls: Timer | None = None

    def catch_up(self) -> None:
        """Show how things stand now: the screen comes back, and what it showed is old."""

    @on(events.ScreenSuspend)
    def _rest(self) -> None:
        if is_seen(self):
            return
        for timer in (self.frames, self.polls):
            if timer is not None:
                timer.pause()

    @on(events.ScreenResume)
    def _go_on(self) -> None:
        for timer in (self.frames, self.polls):
            if timer is not None:
                timer.resume()
        if self.frames is not None:
            self.catch_up()
