"""A scripted venue on a loopback socket, and the dialect that speaks to it.

Frames: `{"stream":"<name>","data":{"q":<sequence>}}`; SUBSCRIBE and UNSUBSCRIBE as Binance has them. What the venue
does beyond that each test scripts itself.
"""

import asyncio
import contextlib
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus

import msgspec
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from connectors.contracts.errors import BadFrame
from connectors.contracts.events import StreamStatus
from connectors.streaming.dialect import Channel, Control, ControlKind, Limits, Outgoing
from connectors.streaming.session import Session
from connectors.streaming.settings import SessionSettings

QUICK = SessionSettings(
    open_timeout=2.0,
    subscribe_timeout=3.0,
    ack_timeout=0.3,
    close_timeout=0.3,
    ping_interval=0.1,
    ping_timeout=0.1,
    watch_interval=0.01,
    idle_timeout=5.0,
    backoff_base=0.02,
    backoff_cap=0.1,
    overlap=1.0,
    ban=0.3,
    too_many=0.2,
    bad_frames_resubscribe=3,
    bad_frames_disable=9,
    max_frame=64 * 1024,
)


class ScriptedDialect:
    """The dialect of `ScriptedVenue`."""

    name = "scripted"

    def __init__(self, base: str, **limits: float | None) -> None:
        self.limits = Limits(**{"messages_per_second": 1000, "lifetime": None, **limits})  # type: ignore[arg-type]
        self._base = base

    def url(self, category: str) -> str:
        return f"{self._base}/{category}"

    def key(self, channel: str) -> bytes:
        return channel.encode()

    def subscribe(self, channels: Sequence[str], request_id: int) -> Outgoing:
        return Outgoing(json.dumps({"method": "SUBSCRIBE", "params": list(channels), "id": request_id}))

    def unsubscribe(self, channels: Sequence[str], request_id: int) -> Outgoing:
        return Outgoing(json.dumps({"method": "UNSUBSCRIBE", "params": list(channels), "id": request_id}))

    def ping(self) -> Outgoing | None:
        return None

    key_end = None

    def route(self, frame: bytes) -> bytes | None:
        return frame[11 : frame.find(b'"', 11)] if frame.startswith(b'{"stream":"') else None

    def control(self, frame: bytes) -> Control:
        try:
            message = msgspec.json.decode(frame)
        except msgspec.MsgspecError as error:
            raise BadFrame(str(error)) from None
        if "shutdown" in message:
            return Control(ControlKind.SHUTDOWN)
        if "stream" in message:
            return Control(ControlKind.DATA, key=message["stream"].encode())
        if "error" in message:
            return Control(ControlKind.ERROR, request_id=message["id"], reason=message["error"])
        return Control(ControlKind.ACK, request_id=message["id"])

    def sequence(self, channel: str, frame: bytes) -> int | None:
        return msgspec.json.decode(frame)["data"].get("q")


Script = Callable[["ScriptedVenue", ServerConnection, dict], Awaitable[bool]]
"""Handles one request itself, where it returns True."""


