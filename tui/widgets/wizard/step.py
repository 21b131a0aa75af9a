"""What every step of the setup wizard is."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

if TYPE_CHECKING:
    from catalog.model import CatalogEntry
    from connectors.runtime.manager import ExchangeManager
    from tui.store_choice import StoreChoice
    from tui.wizard_model import Draft


@dataclass(slots=True)
class WizardContext:
    """What the steps share. The draft holds secrets; nothing else here does."""

    manager: "ExchangeManager"
    entry: "CatalogEntry"
    draft: "Draft"
    store: "StoreChoice | None" = None
    """Where the credentials go, once that is chosen."""


class Step(VerticalScroll, can_focus=False):
    """One page. `shown` is called each time it comes up, `accept` before the next one does."""

    TITLE: ClassVar[str] = ""

    DEFAULT_CSS = """
    Step { height: 1fr; padding: 0 2; scrollbar-size-vertical: 1; }
    Step .label { height: auto; margin-top: 1; text-style: bold; }
    Step > .label:first-child { margin-top: 0; }
    Step .note { height: auto; color: $muted-text; }
    Step .problem { height: auto; color: $error; display: none; }
    Step .problem.-set { display: block; }
    Step .alarm { height: auto; color: $error; text-style: bold; margin-top: 1; }
    Step Button { margin: 1 1 0 0; min-width: 20; }
    Step #rights, Step #store-state, Step #store-places { height: auto; }
    """

    class Changed(Message):
        """Whether the wizard may go on from here changed."""

    class Advance(Message):
        """The step is done by itself, or Enter was pressed in its last field."""

    def __init__(self, context: WizardContext) -> None:
        super().__init__()
        self.context = context

    @property
    def ready(self) -> bool:
        """Whether the Next button is offered."""
        return True

    def shown(self) -> None:
        """The step came up, for the first time or again."""

    def accept(self) -> bool:
        """Check what was answered and put it into the draft; `False` (with the reason on screen) stays here."""
        return True

    def left(self) -> None:
        """The person went back from it."""

    def wipe(self) -> None:
        """Forget every secret the step shows."""


def text(content: str | Content, *, classes: str = "", id: str | None = None) -> Static:  # noqa: A002
    """A piece of plain text: nothing in it is markup."""
    shown = content if isinstance(content, Content) else Content(content)
    return Static(shown, classes=classes, id=id, markup=False)


def show_problem(place: Static, problem: str | None) -> None:
    place.update(Content(f"✖ {problem}" if problem else ""))
    place.set_class(problem is not None, "-set")
