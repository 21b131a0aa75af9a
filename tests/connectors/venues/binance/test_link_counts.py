"""A link's count of frames, which its routes keep."""

from typing import Any

from catalog.model import MarketType
from connectors.streaming.link import Link
from connectors.streaming.settings import SessionSettings
from connectors.venues.binance.dialect import BinanceDialect


class Owner:
    def bad_frame(self, link: Link, error: Exception) -> None: ...

    def link_lost(self, link: Link) -> None: ...


class Counted:
    """A route that counts."""

    def __init__(self) -> None:
        self.messages = 0
        self.last_data: float | None = None

    def take(self, frame: bytes) -> None: ...

    def failed(self, error: Exception) -> None:
        raise error

    def deliver(self, frame: bytes, now: float, /) -> None:
        self.messages += 1


def test_each_frame_counts_once_wherever_it_went_and_whoever_counted_before() -> None:
    dialect = BinanceDialect("wss://venue", MarketType.SPOT)
    owner: Any = Owner()
    tapped: list[object] = []
    link = Link(
        dialect,
        SessionSettings(),
        owner,
        name="test",
        url="wss://venue",
        generation=1,
        tap=lambda kind, name, url, data: tapped.append(data),
    )
    first, second, key = Counted(), Counted(), dialect.key("btcusdt@trade")
    first.messages = 1000
    plain, spaced = b'{"stream":"btcusdt@trade","data":{}}', b'{ "stream": "btcusdt@trade", "data": {} }'
    link.attach(key, first)
    assert link.messages == 0
    for frame in (plain, spaced, b"rubbish", b'{"stream":"ethusdt@trade","data":{}}'):
        link.received(frame, 5.0)
    assert (link.messages, first.messages, first.last_data) == (4, 1002, 5.0)
    assert tapped[0] is plain
    assert len(tapped) == 4
    link.attach(key, second)
    link.received(plain, 6.0)
    first.messages += 1
    assert (link.messages, second.messages) == (5, 1)
    link.detach(key)
    link.received(plain, 7.0)
    assert (link.messages, second.messages) == (6, 1)
    link.attach(key, second)
    link.disconnected("over")
    second.messages += 1
    assert link.messages == 6
