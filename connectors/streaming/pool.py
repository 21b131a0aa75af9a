"""As many sessions as the venue's limits ask for: its streams are spread over connections, and over URLs."""

import asyncio
from collections.abc import Callable, Sequence

from connectors.contracts.health import ConnectionHealth
from connectors.streaming.dialect import Channel, Dialect
from connectors.streaming.dialler import Measure, Prepare
from connectors.streaming.pacing import SlidingWindow
from connectors.streaming.session import Session
from connectors.streaming.settings import SessionSettings
from connectors.streaming.socket import open_socket
from connectors.streaming.subscription import Sink
from connectors.streaming.tap import Tap
from connectors.streaming.transport import Transport


class Pool:
    """Puts each channel on a session of its URL category that has room, and opens one where none has.

    `transport` is what the venue speaks: WebSocket, `http_stream()` or `polling(...)`.
    """

    def __init__(
        self,
        dialect: Dialect,
        *,
        name: str,
        settings: SessionSettings | None = None,
        tap: Tap | None = None,
        now_ms: Callable[[], float] | None = None,
        prepare: Prepare | None = None,
        measure: Measure | None = None,
        reconnected: Callable[[], None] | None = None,
        transport: Transport = open_socket,
    ) -> None:
        self._dialect = dialect
        self._name = name
        self._settings = settings
        self._tap = tap
        self._now_ms = now_ms
        self._prepare = prepare
        self._measure = measure
        self._reconnected = reconnected
        self._transport = transport
        self._sessions: list[Session] = []
        self._homes: dict[str, Session] = {}
        self._opened = 0
        # The venue counts connections by address: all sessions share one allowance.
        self._connects = SlidingWindow(dialect.limits.connects, dialect.limits.connects_period)

    async def subscribe(self, channel: Channel, sink: Sink) -> None:
        """As `Session.subscribe`."""
        session = self._with_room(channel.category)
        left: list[Session] = []
        if session is None:
            # Where each symbol has a connection of its own, those that nobody wants any more would pile up.
            left = self._leave_unwanted()
            session = self._open(channel.category)
        self._homes[channel.name] = session
        try:
            for one in left:
                await one.close()
            await session.subscribe(channel, sink)
        except BaseException:
            self._homes.pop(channel.name, None)
            raise

    async def unsubscribe(self, channel: str) -> None:
        """As `Session.unsubscribe`."""
        session = self._homes.pop(channel, None)
        if session is not None:
            await session.unsubscribe(channel)

    def renew(self, channel: str, reason: str) -> None:
        """Subscribe to a channel anew."""
        session = self._homes.get(channel)
        if session is not None:
            session.renew(channel, reason)

    def rotate(self, connection: str, reason: str) -> bool:
        """As `Session.rotate`, of the connection with that name."""
        session = next((one for one in self._sessions if one.name == connection), None)
        return session is not None and session.rotate(reason)

    def health(self) -> Sequence[ConnectionHealth]:
        return [session.health() for session in self._sessions]

    async def close(self) -> None:
        """End all sessions, within their close timeout."""
        sessions, self._sessions = self._sessions, []
        self._homes.clear()
        await asyncio.gather(*(session.close() for session in sessions))

    def _with_room(self, category: str) -> Session | None:
        for session in self._sessions:
            if session.category == category and session.room > 0 and session.state != "FAILED":
                return session
        return None

    def _leave_unwanted(self) -> list[Session]:
        """Forget the sessions that have no channel and no connection; they are still to be closed."""
        homes = set(self._homes.values())
        left = [one for one in self._sessions if one not in homes and one.state in ("IDLE", "FAILED")]
        self._sessions = [one for one in self._sessions if one not in left]
        return left

    def _open(self, category: str) -> Session:
        self._opened += 1
        name = f"{self._name}-{category}-{self._opened}" if category else f"{self._name}-{self._opened}"
        session = Session(
            self._dialect,
            category,
            name=name,
            settings=self._settings,
            connects=self._connects,
            tap=self._tap,
            now_ms=self._now_ms,
            prepare=self._prepare,
            measure=self._measure,
            reconnected=self._reconnected,
            transport=self._transport,
        )
        self._sessions.append(session)
        return session
