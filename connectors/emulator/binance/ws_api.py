"""The WebSocket API: the same operations as REST, and the account's events (web-socket-api.md, user-data-stream.md)."""

from typing import Any, cast

import msgspec

from connectors.emulator.accounts import Account, ApiKey
from connectors.emulator.binance.auth import check_right, check_signature, check_time, identify, ws_payload
from connectors.emulator.binance.core import Call, Core, Operation, Security
from connectors.emulator.binance.errors import VenueRefusal
from connectors.emulator.binance.params import Params
from connectors.emulator.binance.user_events import UserEvents
from connectors.emulator.socket import Socket
from connectors.emulator.wire import text_frame

_HANDSHAKE_WEIGHT = 2
_SUBSCRIBE_WEIGHT = 2
_BAD_JSON = VenueRefusal(-1135, "Invalid JSON Request")
_ALREADY = VenueRefusal(-2035, "User Data Stream subscription already active.")
_NOT_ACTIVE = VenueRefusal(-2036, "User Data Stream subscription not active.")
_REST_ONLY = frozenset({"restrictions", "assets", "accountStatus", "tradeFee", "marginPairs", "noContracts"})
_STREAM_ACCOUNT = "userDataStream.subscribe.signature"
_STREAM_END = "userDataStream.unsubscribe"
_SESSION_LIST = "session.subscriptions"


class WsApiSession:
    def __init__(
        self, core: Core, operations: dict[str, Operation], events: UserEvents, socket: Socket
    ) -> None:
        self._core, self._operations, self._events, self._socket = core, operations, events, socket
        self._subscriptions: dict[Account, int] = {}
        self._next_subscription = 0
        self._address = "127.0.0.1"
        self._reports_always = "returnRateLimits=false" not in socket.query
        self._reports_limits = self._reports_always
        core.limits.spend(self._address, _HANDSHAKE_WEIGHT, core.now())

    # --- what the socket tells -------------------------------------------------------------------------------------

    @property
    def subscriptions(self) -> tuple[str, ...]:
        return ("userData",) * len(self._subscriptions)

    def begin(self) -> None:
        """Nothing is sent unasked."""

    def on_control_frame(self) -> None:
        """Pings and pongs are free here."""

    def on_closed(self) -> None:
        for account in self._subscriptions:
            self._events.leave(account, self)
        self._subscriptions.clear()

    def announce_shutdown(self) -> None:
        self._send({"event": {"e": "serverShutdown", "E": self._core.now()}})

    def on_text(self, text: str) -> None:
        request_id: Any = None
        self._reports_limits = self._reports_always
        try:
            request = self._parsed(text)
            request_id = request.get("id")
            result = self._perform(request)
        except VenueRefusal as refusal:
            answer: dict[str, Any] = {"id": request_id, "status": refusal.status, "error": refusal.content}
            if refusal.retry_after is not None:
                retry_at = self._core.now() + refusal.retry_after * 1_000
                answer["error"] = {
                    **refusal.content,
                    "data": {"serverTime": self._core.now(), "retryAfter": retry_at},
                }
        else:
            answer = {"id": request_id, "status": 200, "result": result}
        if self._reports_limits:
            answer["rateLimits"] = self._core.limits.report(self._address, self._core.now())
        self._send(answer)

    # --- what happens to the account -------------------------------------------------------------------------------

    def account_event(self, account: Account, event: dict[str, Any]) -> None:
        number = self._subscriptions[account]
        payload = msgspec.json.encode({"subscriptionId": number, "event": event})
        self._socket.deliver("userData", payload, text_frame(payload))

    # --- requests --------------------------------------------------------------------------------------------------

    @staticmethod
    def _parsed(text: str) -> dict[str, Any]:
        try:
            request = _mapping(msgspec.json.decode(text))
        except (msgspec.MsgspecError, ValueError, RecursionError):
            raise _BAD_JSON from None
        if not isinstance(request.get("method"), str):
            raise _BAD_JSON
        return request

    def _perform(self, request: dict[str, Any]) -> Any:
        method: str = request["method"]
        values = {name: _text(value) for name, value in _mapping(request.get("params") or {}).items()}
        params = Params(values)
        self._reports_limits = values.get("returnRateLimits", str(self._reports_always).lower()) == "true"
        if method in (_STREAM_ACCOUNT, _STREAM_END, _SESSION_LIST):
            self._core.limits.spend(self._address, _SUBSCRIBE_WEIGHT, self._core.now())
            return self._stream_request(method, params, values)
        operation = self._operations.get(method) if method not in _REST_ONLY else None
        if operation is None:
            raise VenueRefusal(-1135, f"Unknown method: {method}")
        self._core.limits.spend(self._address, operation.weight_of(params), self._core.now())
        key: ApiKey | None = None
        if operation.security is not Security.NONE:
            key = self._authenticated(params, values)
            check_right(key, trade=operation.security is Security.TRADE)
        params.check_names({*operation.params, "apiKey", "returnRateLimits"}, signed=key is not None)
        if operation.places_order and key is not None:
            self._core.limits.count_order(key.account.name, self._core.now())
        return operation.run(Call(params, self._core.market.now, key))

    def _authenticated(self, params: Params, values: dict[str, str]) -> ApiKey:
        key = identify(self._core.market.accounts, values.get("apiKey"))
        check_time(params, self._core.now())
        check_signature(key, ws_payload(values), values.get("signature"))
        return key

    def _stream_request(self, method: str, params: Params, values: dict[str, str]) -> Any:
        if method == _SESSION_LIST:
            return [{"subscriptionId": number} for number in self._subscriptions.values()]
        if method == _STREAM_END:
            return self._end_subscriptions(params.integer("subscriptionId"))
        account = self._authenticated(params, values).account
        if account in self._subscriptions:
            raise _ALREADY
        number = self._subscriptions[account] = self._next_subscription
        self._next_subscription += 1
        self._events.join(account, self)
        return {"subscriptionId": number}

    def _end_subscriptions(self, number: int | None) -> dict[str, Any]:
        ended = [account for account, given in self._subscriptions.items() if number in (None, given)]
        if not ended:
            raise _NOT_ACTIVE
        for account in ended:
            self._events.leave(account, self)
            del self._subscriptions[account]
        return {}

    def _send(self, content: dict[str, Any]) -> None:
        self._socket.send(msgspec.json.encode(content))


def _mapping(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _BAD_JSON
    return cast("dict[str, Any]", value)


def _text(value: Any) -> str:
    """A parameter's value as it enters the string to sign."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
