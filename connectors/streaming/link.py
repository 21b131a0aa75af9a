"""One connection of a session: it sends what its ledger asks for, routes what arrives, and notices when it is dead."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping
from typing import Protocol

from websockets.exceptions import ConnectionClosed

from catalog.text import MESSAGE_LIMIT, clean
from connectors.contracts.errors import BadFrame
from connectors.runtime.foreign import pass_ours
from connectors.streaming.dialect import Channel, Control, ControlKind, Dialect, Outgoing
from connectors.streaming.ledger import Ledger, Outcome, Request
from connectors.streaming.liveness import ConnectionWatch, SilenceLimit
from connectors.streaming.pacing import SlidingWindow
from connectors.streaming.settings import SessionSettings
from connectors.streaming.socket import open_socket
from connectors.streaming.tap import Tap
from connectors.streaming.transport import Transport, TransportSocket

_LAST_LOOK = 0.05
"""Seconds to read what is left unread before a connection is called dead: the process may have been stopped."""


class Delivery(Protocol):
    """Where frames of one channel can be handed over."""

    def deliver(self, frame: bytes, now: float, /) -> None:
        """Count a frame and take it; what goes wrong is dealt with."""
        ...


class Route(Delivery, Protocol):
    """Where the frames of one channel go. The link counts them on it."""

    messages: int
    last_data: float | None
    take: Callable[[bytes], None]

    def failed(self, error: BaseException) -> None:
        """A frame could not be taken."""
        ...


class LinkOwner(Protocol):
    """What a link reports. `link` is always the one that speaks, so a dead one's late words can be told."""

    def acknowledged(self, link: "Link", channel: str) -> None: ...

    def refused(self, link: "Link", channel: str, reason: str) -> None: ...

    def time_refused(self, link: "Link", channel: str, reason: str) -> None: ...

    def ended(self, link: "Link", channel: str, reason: str) -> None: ...

    def bad_frame(self, link: "Link", error: BaseException) -> None: ...

    def shutdown_announced(self, link: "Link") -> None: ...

    def link_lost(self, link: "Link") -> None: ...


