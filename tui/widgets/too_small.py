"""The plain message below the smallest size the screens are made for."""

from textual.content import Content
from textual.widget import Widget

from tui.typed import app_of

MIN_WIDTH, MIN_HEIGHT = 80, 20
"""A terminal of the usual 80x24 has 23 lines in tmux, and fewer beside another pane."""


class TooSmall(Widget):
    """Fills the screen; the app shows it instead of everything else."""

    DEFAULT_CSS = """
    TooSmall {
        display: none;
        width: 100%;
        height: 100%;
        content-align: center middle;
        text-align: center;
    }
    """

    def render(self) -> Content:
        width, height = app_of(self).size
        return Content(f"barfinex needs {MIN_WIDTH}x{MIN_HEIGHT}, this is {width}x{height}")
