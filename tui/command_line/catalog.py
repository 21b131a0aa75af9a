"""`barfinex catalog`: what can be connected."""

from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Annotated

import typer

from tui.command_line.output import json_line, print_lines
from tui.command_line.problems import say

if TYPE_CHECKING:
    from catalog.catalog import Catalog
    from catalog.model import CatalogEntry

HEADINGS = ("CONNECTOR", "NAME", "MATURITY", "MARKETS", "ENVIRONMENTS", "PACKAGE")
"""Of a connector that is not built in, the package that it comes from."""


def catalog(
    segment: Annotated[
        str | None, typer.Option(metavar="SEGMENT", help="Only this segment, for example CRYPTO_MAJOR.")
    ] = None,
    search: Annotated[
        str, typer.Option(metavar="TEXT", help="Only entries with these words in name, id or description.")
    ] = "",
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object a line, with every field.")
    ] = False,
) -> None:
    """List what can be connected: exchanges, brokers and data providers.

    Nothing is loaded or contacted: entries are read from manifests. Maturity says what this release does with an
    entry; coming_soon means that it has no code yet.
    """
    from catalog.catalog import Catalog, to_json
    from tui.command_line import choice

    known = Catalog.load()
    chosen = choice.segment(segment) if segment is not None else None
    entries = known.filter(text=search, segment=chosen)
    for broken in known.broken:
        say(choice.skipped_text(broken))
    if not entries:
        say("no entry matches")
    elif as_json:
        print_lines(
            json_line(to_json(entry) | {"package": _package(known, entry) or None}) for entry in entries
        )
    else:
        print_lines(_table(known, entries))


def _package(known: "Catalog", entry: "CatalogEntry") -> str:
    return known.source(entry.connector_type).package


def _table(known: "Catalog", entries: "tuple[CatalogEntry, ...]") -> Iterator[str]:
    rows = {entry.connector_type: (*_row(entry), _package(known, entry)) for entry in entries}
    widths = [max(map(len, column)) for column in zip(HEADINGS, *rows.values(), strict=True)]

    def line(cells: tuple[str, ...]) -> str:
        return "  ".join(f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True)).rstrip()

    yield f"  {line(HEADINGS)}"
    for segment, members in groupby(entries, key=lambda entry: entry.segment):
        yield f"{segment.label} ({segment.value})"
        for entry in members:
            yield f"  {line(rows[entry.connector_type])}"


def _row(entry: "CatalogEntry") -> tuple[str, ...]:
    return (
        entry.connector_type,
        entry.display_name,
        entry.maturity.value,
        " ".join(market.value for market in entry.supported_markets),
        " ".join(entry.environments),
    )
