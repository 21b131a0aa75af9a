"""All the cases, topic by topic, in the order in which they are shown."""

from connectors.conformance.case import Case, Casebook
from connectors.conformance.cases import adapters, bundle, imports, manifest, recording, symbols, timeframes

BOOKS: tuple[Casebook, ...] = (
    manifest.BOOK,
    imports.BOOK,
    bundle.BOOK,
    adapters.BOOK,
    timeframes.BOOK,
    recording.BOOK,
    symbols.BOOK,
)


def all_cases() -> list[Case]:
    return [case for book in BOOKS for case in book.cases]
