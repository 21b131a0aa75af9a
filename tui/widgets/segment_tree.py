"""The catalog's segments as a tree with counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Tree
from textual.widgets.tree import TreeNode

from tui.catalog_text import SEGMENT_NAMES

BROKEN = "BROKEN"
"""The group of plug-ins that could not be read."""

LABEL_WIDTH = 18


class SegmentTree(Tree[str | None]):
    """Tells the screen which segment is chosen: `None` is all of them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", show=False),
        Binding("k", "cursor_up", show=False),
    ]

    @dataclass
    class Chosen(Message):
        segment: str | None

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's name
        super().__init__(self._label("All exchanges", None), data=None, id=id)
        self.guide_depth = 2
        self.auto_expand = False
        self._rows_by_segment: dict[str | None, TreeNode[str | None]] = {None: self.root}

    @staticmethod
    def _label(name: str, count: int | None) -> Text:
        return Text(f"{name:<{LABEL_WIDTH}}" + ("" if count is None else f"{count:>4}"))

    def show_counts(self, counts: Mapping[str, int], broken: int) -> None:
        """Set the counts; segments keep their order and the group of broken plug-ins stands last."""
        self.root.set_label(self._label("All exchanges", sum(counts.values())))
        wanted = [(name, SEGMENT_NAMES.get(name, name), counts[name]) for name in counts]
        if broken:
            wanted.append((BROKEN, "Broken plug-ins", broken))
        if [name for name, _, _ in wanted] != [name for name in self._rows_by_segment if name is not None]:
            self.root.remove_children()
            self._rows_by_segment = {None: self.root}
            for name, _, _ in wanted:
                self._rows_by_segment[name] = self.root.add_leaf("", data=name)
            self.root.expand()
        for name, shown, count in wanted:
            self._rows_by_segment[name].set_label(self._label(shown[:LABEL_WIDTH], count))

    def choose(self, segment: str | None) -> None:
        self.move_cursor(self._rows_by_segment.get(segment, self.root))

    def on_tree_node_highlighted(self, event: Tree.NodeHighlighted[str | None]) -> None:
        event.stop()
        self.post_message(self.Chosen(event.node.data))
