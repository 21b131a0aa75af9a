"""The account stream of USD-M futures: its address holds a listen key and is all there is to subscribe.

Source: USD-M futures, user data streams.
"""

from collections.abc import Callable, Sequence
from urllib.parse import quote

from connectors.streaming.dialect import Control, ControlKind, Limits, Outgoing
from connectors.venues.binance.dialect import ACCOUNT_CHANNEL, event_name


class BinanceFuturesAccountDialect:
    """`listen_key` gives the key that is valid now; whoever connects sees to it that there is one."""

    name = "binance-account"
    key_end = None

    def __init__(self, base_url: str, listen_key: Callable[[], str]) -> None:
        self.limits = Limits(streams=1, messages_per_second=10, batch=1, lifetime=86_400.0)
        self._base = base_url.rstrip("/")
        self._listen_key = listen_key

    def url(self, category: str) -> str:
        return f"{self._base}/private/ws?listenKey={quote(self._listen_key(), safe='')}"

    def key(self, channel: str) -> bytes:
        return channel.encode()

    def subscribe(self, channels: Sequence[str], request_id: int) -> Outgoing | None:
        return None

    def unsubscribe(self, channels: Sequence[str], request_id: int) -> Outgoing | None:
        return None

    def ping(self) -> Outgoing | None:
        return None

    def route(self, frame: bytes) -> bytes | None:
        """The account's events are few: all are looked into."""
        return None

    def control(self, frame: bytes) -> Control:
        match event_name(frame):
            case "listenKeyExpired":
                return Control(
                    ControlKind.ENDED, channels=(ACCOUNT_CHANNEL,), reason="the listen key has expired"
                )
            case "serverShutdown":
                return Control(ControlKind.SHUTDOWN)
            case None:
                return Control(ControlKind.IGNORED)
            case _:
                return Control(ControlKind.DATA, key=self.key(ACCOUNT_CHANNEL))

    def sequence(self, channel: str, frame: bytes) -> int | None:
        return None
