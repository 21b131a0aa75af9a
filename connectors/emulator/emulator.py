"""The emulator as a server: one loopback port for REST, streams and control."""

import asyncio
import logging
import secrets
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from typing import Any, cast

from catalog.text import clean
from connectors.emulator.bounds import check
from connectors.emulator.clock import Clock
from connectors.emulator.connection import Connection
from connectors.emulator.control import Control
from connectors.emulator.dialect import (
    TICK_MS,
    ListsMore,
    VenueModule,
    checked_endpoints,
    venue_module,
)
from connectors.emulator.faults import Faults, Rule
from connectors.emulator.gate import CONTROL, Gate
from connectors.emulator.http import HttpConnection
from connectors.emulator.http_stream import HttpStream
from connectors.emulator.listing_changes import BadChange, ListingChange, change_listing
from connectors.emulator.makers import LEVELS
from connectors.emulator.market import DEFAULT_RATE, Market
from connectors.emulator.messages import Request, Response, Streaming
from connectors.emulator.socket import Socket

log = logging.getLogger(__name__)

_HEAD_LIMIT = 65_536
MOST_CONNECTIONS = 2_000
_STEP_SECONDS = 0.02
_STEP_MS = 20
"""Of the market's time; what has to be done in it is done at once."""
_MOST_BEHIND_MS = 5_000
_UPKEEP_SECONDS = 0.25
_SHUTDOWN_GRACE_SECONDS = 0.5


@dataclass(frozen=True, kw_only=True)
class EmulatorOptions:
    """How an emulator is set up. Times are in seconds unless the name says otherwise."""

    seed: int | None = None
    """The same seed gives the same market; none makes one up."""
    rate: float = DEFAULT_RATE
    """Taker orders a second on the busiest pair."""
    symbols: int = 0
    """At least this many instruments: quiet ones are added."""
    warm_up_ms: int | None = None
    """The market is run so long, at most, before its first shown moment: none is its own usual time."""
    live: int | None = None
    """How many pairs are at work from the beginning, the busiest first: none is all but the padding ones."""
    levels: int = LEVELS
    """Price levels a side of every book."""
    lifetime: float = 24 * 3600
    """How long a WebSocket or an HTTP stream lives."""
    ping_interval: float = 20
    pong_timeout: float = 60
    faults: tuple[Rule, ...] = ()
    drive: bool = True
    """The market follows real time; otherwise it moves by `Emulator.advance` alone."""

    def __post_init__(self) -> None:
        """Raises `BadOption`."""
        check(self)


