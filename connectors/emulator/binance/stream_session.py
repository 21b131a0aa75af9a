"""One connection to the streams: its subscriptions and the control messages (web-socket-streams.md)."""

import asyncio
from collections import deque
from collections.abc import Collection
from typing import Any, Protocol, cast
from urllib.parse import parse_qs

import msgspec
from websockets.frames import CloseCode

from connectors.emulator.binance.core import Core
from connectors.emulator.channels import Listener
from connectors.emulator.socket import Socket

MESSAGES_A_SECOND = 5
STREAMS_A_CONNECTION = 1_024
_METHODS = ("SUBSCRIBE", "UNSUBSCRIBE", "LIST_SUBSCRIPTIONS", "SET_PROPERTY", "GET_PROPERTY")
_NOTICE = "!serverShutdown"


class _Refused(Exception):
    """A control message that is answered with an error frame."""

    def __init__(self, code: int, message: str) -> None:
        self.code, self.message = code, message
        super().__init__(message)


class JoinableStreams(Protocol):
    def join(self, name: str, listener: Listener) -> bool: ...

    def leave(self, name: str, listener: Listener) -> None: ...


class StreamSession:
    """`path` is `/ws...` or `/stream`, without what a market puts before it."""

    def __init__(
        self,
        core: Core,
        streams: JoinableStreams,
        socket: Socket,
        path: str,
        *,
        messages_a_second: int = MESSAGES_A_SECOND,
    ) -> None:
        self._core, self._streams, self._socket = core, streams, socket
        self.combined = path == "/stream"
        self._joined: dict[str, None] = {}
        self._arrivals: deque[float] = deque(maxlen=messages_a_second)
        if self.combined:
            wanted = parse_qs(socket.query).get("streams", [""])[0].split("/")
        else:
            wanted = path.removeprefix("/ws").strip("/").split("/")
        self._initial = [name for name in wanted if name]

    def begin(self) -> None:
        """Join what the URL names."""
        self._join(self._initial)

    @property
    def subscriptions(self) -> Collection[str]:
        return self._joined.keys()

    # --- what the socket tells -------------------------------------------------------------------------------------

    def on_control_frame(self) -> None:
        self._count_arrival()

    def on_text(self, text: str) -> None:
        if not self._count_arrival():
            return
        request_id: Any = None
        try:
            request = self._parsed(text)
            request_id = request.get("id")
            result = self._perform(request)
        except _Refused as refused:
            error: dict[str, Any] = {"code": refused.code, "msg": refused.message}
            if request_id is not None:
                error["id"] = request_id
            self._socket.send(msgspec.json.encode(error))
            return
        self._socket.send(msgspec.json.encode({"result": result, "id": request_id}))

    def on_closed(self) -> None:
        for name in tuple(self._joined):
            self._streams.leave(name, self)
        self._joined.clear()

    def announce_shutdown(self) -> None:
        notice: dict[str, Any] = {"e": "serverShutdown", "E": self._core.now()}
        self._socket.send(
            msgspec.json.encode({"stream": _NOTICE, "data": notice} if self.combined else notice)
        )

    # --- what the streams tell -------------------------------------------------------------------------------------

    def deliver(self, stream: str, payload: bytes, frame: bytes) -> None:
        self._socket.deliver(stream, payload, frame)

    # --- control messages ------------------------------------------------------------------------------------------

    def _count_arrival(self) -> bool:
        """Whether the connection keeps to the limit of incoming messages; who does not is cut off."""
        now = asyncio.get_running_loop().time()
        full = len(self._arrivals) == self._arrivals.maxlen
        if full and now - self._arrivals[0] < 1.0:
            self._socket.close(CloseCode.POLICY_VIOLATION, "Too many requests")
            return False
        self._arrivals.append(now)
        return True

    @staticmethod
    def _parsed(text: str) -> dict[str, Any]:
        try:
            request: Any = msgspec.json.decode(text)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise _Refused(3, f"Invalid JSON: {error}") from None
        if not isinstance(request, dict):
            raise _Refused(2, "Invalid request: expected a map")
        return cast("dict[str, Any]", request)

    def _perform(self, request: dict[str, Any]) -> Any:
        request_id, method, given = request.get("id"), request.get("method"), request.get("params", [])
        unsigned = isinstance(request_id, int) and not isinstance(request_id, bool)
        short = isinstance(request_id, str) and len(request_id) <= 36
        if not (request_id is None or unsigned or short):
            raise _Refused(2, "Invalid request: request ID must be an unsigned integer")
        if method is None:
            raise _Refused(2, "Invalid request: missing field `method`")
        if method not in _METHODS:
            expected = ", ".join(f"`{name}`" for name in _METHODS)
            raise _Refused(2, f"Invalid request: unknown variant `{method}`, expected one of {expected}")
        if not isinstance(given, list):
            raise _Refused(2, "Invalid request: params must be an array")
        params = cast("list[Any]", given)
        match method:
            case "SUBSCRIBE":
                return self._join(self._names(params))
            case "UNSUBSCRIBE":
                return self._leave(self._names(params))
            case "LIST_SUBSCRIPTIONS":
                return list(self._joined)
            case _:
                return self._property(method, params)

    @staticmethod
    def _names(params: list[Any]) -> list[str]:
        if not all(isinstance(name, str) for name in params):
            raise _Refused(2, "Invalid request: stream names must be strings")
        return params

    def _property(self, method: str, params: list[Any]) -> Any:
        wanted = 2 if method == "SET_PROPERTY" else 1
        if len(params) != wanted:
            raise _Refused(
                2, f"Invalid request: {'too many' if len(params) > wanted else 'missing'} parameters"
            )
        if not isinstance(params[0], str):
            raise _Refused(2, "Invalid request: property name must be a string")
        if params[0] != "combined":
            raise _Refused(0, "Unknown property")
        if method == "GET_PROPERTY":
            return self.combined
        if not isinstance(params[1], bool):
            raise _Refused(1, "Invalid value type: expected Boolean")
        self.combined = params[1]
        return None

    def _join(self, names: list[str]) -> None:
        if len({*self._joined, *names}) > STREAMS_A_CONNECTION:
            self._socket.close(CloseCode.POLICY_VIOLATION, "Too many streams")
            return
        for name in names:
            if name not in self._joined:
                self._joined[name] = None
                self._streams.join(name, self)

    def _leave(self, names: list[str]) -> None:
        for name in names:
            if name in self._joined:
                del self._joined[name]
                self._streams.leave(name, self)
