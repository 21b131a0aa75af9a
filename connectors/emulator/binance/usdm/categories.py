"""The split of the stream addresses: a stream is served under one of them, and silent under the others."""

import re

from connectors.emulator.channels import Channels, Listener

PUBLIC = re.compile(r"[^@]+@(?:bookTicker|depth(?:\d+)?(?:@\d+ms)?|rpiDepth@500ms|trade)|!bookTicker")


def category_of(stream: str) -> str:
    """`public` (books, and the undocumented `@trade`) or `market` (everything else)."""
    return "public" if PUBLIC.fullmatch(stream) else "market"


class Category:
    """What one address serves. A stream of another is acknowledged, as the venue does, and sends nothing."""

    def __init__(self, streams: Channels, category: str) -> None:
        self._streams, self._category = streams, category

    def join(self, name: str, listener: Listener) -> bool:
        return category_of(name) == self._category and self._streams.join(name, listener)

    def leave(self, name: str, listener: Listener) -> None:
        self._streams.leave(name, listener)
