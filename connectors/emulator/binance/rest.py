"""The REST interface: paths to operations, with weights, limits, authentication and the venue's headers."""

from typing import Any

from connectors.emulator.accounts import ApiKey
from connectors.emulator.binance.auth import (
    check_right,
    check_signature,
    check_time,
    identify,
    rest_payload,
)
from connectors.emulator.binance.core import Call, Core, Operation, Security
from connectors.emulator.binance.errors import VenueRefusal
from connectors.emulator.binance.params import Params
from connectors.emulator.messages import Request, Response, json_response

Paths = dict[tuple[str, str], str]
"""Operations by method and path."""

SPOT_PATHS: Paths = {
    ("GET", "/api/v3/ping"): "ping",
    ("GET", "/api/v3/time"): "time",
    ("GET", "/api/v3/exchangeInfo"): "exchangeInfo",
    ("GET", "/api/v3/depth"): "depth",
    ("GET", "/api/v3/trades"): "trades.recent",
    ("GET", "/api/v3/historicalTrades"): "trades.historical",
    ("GET", "/api/v3/aggTrades"): "trades.aggregate",
    ("GET", "/api/v3/klines"): "klines",
    ("GET", "/api/v3/uiKlines"): "uiKlines",
    ("GET", "/api/v3/avgPrice"): "avgPrice",
    ("GET", "/api/v3/ticker/24hr"): "ticker.24hr",
    ("GET", "/api/v3/ticker/price"): "ticker.price",
    ("GET", "/api/v3/ticker/bookTicker"): "ticker.book",
    ("POST", "/api/v3/order"): "order.place",
    ("POST", "/api/v3/order/test"): "order.test",
    ("GET", "/api/v3/order"): "order.status",
    ("DELETE", "/api/v3/order"): "order.cancel",
    ("GET", "/api/v3/openOrders"): "openOrders.status",
    ("DELETE", "/api/v3/openOrders"): "openOrders.cancelAll",
    ("GET", "/api/v3/allOrders"): "allOrders",
    ("GET", "/api/v3/account"): "account.status",
    ("GET", "/api/v3/account/commission"): "account.commission",
    ("GET", "/api/v3/rateLimit/order"): "account.rateLimits.orders",
    ("GET", "/api/v3/myTrades"): "myTrades",
    ("GET", "/sapi/v1/account/apiRestrictions"): "restrictions",
    ("GET", "/sapi/v1/account/status"): "accountStatus",
    ("GET", "/sapi/v1/capital/config/getall"): "assets",
    ("GET", "/sapi/v1/asset/tradeFee"): "tradeFee",
    ("GET", "/sapi/v1/margin/allPairs"): "marginPairs",
    ("GET", "/sapi/v1/margin/isolated/allPairs"): "marginPairs",
    ("GET", "/fapi/v1/exchangeInfo"): "noContracts",
    ("GET", "/dapi/v1/exchangeInfo"): "noContracts",
}
_NOT_FOUND = b"<html><head><title>404 Not Found</title></head><body><h1>Not Found</h1></body></html>"
_NOT_ALLOWED = VenueRefusal(-1000, "Request method not supported.", status=405)


class Rest:
    def __init__(self, core: Core, operations: dict[str, Operation], paths: Paths) -> None:
        self._core = core
        self._operations = operations
        self._paths = paths
        self._known_paths = frozenset(path for _, path in paths)

    def answer(self, request: Request) -> Response:
        name = self._paths.get((request.method, request.path))
        if name is None and request.path not in self._known_paths:
            return Response(404, _NOT_FOUND, content_type="text/html")
        account: str | None = None
        try:
            if name is None:
                raise _NOT_ALLOWED
            content, account = self._perform(self._operations[name], request)
            response = json_response(content)
        except VenueRefusal as refusal:
            response = json_response(refusal.content, refusal.status)
            if refusal.retry_after is not None:
                response.headers["Retry-After"] = str(refusal.retry_after)
        response.headers |= self._core.limits.headers(request.peer, account, self._core.now())
        return response

    def _perform(self, operation: Operation, request: Request) -> tuple[Any, str | None]:
        """The answer's content, and whose order count to report."""
        core = self._core
        body = request.body.decode("utf-8", "replace")
        params = Params.of_request(request.query, body)
        core.limits.spend(request.peer, operation.weight_of(params), core.now())
        key = self._authenticate(operation, request, params, body)
        params.check_names(operation.params, signed=key is not None)
        counted = key.account.name if key is not None and operation.places_order else None
        if counted is not None:
            core.limits.count_order(counted, core.now())
        return operation.run(Call(params, core.market.now, key)), counted

    def _authenticate(
        self, operation: Operation, request: Request, params: Params, body: str
    ) -> ApiKey | None:
        if operation.security is Security.NONE:
            return None
        key = identify(self._core.market.accounts, request.headers.get("x-mbx-apikey"))
        if operation.security is Security.KEY:
            return key
        check_time(params, self._core.now())
        payload, signature = rest_payload(request.query, body)
        check_signature(key, payload, signature)
        check_right(key, trade=operation.security is Security.TRADE)
        return key
