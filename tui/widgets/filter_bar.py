"""The filters of the catalog as a row of chips; a click does what its key does."""

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from tui.catalog_text import FEATURE_WORDS, MATURITY_WORDS, Filters
from tui.key_hints import key_of
from tui.typed import app_of

KINDS: tuple[tuple[str, str, str], ...] = (
    ("1", "market", "Market"),
    ("2", "feature", "Feature"),
    ("3", "maturity", "Maturity"),
    ("4", "environment", "Environment"),
)
"""(key, the field of `Filters`, the chip's title)."""

CLEAR = "clear"


class Chip(Static):
    """One filter: its key, its name, its value."""

    @dataclass
    class Pressed(Message):
        kind: str

    def __init__(self, kind: str) -> None:
        super().__init__("", id=f"chip-{kind}", markup=False)
        self.kind = kind

    def on_click(self, event: events.Click) -> None:
        event.stop()
        self.post_message(self.Pressed(self.kind))


class FilterBar(Horizontal):
    DEFAULT_CSS: ClassVar[str] = """
    FilterBar { height: 1; }
    FilterBar Chip { width: auto; height: 1; margin-right: 1; background: $panel; }
    FilterBar Chip:hover { background: $boost; }
    FilterBar Chip.-set { background: $primary; color: $background; text-style: bold; }
    FilterBar #chip-clear { display: none; }
    FilterBar.-narrowed #chip-clear { display: block; }
    """

    def compose(self) -> ComposeResult:
        for _, kind, _ in KINDS:
            yield Chip(kind)
        yield Chip(CLEAR)

    def on_mount(self) -> None:
        self.show(Filters())

    def show(self, filters: Filters) -> None:
        app = app_of(self)
        for usual, kind, title in KINDS:
            value: str | None = getattr(filters, kind)
            word = title if value is None else filter_word(kind, value)
            chip = self.query_one(f"#chip-{kind}", Chip)
            chip.update(Content(f"{key_of(app, f'catalog.filter.{kind}', usual)} {word}"))
            chip.set_class(value is not None, "-set")
        clear = key_of(app, "catalog.filter.clear", "0")
        self.query_one("#chip-clear", Chip).update(Content(f"{clear} clear"))
        self.set_class(filters.narrowed, "-narrowed")


def filter_word(kind: str, value: str) -> str:
    words = {"feature": FEATURE_WORDS, "maturity": MATURITY_WORDS}.get(kind, {})
    return words.get(value, value)
