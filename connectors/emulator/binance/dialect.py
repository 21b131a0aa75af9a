"""The dialect put together."""

from connectors.emulator.binance.account_data import account_operations
from connectors.emulator.binance.core import Core
from connectors.emulator.binance.market_data import market_data_operations
from connectors.emulator.binance.rest import Rest
from connectors.emulator.binance.stream_session import StreamSession
from connectors.emulator.binance.streams import Streams
from connectors.emulator.binance.trading import trading_operations
from connectors.emulator.binance.urls import WS_API
from connectors.emulator.binance.user_events import UserEvents
from connectors.emulator.binance.ws_api import WsApiSession
from connectors.emulator.clock import Clock
from connectors.emulator.faults import Faults
from connectors.emulator.market import Market
from connectors.emulator.messages import Request, Response, SocketSession
from connectors.emulator.socket import Socket


class BinanceDialect:
    def __init__(self, market: Market, clock: Clock, faults: Faults) -> None:
        self._core = Core(market, clock)
        self._faults = faults
        self._operations = {
            **market_data_operations(self._core),
            **trading_operations(self._core),
            **account_operations(self._core),
        }
        self._rest = Rest(self._core, self._operations)
        self._streams = Streams(self._core)
        self._events = UserEvents(self._core)

    def answer(self, request: Request) -> Response:
        return self._rest.answer(request)

    def accept(self, socket: Socket) -> SocketSession | None:
        path = socket.path
        if path in ("/ws", "/stream") or path.startswith("/ws/"):
            return StreamSession(self._core, self._streams, socket)
        if path == WS_API:
            return WsApiSession(self._core, self._operations, self._events, socket)
        return None

    def tick(self, now: int) -> None:
        self._streams.tick(now)
