"""A pane with a list to move through: its rows are made only where they are seen."""

from collections.abc import Hashable, Sequence
from typing import ClassVar, Generic, TypeVar

from textual import events
from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.message import Message

from tui.widgets.rows import Row, Run, crop, message_rows, row_text
from tui.widgets.rows_widget import RowsWidget

T = TypeVar("T")


class AnyListPane(RowsWidget, can_focus=True):
    """What a screen needs of a list, whatever is in it."""

    @property
    def chosen(self) -> object | None:
        raise NotImplementedError


class ListPane(AnyListPane, Generic[T]):
    """`title` stands above the list; a subclass gives the items and how one is drawn.

    The choice is kept by the item's key, whatever comes and goes around it.
    """

    ALLOW_MAXIMIZE = False
    title = ""
    selectable = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "step(-1)", "Up", show=False, id="list.up"),
        Binding("down,j", "step(1)", "Down", show=False, id="list.down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="list.page_up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="list.page_down"),
        Binding("home", "edge(0)", "First", show=False, id="list.first"),
        Binding("end", "edge(1)", "Last", show=False, id="list.last"),
        Binding("c", "copy_row", "Copy", id="list.copy"),
    ]

    class Chosen(Message):
        """Another item is chosen, or the pane with a choice was gone to."""

        def __init__(self, pane: AnyListPane) -> None:
            self.pane = pane
            super().__init__()

        @property
        def control(self) -> AnyListPane:
            return self.pane

    def __init__(self, *, pane_id: str | None = None) -> None:
        super().__init__(pane_id=pane_id)
        self._chosen_key: Hashable = None
        self._top = 0

    # --- for subclasses ------------------------------------------------------------------------------------------

    def items(self) -> Sequence[T]:
        raise NotImplementedError

    def key_of(self, item: T) -> Hashable:
        raise NotImplementedError

    def item_row(self, item: T, width: int, *, selected: bool) -> Row:
        raise NotImplementedError

    def head_rows(self, width: int) -> list[Row]:
        """What stands between title and list."""
        return []

    def header_runs(self) -> list[Run]:
        """What stands beside the title."""
        return []

    def explanation(self) -> list[Run]:
        """What is said where there is nothing."""
        return [("nothing", "muted")]

    def copied_text(self, item: T) -> str:
        return row_text(self.item_row(item, 400, selected=False)).strip()

    # --- what is chosen ------------------------------------------------------------------------------------------

    def place(self) -> int | None:
        """Where the chosen item is; the first where the chosen one is gone or none was chosen."""
        items = self.items()
        if not self.selectable or not items:
            return None
        return next((at for at, item in enumerate(items) if self.key_of(item) == self._chosen_key), 0)

    @property
    def chosen(self) -> T | None:
        at = self.place()
        return None if at is None else self.items()[at]

    def choose(self, at: int) -> None:
        items = self.items()
        if items and self.selectable:
            self._chosen_key = self.key_of(items[max(0, min(len(items) - 1, at))])
            self.redraw()
            self.post_message(self.Chosen(self))

    # --- drawing -------------------------------------------------------------------------------------------------

    def room(self) -> int:
        """How many items are seen at a time."""
        return max(1, self.size.height - 1 - len(self.head_rows(self.size.width)))

    def top_for(self, count: int, at: int | None, room: int) -> int:
        """The first item seen: the chosen one is always among them."""
        top = max(0, min(self._top, count - room))
        return top if at is None else max(at - room + 1, min(top, at))

    def build(self, width: int, height: int) -> Sequence[Row]:
        focused = self.has_focus
        title_style = "header.focus" if focused else "header.bold"
        title: list[Run] = [("▌" if focused else " ", "header.focus"), (self.title, title_style)]
        rows: list[Row] = [crop([*title, *self.header_runs()], width, "header")]
        items = self.items()
        if not items:
            return rows + message_rows(self.explanation(), width, height - 1)
        rows += self.head_rows(width)
        room = max(1, height - len(rows))
        at = self.place()
        self._top = self.top_for(len(items), at, room)
        for place, item in enumerate(items[self._top : self._top + room], self._top):
            rows.append(self.item_row(item, width, selected=focused and place == at))
        rows.extend([((" " * width, "text"),)] * (height - len(rows)))
        return rows

    # --- what the user does --------------------------------------------------------------------------------------

    def action_step(self, step: int) -> None:
        at = self.place()
        if at is None:
            self.scroll_items(step)
        else:
            self.choose(at + step)

    def action_page(self, pages: int) -> None:
        self.action_step(pages * max(1, self.room() - 1))

    def action_edge(self, last: int) -> None:
        count = len(self.items())
        self.action_step(count if last else -count)

    def scroll_items(self, step: int) -> None:
        self._top = max(0, min(len(self.items()) - self.room(), self._top + step))
        self.redraw()

    def action_copy_row(self) -> None:
        chosen = self.chosen
        if chosen is None:
            raise SkipAction
        self.app.copy_to_clipboard(self.copied_text(chosen))
        self.app.notify("Copied to the clipboard.", markup=False, timeout=2)

    def on_focus(self) -> None:
        super().on_focus()
        if self.chosen is not None:
            self.post_message(self.Chosen(self))

    def on_click(self, event: events.Click) -> None:
        at = event.y - 1 - len(self.head_rows(self.size.width))
        if at >= 0 and self._top + at < len(self.items()):
            self.choose(self._top + at)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.action_step(-3)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.action_step(3)