class ScriptedVenue:
    """What it was told, and the means to misbehave."""

    def __init__(self) -> None:
        self.url = ""
        self.connections: list[ServerConnection] = []
        self.requests: list[dict] = []
        self.handshakes = 0
        self.refuse: list[tuple[int, dict[str, str]]] = []
        """Statuses and headers to answer the next handshakes with."""
        self.script: Script | None = None
        self.subscribed: dict[ServerConnection, Counter[str]] = {}
        self.server: Server | None = None
        self._changed = asyncio.Event()

    @property
    def live(self) -> list[ServerConnection]:
        return list(self.subscribed)

    def on(self, connection: ServerConnection) -> Counter[str]:
        return self.subscribed[connection]

    async def send(self, channel: str, number: int | str, connection: ServerConnection | None = None) -> None:
        """One event to every connection that has the channel, or to the one named."""
        frame = f'{{"stream":"{channel}","data":{{"q":{number}}}}}'
        for target in [connection] if connection else self.live:
            if connection is not None or self.subscribed[target][channel]:
                with contextlib.suppress(ConnectionClosed):
                    await target.send(frame)

    async def raw(self, frame: str | bytes) -> None:
        for target in self.live:
            await target.send(frame)

    async def until(self, condition: Callable[[], object], timeout: float = 5.0) -> None:
        await until(condition, timeout)

    def kill(self) -> None:
        """Break every connection without a word."""
        for connection in self.live:
            connection.transport.abort()

    async def _process(self, connection: ServerConnection, request: Request) -> Response | None:
        self.handshakes += 1
        if not self.refuse:
            return None
        status, headers = self.refuse.pop(0)
        response = connection.respond(HTTPStatus(status) if status != 418 else HTTPStatus.IM_A_TEAPOT, "no\n")
        for name, value in headers.items():
            response.headers[name] = value
        return response

    async def _serve(self, connection: ServerConnection) -> None:
        self.connections.append(connection)
        self.subscribed[connection] = Counter()
        try:
            async for message in connection:
                request = json.loads(message)
                self.requests.append(request)
                if self.script is not None and await self.script(self, connection, request):
                    continue
                await self.accept(connection, request)
        except ConnectionClosed:
            pass
        finally:
            del self.subscribed[connection]

    async def accept(self, connection: ServerConnection, request: dict) -> None:
        step = 1 if request["method"] == "SUBSCRIBE" else -1
        for channel in request["params"]:
            self.subscribed[connection][channel] += step
        await connection.send(json.dumps({"result": None, "id": request["id"]}))


@asynccontextmanager
async def scripted_venue(port: int = 0, **options: object) -> AsyncIterator[ScriptedVenue]:
    venue = ScriptedVenue()
    options.setdefault("ping_interval", None)
    async with serve(
        venue._serve,
        "127.0.0.1",
        port,
        process_request=venue._process,
        close_timeout=0.2,
        **options,  # type: ignore[arg-type]
    ) as server:
        venue.server = server
        venue.url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield venue


class Probe:
    """A sink that keeps everything, in order."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.events: list[StreamStatus] = []
        self.log: list[str] = []
        self.confirm: Callable[[], Awaitable[bool]] | None = None

    def frame(self, frame: bytes) -> None:
        try:
            number = msgspec.json.decode(frame)["data"]["q"]
        except msgspec.MsgspecError as error:
            raise BadFrame(str(error)) from None
        if number == "boom":
            raise RuntimeError("a consumer's fault")
        if not isinstance(number, int):
            raise BadFrame(f"not a number: {number}")
        self.numbers.append(number)
        self.log.append(f"data {number}")

    def opened(self) -> None:
        self.log.append("opened")

    def closed(self, reason: str) -> None:
        self.log.append("closed")

    def confirm_silence(self) -> Awaitable[bool] | None:
        return self.confirm() if self.confirm is not None else None

    def status(self, event: StreamStatus) -> None:
        self.events.append(event)
        self.log.append(event.kind)

    @property
    def kinds(self) -> list[str]:
        return [event.kind for event in self.events]


async def until(condition: Callable[[], object], timeout: float = 5.0) -> None:
    """Wait until the condition holds; fails after `timeout` seconds."""
    async with asyncio.timeout(timeout):
        while not condition():  # noqa: ASYNC110 - any condition, of either side, without a hook in it
            await asyncio.sleep(0.002)


def channel(name: str, **options: float | None) -> Channel:
    return Channel(name, symbol=name.upper(), **options)  # type: ignore[arg-type]


@asynccontextmanager
async def session_on(
    venue: ScriptedVenue, settings: SessionSettings = QUICK, **limits: float | None
) -> AsyncIterator[Session]:
    session = Session(ScriptedDialect(venue.url, **limits), name="scripted", settings=settings)
    try:
        yield session
    finally:
        await session.close()
        leftovers = [task for task in asyncio.all_tasks() if "scripted" in task.get_name()]
        assert leftovers == []
