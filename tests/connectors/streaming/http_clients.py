"""The clients of `http_venue`: a dialect for each way it is read, and the feeds that hear it."""

import asyncio
import itertools
import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import httpx
import msgspec

from connectors.contracts.errors import BadFrame, RateLimited, VenueUnavailable
from connectors.contracts.events import StreamStatus, Trade
from connectors.streaming.dialect import Channel, Control, ControlKind, Limits, Outgoing
from connectors.streaming.feeds import Listener, TradeFeed
from connectors.streaming.list_feeds import TradeListFeed
from connectors.streaming.session import Session
from connectors.streaming.settings import SessionSettings
from connectors.streaming.tap import Tap
from connectors.streaming.transport import Transport

_count = itertools.count(1)
LASTING = SessionSettings(
    open_timeout=2.0,
    subscribe_timeout=5.0,
    close_timeout=0.3,
    ping_interval=10.0,
    ping_timeout=10.0,
    watch_interval=0.01,
    backoff_base=0.02,
    backoff_cap=0.1,
    overlap=0.3,
    ban=0.3,
    too_many=0.2,
    bad_frames_disable=9,
    max_frame=64 * 1024,
)
"""A connection outlives the silence of a market that stands still."""


class StreamDialect:
    """A category is a set of symbols, which the address names."""

    name = "http-venue"
    key_end = None

    def __init__(self, base: str, path: str = "/stream/trades", **limits: float | None) -> None:
        self.limits = Limits(**{"lifetime": None, **limits})  # type: ignore[arg-type]
        self._base = f"{base}{path}"

    def url(self, category: str) -> str:
        return f"{self._base}?symbols={category}"

    def key(self, channel: str) -> bytes:
        return channel.encode()

    def subscribe(self, channels: Sequence[str], request_id: int) -> Outgoing | None:
        return None

    def unsubscribe(self, channels: Sequence[str], request_id: int) -> Outgoing | None:
        return None

    def ping(self) -> Outgoing | None:
        return None

    def route(self, frame: bytes) -> bytes | None:
        return frame[6 : frame.find(b'"', 6)] if frame.startswith(b'{"s":"') else None

    def control(self, frame: bytes) -> Control:
        try:
            message = msgspec.json.decode(frame)
        except msgspec.MsgspecError as error:
            raise BadFrame(str(error)) from None
        return Control(ControlKind.SHUTDOWN if "shutdown" in message else ControlKind.IGNORED)

    def sequence(self, channel: str, frame: bytes) -> int | None:
        return msgspec.json.decode(frame)["t"]


class PollDialect(StreamDialect):
    """A category is one symbol; a label names its answers."""

    def url(self, category: str) -> str:
        return f"/trades?symbol={category}"

    def route(self, frame: bytes) -> bytes | None:
        return frame.partition(b" ")[0]


def label(url: str) -> bytes:
    return url.rpartition("=")[2].encode() + b" "


def decode(frame: bytes) -> Trade:
    try:
        event = msgspec.json.decode(frame)
        return Trade(event["s"], 1.0, 1.0, event["T"], "buy", str(event["t"]))
    except (msgspec.MsgspecError, KeyError, TypeError) as error:
        raise BadFrame(str(error)) from None


def decode_list(frame: bytes) -> list[Trade]:
    try:
        events = json.loads(frame.partition(b" ")[2])
    except ValueError as error:
        raise BadFrame(str(error)) from None
    return [Trade(event["s"], 1.0, 1.0, event["T"], "buy", str(event["t"])) for event in events]


def market_channel(symbol: str = "BTCUSDT", category: str = "", **options: float | None) -> Channel:
    return Channel(symbol, symbol, category or symbol, **options)  # type: ignore[arg-type]


class Heard:
    """A feed of trades and all that it gave; of lists of them where `lists`."""

    def __init__(
        self, symbol: str = "BTCUSDT", category: str = "", *, lists: bool = False, **options: float | None
    ) -> None:
        self.channel = market_channel(symbol, category, **options)
        self.feed: TradeFeed = (
            TradeListFeed(self.channel, decode_list, consecutive=False)
            if lists
            else TradeFeed(self.channel, decode, consecutive=False)
        )
        self.trades: list[Trade] = []
        self.statuses: list[StreamStatus] = []
        self.feed.add(Listener(self.trades.append, self.statuses.append))

    @property
    def numbers(self) -> list[int]:
        return [int(trade.trade_id) for trade in self.trades]

    @property
    def kinds(self) -> list[str]:
        return [status.kind for status in self.statuses]


class Caller:
    """What a polled venue's REST client is: it turns statuses into typed errors. Calls are counted."""

    def __init__(self, base: str) -> None:
        self.calls_at: list[float] = []
        """`time.monotonic()` of each."""
        self.answered = 0
        self._base = base

    @property
    def calls(self) -> int:
        return len(self.calls_at)

    async def __call__(self, url: str) -> bytes:
        self.calls_at.append(time.monotonic())
        try:
            async with httpx.AsyncClient(trust_env=False) as client:
                response = await client.get(self._base + url)
        except httpx.HTTPError as error:
            raise VenueUnavailable(type(error).__name__) from None
        self.answered += 1
        if response.status_code == 429:
            asked = response.headers.get("retry-after")
            raise RateLimited("too many", retry_after=float(asked) if asked else None)
        if response.status_code != 200:
            raise VenueUnavailable(f"HTTP {response.status_code}")
        return response.content


@asynccontextmanager
async def session_over(
    dialect: StreamDialect,
    transport: Transport,
    category: str = "BTCUSDT",
    settings: SessionSettings = LASTING,
    tap: Tap | None = None,
) -> AsyncIterator[Session]:
    name = f"http-{next(_count)}"
    session = Session(dialect, category, name=name, settings=settings, transport=transport, tap=tap)
    try:
        yield session
    finally:
        await session.close()
        names = [task.get_name() for task in asyncio.all_tasks()]
        assert [one for one in names if one.startswith(name)] == []
