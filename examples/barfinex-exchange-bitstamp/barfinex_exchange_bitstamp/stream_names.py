"""The names of Bitstamp's channels (WebSocket API v2, "Channels")."""

from connectors.contracts.errors import NotSupported
from connectors.toolkit import StreamKind, Topic

TRADES = "live_trades_"
BOOK = "order_book_"
BOOK_CHANGES = "diff_order_book_"
"""Not subscribed to; its frames are known to the adapters."""

_PREFIXES = {StreamKind.TRADES: TRADES, StreamKind.BOOKS: BOOK}


def name_of(topic: Topic) -> str:
    """Raises `NotSupported` for what the venue does not stream."""
    prefix = _PREFIXES.get(topic.kind)
    if prefix is None:
        raise NotSupported(f"Bitstamp streams no {topic.kind.value}")
    return prefix + topic.venue_symbol


def topic_of(name: str) -> Topic | None:
    for kind, prefix in _PREFIXES.items():
        if name.startswith(prefix) and len(name) > len(prefix):
            return Topic(kind, name.removeprefix(prefix))
    return None
