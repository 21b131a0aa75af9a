"""USD-M futures put together: a market of its own that follows spot's values."""

from connectors.emulator.binance.core import Core
from connectors.emulator.binance.limits import Limits
from connectors.emulator.binance.rest import Paths, Rest
from connectors.emulator.binance.stream_session import StreamSession
from connectors.emulator.binance.streams import streams_of
from connectors.emulator.binance.usdm.account_data import account_operations
from connectors.emulator.binance.usdm.categories import Category
from connectors.emulator.binance.usdm.contracts import PERPETUALS, dated, next_delivery
from connectors.emulator.binance.usdm.exchange_info import WEIGHT_LIMIT
from connectors.emulator.binance.usdm.market_data import market_data_operations
from connectors.emulator.binance.usdm.prices import FUNDING_MS
from connectors.emulator.binance.usdm.publishers import publisher_for
from connectors.emulator.binance.usdm.user_data import PrivateSession, UserData
from connectors.emulator.binance.usdm.wallets import Wallets
from connectors.emulator.clock import Clock
from connectors.emulator.market import Market
from connectors.emulator.messages import Request, Response, SocketSession
from connectors.emulator.publishers import due
from connectors.emulator.socket import Socket

MESSAGES_A_SECOND = 10
PATHS: Paths = {
    ("GET", "/fapi/v1/ping"): "ping",
    ("GET", "/fapi/v1/time"): "time",
    ("GET", "/fapi/v1/exchangeInfo"): "exchangeInfo",
    ("GET", "/fapi/v1/depth"): "depth",
    ("GET", "/fapi/v1/trades"): "trades",
    ("GET", "/fapi/v1/aggTrades"): "aggTrades",
    ("GET", "/fapi/v1/klines"): "klines",
    ("GET", "/fapi/v1/ticker/24hr"): "ticker.24hr",
    ("GET", "/fapi/v1/ticker/price"): "ticker.price",
    ("GET", "/fapi/v2/ticker/price"): "ticker.price",
    ("GET", "/fapi/v1/ticker/bookTicker"): "ticker.book",
    ("GET", "/fapi/v1/premiumIndex"): "premiumIndex",
    ("GET", "/fapi/v3/balance"): "balance",
    ("GET", "/fapi/v3/account"): "account",
    ("GET", "/fapi/v3/positionRisk"): "positionRisk",
    ("GET", "/fapi/v1/leverageBracket"): "brackets",
    ("GET", "/fapi/v1/positionSide/dual"): "positionMode",
    ("POST", "/fapi/v1/listenKey"): "listenKey.start",
    ("PUT", "/fapi/v1/listenKey"): "listenKey.extend",
    ("DELETE", "/fapi/v1/listenKey"): "listenKey.close",
}
_CATEGORIES = ("public", "market")
_RETIRED = "retired"
"""The un-prefixed addresses: they are answered, and no stream is sent there any more."""


class UsdM:
    """`spot` gives the values, the accounts and the keys."""

    def __init__(self, spot: Market, clock: Clock) -> None:
        delivery = next_delivery(spot.now)
        self.market = Market(
            seed=spot.seed + 1,
            start=spot.now,
            rate=spot.rate,
            accounts=spot.accounts,
            instruments=(*PERPETUALS, dated(delivery)),
            follows=spot,
            warm_up_ms=spot.warm_up_ms,
            live=spot.live,
            levels=spot.levels,
        )
        core = self._core = Core(self.market, clock, Limits(WEIGHT_LIMIT))
        self._wallets = Wallets(core)
        self._user_data = UserData(core, self._wallets)
        operations = {
            **market_data_operations(core, delivery),
            **account_operations(core, self._wallets),
            **self._user_data.operations(),
        }
        self._rest = Rest(core, operations, PATHS)
        self._streams = streams_of(core, publisher_for)
        self._categories = {name: Category(self._streams, name) for name in (*_CATEGORIES, _RETIRED)}

    def answer(self, request: Request) -> Response:
        return self._rest.answer(request)

    def accept(self, socket: Socket, path: str) -> SocketSession | None:
        category, _, rest = path.removeprefix("/").partition("/")
        if category in ("ws", "stream"):
            category, rest = _RETIRED, path.removeprefix("/")
        path = f"/{rest}"
        if path not in ("/ws", "/stream") and not path.startswith("/ws/"):
            return None
        if category == "private":
            return PrivateSession(self._core, self._user_data, socket, path)
        streams = self._categories.get(category)
        if streams is None:
            return None
        return StreamSession(self._core, streams, socket, path, messages_a_second=MESSAGES_A_SECOND)

    def tick(self, now: int) -> None:
        if due(now, FUNDING_MS):
            self._wallets.settle_funding()
        self._streams.tick(now)
        self._user_data.tick()