class Link:
    """One connection with its subscriptions. `lost` is set, with `reason`, when it is over."""

    def __init__(
        self,
        dialect: Dialect,
        settings: SessionSettings,
        owner: LinkOwner,
        *,
        name: str,
        url: str,
        generation: int,
        tap: Tap | None = None,
        transport: Transport = open_socket,
    ) -> None:
        self.name = f"{name}#{generation}"
        self.url = url
        self.generation = generation
        self.opened_at = 0.0
        self.reason = ""
        self.lost = asyncio.Event()
        self._routes: dict[bytes | None, Route] = {}
        self.ledger = Ledger(dialect.limits.batch)
        self._dialect = dialect
        self._key_end = dialect.key_end or b""
        self._uncounted = 0
        """What is to be added to the frames that the routes counted."""
        self.received: Callable[[bytes, float], None] = self._received if dialect.key_end else self._read
        """Takes a frame and the time it came. Chosen once, so that a frame asks nothing that is always the same."""
        if tap is not None:
            self.received = _tapped(tap, self.name, self.received)
        self._settings = settings
        self._owner = owner
        self._tap = tap
        self._transport = transport
        self._heartbeat = dialect.limits.heartbeat
        self._socket: TransportSocket | None = None
        self._changed = asyncio.Event()
        self._deadlines: dict[int, asyncio.TimerHandle] = {}
        self._drops: dict[str, asyncio.Event] = {}
        # Two messages a second stay free: our ping, and the pong that the library sends by itself.
        self._pace = SlidingWindow(max(1, dialect.limits.messages_per_second - 2), 1.0)
        self._unheard: dict[int, None] = {}
        """Requests whose answers are still to come, oldest first."""
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def last_byte(self) -> float:
        return self._socket.last_byte if self._socket else self.opened_at

    @property
    def latency(self) -> float | None:
        """Seconds of the last ping's round trip; `None` before the first."""
        return (self._socket.latency or None) if self._socket else None

    @property
    def violated(self) -> bool:
        """Whether the peer broke the protocol."""
        return self._socket is not None and self._socket.violated

    @property
    def messages(self) -> int:
        """Frames that came. Their routes count them, once each; a route that two links share counts for both."""
        return self._uncounted + sum(route.messages for route in self._routes.values())

    def attach(self, key: bytes, route: Route) -> None:
        """From now on the frames of this key go to this route."""
        self.detach(key)
        self._routes[key] = route
        self._uncounted -= route.messages

    def detach(self, key: bytes | None) -> None:
        """Deliver nothing more of a key."""
        if (route := self._routes.pop(key, None)) is not None:
            self._uncounted += route.messages

    async def open(self) -> None:
        """Connect. Raises what the transport raises."""
        self._socket = await self._transport(self.url, self, self._settings)
        self.opened_at = time.monotonic()
        if self._tap is not None:
            # A query may hold a key that signs in.
            self._tap("open", self.name, self.url.partition("?")[0], None)
        self._tasks = [
            asyncio.create_task(self._write(self._socket), name=f"{self.name} writer"),
            asyncio.create_task(self._keep_alive(self._socket), name=f"{self.name} keep-alive"),
        ]

    def want(self, channels: Mapping[str, Channel]) -> None:
        """From now on be subscribed to exactly these. The mapping is read live; call again after it changed."""
        self.ledger.wanted = channels
        self._changed.set()

    def renew(self, channel: str) -> None:
        """Subscribe to a channel anew."""
        self.ledger.renew(channel)
        self._changed.set()

    async def dropped(self, channel: str) -> None:
        """Wait until the venue answered the unsubscribe of a channel no longer wanted, or the link is lost."""
        if self.lost.is_set() or not self.ledger.has(channel):
            return
        answered = self._drops.setdefault(channel, asyncio.Event())
        self._changed.set()
        await answered.wait()

    def abort(self, reason: str) -> None:
        """Drop the connection at once."""
        if self._socket is not None:
            self._socket.abort(reason)

    async def close(self) -> None:
        """End the connection and its tasks, within the close timeout whatever the peer does."""
        for task in self._tasks:
            task.cancel()
        socket = self._socket
        if socket is not None and not self.lost.is_set():
            try:
                async with asyncio.timeout(self._settings.close_timeout):
                    await socket.close()
            except TimeoutError:
                socket.abort("closed by us")
            await self.lost.wait()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # --- what the socket reports ------------------------------------------------------------------------------------

    # A frame's whole way costs about 11,000 instructions, of which its decoding is 6,000. So nothing is called, counted
    # or asked here that need not be; and what is stored in an attribute is loaded before it is called, because CPython
    # 3.11 looks up `self.attribute(...)` as a method first, 130 instructions more.

    def _received(self, frame: bytes, now: float) -> None:
        try:
            # A cut at one byte searches quickest, and a subscript looks up quicker than `get`.
            route = self._routes[frame.partition(self._key_end)[0]]
        except KeyError:
            self._look_into(frame, now)
            return
        # `route.deliver`, written out.
        route.messages += 1
        route.last_data = now
        take = route.take
        try:
            take(frame)
        except BaseException as error:  # noqa: BLE001 - neither a venue's nor a consumer's fault may end the stream
            pass_ours(error)
            route.failed(error)

    def _read(self, frame: bytes, now: float) -> None:
        """As `_received`, where the dialect has to look for the key."""
        route = self._routes.get(self._dialect.route(frame))
        if route is None:
            self._look_into(frame, now)
        else:
            route.deliver(frame, now)

    def pinged(self) -> None:
        self._pace.note()

    def disconnected(self, reason: str) -> None:
        if self.lost.is_set():
            return
        self.reason = clean(reason, MESSAGE_LIMIT)
        self.lost.set()
        for key in tuple(self._routes):
            self.detach(key)
        for deadline in self._deadlines.values():
            deadline.cancel()
        for dropped in self._drops.values():
            dropped.set()
        for task in self._tasks:
            task.cancel()
        if self._tap is not None and self._tasks:
            self._tap("close", self.name, None, self.reason)
        self._owner.link_lost(self)

    def _look_into(self, frame: bytes, now: float) -> None:
        self._uncounted += 1
        if self.lost.is_set():
            return
        try:
            control = self._dialect.control(frame)
        except (BadFrame, RecursionError) as error:
            self._owner.bad_frame(self, error)
            return
        match control.kind:
            case ControlKind.ACK | ControlKind.ERROR:
                self._answered(control)
            case ControlKind.LEFT:
                self._report(self.ledger.left(control.channels), clean(control.reason, MESSAGE_LIMIT))
            case ControlKind.DATA:
                # A channel without a route was unsubscribed a moment ago.
                route = self._routes.get(control.key) if control.key is not None else None
                if route is not None:
                    self._uncounted -= 1
                    route.deliver(frame, now)
            case ControlKind.SHUTDOWN:
                self._owner.shutdown_announced(self)
            case ControlKind.ENDED:
                for channel in control.channels:
                    self._owner.ended(self, channel, clean(control.reason, MESSAGE_LIMIT))
            case ControlKind.HEARTBEAT | ControlKind.IGNORED:
                pass

    # --- requests and their answers ---------------------------------------------------------------------------------

    def _answered(self, control: Control) -> None:
        self._heard(control.request_id)
        if control.request_id is not None and (deadline := self._deadlines.pop(control.request_id, None)):
            deadline.cancel()
        refused = control.kind is ControlKind.ERROR
        outcome = self.ledger.answered(control.request_id, control.channels, refused)
        self._report(outcome, clean(control.reason, MESSAGE_LIMIT), clock=control.clock)

    def _heard(self, request_id: int | None) -> None:
        """A request has been answered; where the venue does not say which, the oldest."""
        if request_id is None:
            request_id = next(iter(self._unheard), None)
        if request_id in self._unheard:
            del self._unheard[request_id]
            self._pace.end()

    def _unanswered(self, request_id: int) -> None:
        self._heard(request_id)
        self._deadlines.pop(request_id, None)
        self._report(self.ledger.expired(request_id), "no acknowledgement in time")

    def _report(self, outcome: Outcome, reason: str, *, clock: bool = False) -> None:
        for channel in outcome.acknowledged:
            self._owner.acknowledged(self, channel)
        for channel in outcome.refused:
            (self._owner.time_refused if clock else self._owner.refused)(self, channel, reason)
        for channel in outcome.dropped:
            if (dropped := self._drops.pop(channel, None)) is not None:
                dropped.set()
        if outcome.retried:
            self._changed.set()

    async def _write(self, socket: TransportSocket) -> None:
        with contextlib.suppress(ConnectionClosed):
            while True:
                await self._changed.wait()
                self._changed.clear()
                # First the turn, then the difference: what changes while waiting is taken along.
                await self._pace.free()
                while (request := self.ledger.next()) is not None:
                    await self._request(socket, request)
                    await self._pace.free()
                self._report(Outcome(dropped=tuple(c for c in self._drops if self.ledger.has(c))), "")

    async def _request(self, socket: TransportSocket, request: Request) -> None:
        frame = self._dialect.subscribe if request.operation == "subscribe" else self._dialect.unsubscribe
        outgoing = frame(request.channels, request.id)
        if outgoing is None:
            if request.operation == "unsubscribe" and self.ledger.must_leave(request):
                self.abort("what its address subscribes to is no longer wanted, or wanted anew")
                await self.lost.wait()
            self._answered(Control(ControlKind.ACK, request.id))
            return
        loop = asyncio.get_running_loop()
        self._deadlines[request.id] = loop.call_later(
            self._settings.ack_timeout, self._unanswered, request.id
        )
        self._unheard[request.id] = None
        self._pace.begin()
        await self._send(socket, outgoing)

    async def _send(self, socket: TransportSocket, outgoing: Outgoing) -> None:
        if self._tap is not None:
            self._tap("sent", self.name, None, outgoing.redacted or outgoing.data)
        await socket.send(outgoing.data)

    # --- life -------------------------------------------------------------------------------------------------------

    async def _keep_alive(self, socket: TransportSocket) -> None:
        watch = self._watch(socket.heartbeat)
        with contextlib.suppress(ConnectionClosed):
            while True:
                step, again = watch.step(time.monotonic(), socket.last_byte)
                if step == "ping":
                    await self._ping(socket)
                elif step == "dead":
                    await asyncio.sleep(_LAST_LOOK)
                    if watch.step(time.monotonic(), socket.last_byte)[0] == "dead":
                        socket.abort(f"no sign of life: {watch.meaning}")
                        return
                    continue
                await asyncio.sleep(again)

    def _watch(self, heartbeat: float | None) -> ConnectionWatch | SilenceLimit:
        interval, timeout = self._settings.ping_interval, self._settings.ping_timeout
        if heartbeat is None:
            # The first ping goes at once: it measures the latency.
            return ConnectionWatch(interval, timeout, time.monotonic() - interval)
        return SilenceLimit(max(interval, heartbeat, self._heartbeat) + timeout)

    async def _ping(self, socket: TransportSocket) -> None:
        message = self._dialect.ping()
        self._pace.note()
        if message is not None:
            await self._send(socket, message)
            return
        await socket.ping()


def _tapped(tap: Tap, name: str, received: Callable[[bytes, float], None]) -> Callable[[bytes, float], None]:
    """`received`, with each frame shown to the tap first."""

    def tapped(frame: bytes, now: float) -> None:
        tap("recv", name, None, frame)
        received(frame, now)

    return tapped
