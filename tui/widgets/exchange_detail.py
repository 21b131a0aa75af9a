"""Everything the catalog knows about one entry."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui.catalog_text import (
    FEATURES,
    MATURITY_WORDS,
    STATUS_WORDS,
    environment_mark,
    environments_safest_first,
    is_live,
    status_key,
)

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from catalog.catalog import BrokenEntry, Source
    from catalog.model import CatalogEntry
    from connectors.runtime.manager import Instance

TITLE, HEAD, MUTED, WARN, BAD = "bold", "$primary", "$muted-text", "$warning", "bold $error"

_MATURITY_MEANING = {
    "stable": "verified against the live venue",
    "beta": "complete, built from the published protocol",
    "experimental": "works in part",
    "coming_soon": "no connector yet: it cannot be activated",
}

Line = Content


def _line(*parts: str | tuple[str, str]) -> Content:
    return Content.assemble(*parts)


def entry_lines(
    entry: "CatalogEntry", status: object, instances: "Sequence[Instance]", source: "Source | None"
) -> Iterator[Line]:
    """The panel's text, top to bottom."""
    glyph, word, colour = STATUS_WORDS[status_key(entry, status)]
    yield _line((entry.display_name, TITLE))
    yield _line((f"{glyph} {word}", colour), ("  " + entry.segment.label, MUTED))
    yield Content("")
    for instance in instances:
        yield from _instance_lines(instance)
    yield Content(entry.description)
    yield Content("")
    maturity = entry.maturity.value
    yield _line(("Maturity  ", HEAD), MATURITY_WORDS[maturity], (f": {_MATURITY_MEANING[maturity]}", MUTED))
    yield _line(("Markets   ", HEAD), ", ".join(market.value for market in entry.supported_markets))
    yield from _environment_lines(entry)
    yield Content("")
    yield from _credential_lines(entry)
    yield Content("")
    yield from _feature_lines(entry)
    yield Content("")
    yield _line(("Website   ", HEAD), entry.website)
    if entry.documentation is not None:
        yield _line(("Docs      ", HEAD), entry.documentation)
    if entry.verified_on is not None:
        yield _line(("Verified  ", HEAD), entry.verified_on.isoformat())
    if source is not None:
        mark = "" if source.builtin else "  (third party: it runs with all your rights)"
        yield _line(("Package   ", HEAD), source.package or source.distribution, (mark, WARN))
    yield _line(("Id        ", HEAD), entry.connector_type)


def _instance_lines(instance: "Instance") -> Iterator[Line]:
    glyph, word, colour = STATUS_WORDS.get(instance.status.name, STATUS_WORDS["INACTIVE"])
    name = instance.environment
    where = (environment_mark(name), BAD) if is_live(name) else name
    yield _line((f"{glyph} {instance.market_type.value} {word}", colour), " on ", where)
    key = "with credentials" if instance.has_credentials else "without credentials"
    yield _line(
        (f"  {instance.instrument_count} instruments, {instance.subscription_count} streams, {key}", MUTED)
    )
    if instance.error:
        yield _line((f"  {instance.error}", "$error"))
    yield Content("")


def _environment_lines(entry: "CatalogEntry") -> Iterator[Line]:
    names = environments_safest_first(entry.environments)
    if not names:
        return
    parts: list[str | tuple[str, str]] = [("Where     ", HEAD)]
    for name in names:
        parts += [(environment_mark(name), BAD) if is_live(name) else name, "  "]
    yield _line(*parts)


def _credential_lines(entry: "CatalogEntry") -> Iterator[Line]:
    yield _line(("Credentials", HEAD))
    if not entry.credentials:
        yield Content("  none")
    elif entry.keyless_market_data:
        yield _line(("  market data needs none; account calls need:", MUTED))
    for item in entry.credentials:
        mark = "•" if item.required else "◦"
        yield _line(f"  {mark} {item.label}", ("" if item.required else "  optional", MUTED))


def _feature_lines(entry: "CatalogEntry") -> Iterator[Line]:
    yield _line(("Features", HEAD), ("  ✓ here  ○ venue has it  · no", MUTED))
    for letter, name, word in FEATURES:
        if getattr(entry.features, name):
            yield _line("  ", ("✓", "$success"), f" {letter} {word}")
        elif getattr(entry.offered, name):
            yield _line(f"  ○ {letter.lower()} {word}")
        else:
            yield _line((f"  ·   {word}", MUTED))


def broken_lines(broken: "BrokenEntry", reload_key: str) -> Iterator[Line]:
    yield _line((broken.name, TITLE))
    yield _line(("✖ broken plug-in", "$error"))
    yield Content("")
    yield Content(broken.reason)
    yield Content("")
    yield _line(("Package   ", HEAD), broken.distribution or "unknown")
    yield _line(("File      ", HEAD), broken.file or "none")
    yield _line(("Field     ", HEAD), broken.field or "none")
    yield Content("")
    advice = f"The other entries are not affected. Fix or remove the package, then press {reload_key}."
    yield _line((advice, MUTED))


class ExchangeDetail(VerticalScroll):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", show=False),
        Binding("k", "scroll_up", show=False),
        Binding("g", "scroll_home", show=False),
        Binding("G", "scroll_end", show=False),
    ]
    _shown: list[Line] = []  # noqa: RUF012 - replaced, never changed
    DEFAULT_CSS: ClassVar[str] = """
    ExchangeDetail > Static { width: 100%; height: auto; }
    """

    def compose(self) -> "ComposeResult":
        yield Static("", id="detail-text", markup=False)

    def show(self, lines: Iterator[Line]) -> None:
        self._update(list(lines))

    def show_nothing(self, text: str) -> None:
        self._update([Content.styled(text, MUTED)])

    def _update(self, lines: list[Line]) -> None:
        """It is asked for every second, and seldom says something new."""
        if lines != self._shown or [line.spans for line in lines] != [line.spans for line in self._shown]:
            self._shown = lines
            self.query_one("#detail-text", Static).update(Content("\n").join(lines))
