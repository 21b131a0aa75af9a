"""All the cases, topic by topic, in the order in which they are shown."""

from connectors.conformance.case import Case, Casebook
from connectors.conformance.cases import (
    adapters,
    books,
    bundle,
    closing,
    credentials,
    features,
    imports,
    local,
    manifest,
    market_data,
    orders,
    recording,
    recovery,
    rest,
    streaming,
    symbols,
    timeframes,
)

BOOKS: tuple[Casebook, ...] = (
    manifest.BOOK,
    imports.BOOK,
    bundle.BOOK,
    adapters.BOOK,
    recording.BOOK,
    symbols.BOOK,
    timeframes.BOOK,
    local.BOOK,
    features.BOOK,
    streaming.BOOK,
    recovery.BOOK,
    market_data.BOOK,
    closing.BOOK,
    books.BOOK,
    rest.BOOK,
    credentials.BOOK,
    orders.BOOK,
)


def all_cases() -> list[Case]:
    return [case for book in BOOKS for case in book.cases]
