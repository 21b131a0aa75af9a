"""Where a WebSocket may be opened to."""

import pytest

from connectors.contracts.errors import UsageError
from connectors.streaming.settings import SessionSettings
from connectors.streaming.socket import open_socket


class Nobody:
    def received(self, frame: bytes, now: float) -> None: ...

    def pinged(self) -> None: ...

    def disconnected(self, reason: str) -> None: ...


@pytest.mark.parametrize(
    "url",
    ["ws://192.0.2.1/ws", "ws://127.0.0.1.evil.example/ws", "ws://localhost@evil.example/ws", "ws://[::1/ws"],
)
async def test_a_stream_never_crosses_a_network_in_the_clear(url: str):
    with pytest.raises(UsageError, match="the stream address"):
        await open_socket(url, Nobody(), SessionSettings(open_timeout=0.2))