@dataclass(eq=False)
class Emulator:
    """One emulated venue. `async with` serves it. `module` serves a venue that no installed package offers."""

    venue: str
    options: EmulatorOptions = field(default_factory=EmulatorOptions)
    host: str = "127.0.0.1"
    port: int = 0
    clock: Clock = field(default_factory=Clock)
    module: VenueModule | None = None

    def __post_init__(self) -> None:
        seed = self.options.seed
        self.seed = secrets.randbelow(2**31) if seed is None else seed
        self.id = secrets.token_hex(8)
        self.token = secrets.token_urlsafe(24)
        """What commands of its own paths must show."""
        self._gate = Gate(self.token)
        self.faults = Faults(self.seed)
        self._venue_module = self.module or venue_module(self.venue)
        now = self.clock.now()
        options = self.options
        self.market = Market(
            seed=self.seed,
            start=now,
            rate=options.rate,
            symbols=options.symbols,
            besides=self._venue_module.quiet_pairs() if isinstance(self._venue_module, ListsMore) else (),
            warm_up_ms=options.warm_up_ms,
            live=options.live,
            levels=options.levels,
        )
        self.dialect = self._venue_module.create_dialect(self.market, self.clock, self.faults)
        self.sockets: set[Connection[Any]] = set()
        """What is streamed to: WebSockets and HTTP streams."""
        self.requests = 0
        self.answer_watchers: list[Callable[[Request, int | None], None]] = []
        """Told of every answered request with its status: `None` where the connection was reset instead."""
        self._paused = False
        self._control = Control(self)
        self._next_tick = now - now % TICK_MS + TICK_MS
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._connections: set[asyncio.Task[None]] = set()

    # --- time ------------------------------------------------------------------------------------------------------

    def advance(self, now: int) -> None:
        """Bring the market and everything that is due up to `now` (ms)."""
        while self._next_tick <= now:
            self._step(self._next_tick)
            self.dialect.tick(self._next_tick)
            self._next_tick += TICK_MS
        self._step(now)

    def _step(self, now: int) -> None:
        if self._paused:
            self._rest(now)
            return
        for market in (self.market, self.dialect.futures):
            if market is not None:
                market.step(now)

    def _rest(self, now: int) -> None:
        for market in (self.market, self.dialect.futures):
            if market is not None:
                market.rest(now)

    def pause(self) -> None:
        """From now on nothing is quoted or traded, though time passes and what is due at regular times is sent."""
        self._paused = True

    def resume(self) -> None:
        self._paused = False

    def change_listing(self, change: ListingChange) -> None:
        """Raises `BadChange`."""
        market = self.market if change.market == "spot" else self.dialect.futures
        if market is None:
            raise BadChange("nobody has asked for futures yet")
        change_listing(market, change)

    async def _drive(self) -> None:
        """Follow real time. A market that fell behind on a starved machine catches up in small steps, between answers;
        one that cannot leaves out what it missed."""
        while True:
            now = self.clock.now()
            while self._next_tick <= now:
                if now - self._next_tick > _MOST_BEHIND_MS:
                    self._rest(self._next_tick)
                for moment in range(self._next_tick - TICK_MS + _STEP_MS, self._next_tick, _STEP_MS):
                    self._step(moment)
                    await asyncio.sleep(0)
                self.advance(self._next_tick)
                await asyncio.sleep(0)
            self.advance(now)
            await asyncio.sleep(_STEP_SECONDS)

    async def _keep_up(self) -> None:
        """Pings, missed pongs and lifetimes of the sockets."""
        loop = asyncio.get_running_loop()
        options = self.options
        while True:
            await asyncio.sleep(min(_UPKEEP_SECONDS, options.ping_interval / 4))
            now = loop.time()
            for socket in tuple(self.sockets):
                if now - socket.opened >= options.lifetime:
                    self._retire(socket)
                elif socket.last_ping > socket.last_pong and now - socket.last_pong > options.pong_timeout:
                    socket.abort()
                elif now - socket.last_ping >= options.ping_interval:
                    socket.ping(str(self.clock.now()).encode(), now)

    # --- serving ---------------------------------------------------------------------------------------------------

    async def __aenter__(self) -> "Emulator":
        """Raises `PortInUse`."""
        try:
            self._server = await asyncio.start_server(
                self._accept, self.host, self.port, limit=_HEAD_LIMIT, backlog=512
            )
        except (OSError, OverflowError) as error:
            from connectors.emulator.errors import PortInUse  # noqa: PLC0415 - see there

            raise PortInUse(self.host, self.port, getattr(error, "strerror", None) or str(error)) from error
        self.port = self._gate.port = self._server.sockets[0].getsockname()[1]
        for rule in self.options.faults:
            self.inject(rule)
        self._start(self._keep_up())
        if self.options.drive:
            self._start(self._drive())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def _start(self, work: Coroutine[None, None, None]) -> None:
        self._tasks.add(asyncio.create_task(work))

    async def stop(self) -> None:
        """Tell every client, close every connection, end every task; bounded in time."""
        if self._server is None:
            return
        server, self._server = self._server, None
        server.close()
        for socket in tuple(self.sockets):
            self._retire(socket)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._closing:
            await asyncio.wait(self._closing, timeout=_SHUTDOWN_GRACE_SECONDS)
        for task in tuple(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await server.wait_closed()

    @property
    def endpoints(self) -> dict[str, str]:
        return checked_endpoints(self.venue, self._venue_module, f"{self.host}:{self.port}")

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._connections) >= MOST_CONNECTIONS:
            writer.transport.abort()
            return
        task = asyncio.create_task(self._serve(reader, writer))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    @property
    def connections(self) -> int:
        """How many TCP connections are open, WebSockets and others."""
        return len(self._connections)

    @property
    def _closing(self) -> list["asyncio.Task[None]"]:
        """The connections that end with a handshake."""
        return [socket.task for socket in self.sockets]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        http = HttpConnection(reader, writer, self._answer)
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                if b"upgrade: websocket" in head.lower():
                    await self._serve_socket(reader, writer, head)
                    break
                if not await http.serve(head):
                    if http.streaming is not None:
                        await self._serve_stream(reader, writer, http.streaming)
                    break
        except asyncio.LimitOverrunError:
            writer.write(_HEAD_TOO_LONG)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _serve_socket(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes
    ) -> None:
        loop = asyncio.get_running_loop()
        task = cast("asyncio.Task[None]", asyncio.current_task())
        socket = Socket(reader, writer, task, self.faults, loop.time())
        self.sockets.add(socket)
        try:
            if socket.shake_hands(head, self._gate.admits, self.dialect.accept):
                socket.begin()
                await socket.run(loop.time)
        finally:
            self.sockets.discard(socket)

    async def _serve_stream(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: Streaming
    ) -> None:
        task = cast("asyncio.Task[None]", asyncio.current_task())
        stream = HttpStream(writer, task, self.faults, asyncio.get_running_loop().time(), answer)
        self.sockets.add(stream)
        try:
            await stream.run(reader)
        finally:
            self.sockets.discard(stream)

    async def _answer(self, request: Request) -> Response | Streaming | None:
        if (refusal := self._gate.refusal(request)) is not None:
            return refusal
        if request.path.startswith(CONTROL):
            return self._control.answer(request)
        self.requests += 1
        response = await self._spoiled(request)
        for watch in self.answer_watchers:
            watch(request, response.status if response is not None else None)
        if not isinstance(response, Response):
            return response
        seconds = (self.clock.now() + self.clock.offset) / 1_000
        return replace(response, headers={"Date": formatdate(seconds, usegmt=True), **response.headers})

    async def _spoiled(self, request: Request) -> Response | Streaming | None:
        """The answer, with what faults make of it."""
        rule = self.faults.on_answer(request.path, request.method)
        if rule is None:
            return self._answer_of_venue(request)
        if rule.kind == "reset":
            return None
        if rule.kind == "status":
            headers = {} if rule.retry_after is None else {"Retry-After": str(rule.retry_after)}
            if rule.location is not None:
                headers["Location"] = rule.location
            return Response(rule.status, (rule.payload or _FAULT_BODY).encode(), headers)
        response = self._answer_of_venue(request)
        if rule.kind == "lost":
            return None
        await asyncio.sleep((rule.milliseconds or 0) / 1_000)
        return response

    def _answer_of_venue(self, request: Request) -> Response | Streaming:
        try:
            return self.dialect.answer(request)
        except Exception:  # whatever a request makes of a dialect, it gets an answer
            log.exception("path=%s the dialect failed", clean(request.path))
            return Response(500, _FAULT_BODY.encode())

    def state(self, depth: int = 1_000_000) -> dict[str, Any]:
        """The present truth: books, connections, what was injected."""
        return self._control.state(depth)

    # --- misbehaviour ----------------------------------------------------------------------------------------------

    def inject(self, rule: Rule) -> Rule:
        """Arm a fault, or do it at once where its kind or `now` says so."""
        if rule.kind == "clock":
            self.clock.offset = rule.milliseconds or 0
            self.faults.count(rule)
        elif rule.kind == "deaf":
            self.faults.deaf = True
            self.faults.count(rule)
        elif rule.kind == "shutdown":
            for socket in tuple(self.sockets):
                self.faults.count(rule)
                self._retire(socket, (rule.milliseconds or 0) / 1_000)
        elif rule.now:
            for socket in tuple(self.sockets):
                if rule.concerns(socket.session.subscriptions if socket.session is not None else ()):
                    self.faults.count(rule)
                    self._strike(socket, rule)
        else:
            return self.faults.add(rule)
        return rule

    @staticmethod
    def _strike(socket: Connection[Any], rule: Rule) -> None:
        match rule.kind:
            case "close":
                socket.close(rule.code)
            case "abort":
                socket.abort()
            case "stall":
                socket.stall(rule.target, rule.milliseconds)
            case _:
                socket.half_open()

    @staticmethod
    def _retire(socket: Connection[Any], after: float = 0.0) -> None:
        """The venue's notice, then the close."""
        if socket.session is not None and socket.is_open:
            socket.session.announce_shutdown()
        if after > 0:
            asyncio.get_running_loop().call_later(after, socket.close)
        else:
            socket.close()


_HEAD_TOO_LONG = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
)
_FAULT_BODY = '{"code":-1000,"msg":"An unknown error occurred while processing the request."}'
