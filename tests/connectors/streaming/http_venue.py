"""A venue without WebSockets, on the emulator.

`GET /stream/trades?symbols=A,B` (lines) and `/events/trades?symbols=A,B` (Server-Sent Events) give
`{"s":"A","t":<number>,"T":<time>}`; `GET /trades?symbol=A` gives the last of A's trades as a list. Numbers grow by
one over all symbols. `Bearer letmein` opens what needs a token: paths under `/private`.
"""

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any
from urllib.parse import parse_qs

import msgspec

from connectors.emulator.clock import Clock, ManualClock
from connectors.emulator.emulator import Emulator, EmulatorOptions
from connectors.emulator.faults import Faults
from connectors.emulator.http_stream import HttpStream
from connectors.emulator.market import Market
from connectors.emulator.messages import (
    EVENT_STREAM,
    JSON_LINES,
    Request,
    Response,
    SocketSession,
    Streaming,
    json_response,
)
from connectors.emulator.orders import Trade
from connectors.emulator.socket import Socket
from connectors.emulator.testing import pass_time

START = 1_790_000_123_456
LIST = 50


class _Session:
    def __init__(self, venue: "HttpVenue", symbols: Sequence[str], stream: HttpStream) -> None:
        self.stream = stream
        self._venue = venue
        self._symbols = symbols
        self._joined: Collection[str] = ()

    @property
    def subscriptions(self) -> Collection[str]:
        return self._joined

    def begin(self) -> None:
        self._joined = self._symbols
        self._venue.sessions.append(self)

    def on_closed(self) -> None:
        self._joined = ()
        self._venue.sessions.remove(self)

    def announce_shutdown(self) -> None:
        self.stream.send(b'{"shutdown":true}')


class HttpVenue:
    """The emulator's side."""

    futures = None

    def __init__(self, market: Market, clock: Clock, faults: Faults) -> None:
        self.sessions: list[_Session] = []
        self.opened = 0
        self.beating = True
        self._market = market
        market.on_trade = self._traded

    def answer(self, request: Request) -> Response | Streaming:
        path = request.path
        if path.startswith("/private"):
            if request.headers.get("authorization") != "Bearer letmein":
                return json_response({"error": "no token"}, 401)
            path = path.removeprefix("/private")
        query = {name: values[0] for name, values in parse_qs(request.query).items()}
        if path in ("/stream/trades", "/events/trades"):
            self.opened += 1
            kind = EVENT_STREAM if path.startswith("/events") else JSON_LINES
            return Streaming(partial(_Session, self, query["symbols"].split(",")), kind)
        if path == "/trades":
            tape = self._market.listings[query["symbol"]].tape
            return json_response([trade_event(trade) for trade in list(tape.trades)[-LIST:]])
        if path == "/elsewhere":
            return json_response({}, 302, {"Location": "/stream/trades?symbols=BTCUSDT"})
        return json_response({"error": "no such path"}, 404)

    def accept(self, socket: Socket) -> SocketSession | None:
        return None

    def tick(self, now: int) -> None:
        for session in self.sessions if self.beating else ():
            session.stream.beat()

    def _traded(self, trade: Trade) -> None:
        symbol = trade.instrument.symbol
        for session in self.sessions:
            if symbol in session.subscriptions:
                session.stream.deliver(f"{symbol}@trade", msgspec.json.encode(trade_event(trade)))


def trade_event(trade: Trade) -> dict[str, Any]:
    return {"s": trade.instrument.symbol, "t": trade.id, "T": trade.time}


def create_dialect(market: Market, clock: Clock, faults: Faults) -> HttpVenue:
    return HttpVenue(market, clock, faults)


def endpoints(authority: str) -> dict[str, str]:
    return {"rest": f"http://{authority}"}


class _Module:
    create_dialect = staticmethod(create_dialect)
    endpoints = staticmethod(endpoints)


@asynccontextmanager
async def http_venue(**options: Any) -> AsyncIterator[Emulator]:
    """The venue, whose time stands still until the test lets it pass unless `drive` is given."""
    clock = Clock() if options.get("drive") else ManualClock(START)
    options = {"seed": 7, "rate": 20.0, "drive": False, **options}
    async with Emulator("http-venue", EmulatorOptions(**options), clock=clock, module=_Module()) as emulator:
        yield emulator


def tape(emulator: Emulator, symbol: str = "BTCUSDT") -> list[int]:
    """The numbers of all trades that really were made."""
    return [trade.id for trade in emulator.market.listings[symbol].tape.trades]


def news(emulator: Emulator, seconds: float = 1.0, symbol: str = "BTCUSDT") -> list[int]:
    """Let time pass; the numbers of the trades that were made in it."""
    before = tape(emulator, symbol)[-1]
    pass_time(emulator, round(seconds * 1000))
    made = [number for number in tape(emulator, symbol) if number > before]
    assert len(made) > 3
    return made
