"""The wanted set of a session: which channels are to be subscribed to, and who hears of them."""

from collections import deque

from connectors.contracts.events import StreamStatus
from connectors.streaming.clock import epoch_ms
from connectors.streaming.dialect import Channel, Dialect
from connectors.streaming.link import Link
from connectors.streaming.subscription import Subscription

_HISTORY = 50


class WantedSet:
    """The subscriptions by channel name. `channels` leaves out those that were given up."""

    def __init__(self, dialect: Dialect) -> None:
        self.subscriptions: dict[str, Subscription] = {}
        self.channels: dict[str, Channel] = {}
        self.history: deque[StreamStatus] = deque(maxlen=_HISTORY)
        """What happened to the connection as a whole."""
        self._key = dialect.key

    def __bool__(self) -> bool:
        return bool(self.subscriptions)

    def add(self, subscription: Subscription) -> None:
        name = subscription.channel.name
        self.subscriptions[name] = subscription
        self.channels[name] = subscription.channel

    def remove(self, channel: str) -> Subscription | None:
        self.channels.pop(channel, None)
        return self.subscriptions.pop(channel, None)

    def give_up(self, channel: str) -> None:
        """Want a channel no more, but keep showing it."""
        self.channels.pop(channel, None)

    def put_on(self, link: Link) -> None:
        """Make a fresh link serve the whole set."""
        for name in self.channels:
            link.attach(self._key(name), self.subscriptions[name])
        link.want(self.channels)

    def tell(self, subscription: Subscription, kind: str, reason: str) -> None:
        """A status of one channel."""
        channel = subscription.channel
        event = StreamStatus(kind, reason, epoch_ms(), symbol=channel.symbol, channel=channel.name)
        subscription.sink.status(event)

    def broadcast(self, kind: str, reason: str, retry_in: float | None = None) -> StreamStatus:
        """A status of the connection: the same event to every channel. `retry_in` is in seconds."""
        in_ms = None if retry_in is None else round(retry_in * 1000)
        event = StreamStatus(kind, reason, epoch_ms(), retry_in_ms=in_ms)
        self.history.append(event)
        for subscription in list(self.subscriptions.values()):
            subscription.sink.status(event)
        return event
