"""One channel of a recording: whose frames count, over however many connections they came."""

from collections.abc import Callable
from typing import Any

from connectors.streaming.feeds import Feed
from connectors.streaming.handover import Handover


class ReplayChannel:
    """Follows a channel from connection to connection as the live session did: what a lost connection leaves is a
    break, and where one connection took over from another, their frames are joined without loss or repeat."""

    def __init__(self, feed: Feed[Any], sequence: Callable[[bytes], int | None]) -> None:
        self.feed = feed
        self.conn: str | None = None
        """The connection whose frames are delivered; `None` while there is none."""
        self._sequence = sequence
        self._last = b""
        self._successor: str | None = None
        self._former: str | None = None
        self._handover: Handover | None = None

    def subscribed(self, conn: str) -> None:
        """The channel was asked for on a connection."""
        if self.conn is None:
            self.conn = conn
            self._former = None
            self.feed.opened()
        elif conn not in (self.conn, self._successor):
            self._successor = conn
            last = self._sequence(self._last) if self._last else None
            self._handover = Handover(self, self._sequence, self._taken_over, delivered=last)

    def lost(self, conn: str, reason: str) -> None:
        """A connection is over, or this channel on it."""
        handover = self._handover
        if conn == self._successor:
            self._successor = self._handover = None
            if handover is not None and handover.switched:
                self.feed.closed(reason)
                self.feed.opened()
        elif conn == self.conn and handover is not None:
            handover.switch(0.0)
            self._taken_over()
        elif conn == self.conn:
            self.conn = None
            self.feed.closed(reason)

    def received(self, conn: str, frame: bytes) -> None:
        if conn == self.conn:
            if self._handover is None:
                self._last = frame
                self.feed.frame(frame)
            else:
                self._handover.old.deliver(frame, 0.0)
            return
        if conn == self._former:
            return
        # A recording that does not tell what was subscribed to: the first frame does.
        self.subscribed(conn)
        if self._handover is None:
            self.feed.frame(frame)
        elif conn == self._successor:
            self._handover.new.deliver(frame, 0.0)

    def deliver(self, frame: bytes, now: float, /) -> None:
        """As the handover's route: a frame whose turn has come."""
        self._last = frame
        self.feed.frame(frame)

    def _taken_over(self) -> None:
        if self._successor is not None:
            self._former, self.conn = self.conn, self._successor
            self._successor = self._handover = None
