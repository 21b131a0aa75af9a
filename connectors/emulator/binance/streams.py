"""Market data streams: the shared channels, in the raw and the combined form.

Each payload is encoded once, whatever the number of listeners, in each form that is wanted.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

import msgspec

from connectors.emulator.binance.core import Core
from connectors.emulator.binance.publishers import publisher_for
from connectors.emulator.channels import Channel, Channels, Publisher, Quiet, Send
from connectors.emulator.listing import Listing
from connectors.emulator.wire import text_frame

_encode = msgspec.json.encode

PublisherMaker: TypeAlias = Callable[[Core, str, Listing | None, Send], Publisher | None]


class Stream(Channel):
    """Its listeners are sessions, which say in which form they want it."""

    def send(self, event: Any) -> None:
        payload = _encode(event)
        raw: bytes | None = None
        wrapped: tuple[bytes, bytes] | None = None
        for listener in tuple(self.listeners):
            if listener.combined:
                if wrapped is None:
                    content = b'{"stream":' + _encode(self.name) + b',"data":' + payload + b"}"
                    wrapped = content, text_frame(content)
                listener.deliver(self.name, *wrapped)
            else:
                raw = raw or text_frame(payload)
                listener.deliver(self.name, payload, raw)


def streams_of(core: Core, make_publisher: PublisherMaker = publisher_for) -> Channels:
    """All streams of one market. Unknown names are accepted, as the venue accepts them, and stay silent."""

    def make(name: str, send: Send) -> Publisher:
        symbol = name.partition("@")[0]
        listing = None
        if symbol.upper() in core.market.listings and symbol.islower():
            listing = core.market.activate(symbol.upper())
        return make_publisher(core, name, listing, send) or Quiet(listing)

    return Channels(core.market, make, Stream)
