"""The dialect put together."""

from dataclasses import replace

from connectors.emulator.binance.account_data import account_operations
from connectors.emulator.binance.core import Core
from connectors.emulator.binance.market_data import market_data_operations
from connectors.emulator.binance.rest import SPOT_PATHS, Rest
from connectors.emulator.binance.stream_session import StreamSession
from connectors.emulator.binance.streams import streams_of
from connectors.emulator.binance.trading import trading_operations
from connectors.emulator.binance.urls import USD_M, WS_API
from connectors.emulator.binance.usdm.venue import UsdM
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
        self._usd_m: UsdM | None = None
        self._faults = faults
        self._operations = {
            **market_data_operations(self._core),
            **trading_operations(self._core),
            **account_operations(self._core),
        }
        self._rest = Rest(self._core, self._operations, SPOT_PATHS)
        self._streams = streams_of(self._core)
        self._events = UserEvents(self._core)

    @property
    def futures(self) -> Market | None:
        return self._usd_m.market if self._usd_m is not None else None

    @property
    def usd_m(self) -> UsdM:
        """Made when first asked for: who watches spot alone does not pay for it."""
        if self._usd_m is None:
            self._usd_m = UsdM(self._core.market, self._core.clock)
        return self._usd_m

    def answer(self, request: Request) -> Response:
        if request.path.startswith(USD_M + "/"):
            return self.usd_m.answer(replace(request, path=request.path.removeprefix(USD_M)))
        return self._rest.answer(request)

    def accept(self, socket: Socket) -> SocketSession | None:
        path = socket.path
        if path.startswith(USD_M + "/"):
            return self.usd_m.accept(socket, path.removeprefix(USD_M))
        if path in ("/ws", "/stream") or path.startswith("/ws/"):
            return StreamSession(self._core, self._streams, socket, path)
        if path == WS_API:
            return WsApiSession(self._core, self._operations, self._events, socket)
        return None

    def tick(self, now: int) -> None:
        self._streams.tick(now)
        if self._usd_m is not None:
            self._usd_m.tick(now)
